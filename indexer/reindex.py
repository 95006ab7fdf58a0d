"""A reindex: a new generation is made, loaded, drained, compared with the truth and swapped in.

Every step can be repeated after a crash: what was reached stands in the generation's row.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg

from catalog.sync import COMING
from catalog.vertical import Vertical
from engine.client import Engine, EngineError
from indexer import documents, emptied, failures, generations, indexes, requests, settings, verify
from indexer.batches import Batch
from indexer.beside import Beside
from indexer.documents import TooLong, ViewIsWrong
from indexer.failures import TooManyDeadLetters
from indexer.generations import Generation
from indexer.indexes import TaskFailed
from indexer.lease import Lease
from indexer.load import Load
from indexer.sender import Sender
from indexer.settings import Wanted
from indexer.swap import swap

log = logging.getLogger(__name__)

Judge: TypeAlias = Callable[[asyncpg.Pool, Engine, Vertical], Awaitable[str | None]]

NEARLY_DRAINED = 1_000
GATE_ROUNDS = 3
TASKS_FAILED = 10
"""A new index is given up after so many failed tasks, one after the other (about four minutes)."""

LOOK_SECONDS = 0.25
EXAMPLES = 5


class Reindex:
    """Brings one vertical's coming generation on its way, a step at a time."""

    def __init__(
        self,
        lease: Lease,
        engine: Engine,
        vertical: Vertical,
        wanted: Wanted,
        sender: Sender,
        keep: timedelta,
        wake: Callable[[], None],
    ) -> None:
        self.version: int | None = None
        self.waits_for: str | None = None
        self._lease = lease
        self._engine = engine
        self._vertical = vertical
        self._wanted = wanted
        self._keep = keep
        self._sender = sender
        self._load = Load(lease, sender, vertical, wake)
        self._work: Beside[bool] = Beside(wake)
        self._rounds = 0
        self._found: str | None = None  # by the last comparison
        self._equal: int | None = None  # the generation that was found equal
        self._viewed: int | None = None  # the generation before which the view was looked at
        self._look_after = 0.0

    async def begin(self, job_id: int | None) -> None:
        """Insert the row of a new generation: from here on it gets every change."""
        async with self._lease.transaction() as db:
            view = await generations.view_digest(db, self._vertical)
            coming = await generations.begin(db, self._vertical, view, self._wanted.digest, job_id)
        self._rounds, self._found = 0, None
        log.info("Building %s: %d documents.", coming.index_uid, coming.total or 0)

    async def step(self, followed: list[Generation], open_batches: list[Batch]) -> bool:
        """Do what is next for the coming generation; whether that was something."""
        coming = next((each for each in followed if each.state in COMING), None)
        if coming is None:
            return False
        if self._work.busy:
            return self._work.done and self._work.take()
        failed, message = self._sender.troubles.get(coming.id, (0, ""))
        if failed >= TASKS_FAILED and not coming.comes_back:
            return await self._give_up(coming, f"{failed} tasks failed, the last one: {message}")
        if coming.engine_created_at is None:
            await self._load.step(coming, open_batches)  # reads the first range meanwhile
            create = self._or_give_up(coming, self._create)
            self._start("the search server to make the index", create)
        elif coming.state == "loading":
            self.waits_for = (
                f"another attempt; {failed} tasks failed: {message}" if failed else None
            )
            return await self._load.step(coming, open_batches)
        elif coming.state == "draining":
            if await self._drained(followed, coming):
                # One that comes back was compared when it came, and has been followed since.
                if coming.comes_back or self._equal == coming.id:
                    return await self._let_pass(coming)
                gate = self._or_give_up(coming, self._gate)
                self._start("the comparison with the truth", gate)
        else:
            await self._swap_when_closed(coming, open_batches)
        return False

    async def stop(self) -> None:
        """End what runs beside the steps."""
        await self._load.stop()
        await self._work.stop()

    def _start(self, what: str, work: Coroutine[Any, Any, bool]) -> None:
        """Run what takes long beside the steps, so that changes do not wait for it."""
        self.waits_for = what
        self._work.start(work)

    async def _or_give_up(
        self, coming: Generation, work: Callable[[Generation], Awaitable[bool]]
    ) -> bool:
        """Do what reads all documents; what would only end in the same way again fails it."""
        try:
            return await work(coming)
        except (ViewIsWrong, TooLong) as error:
            return await self._give_up(coming, str(error))

    async def _give_up(self, coming: Generation, reason: str, *, refused: bool = False) -> bool:
        log.warning("%s is given up: %s", coming.index_uid, reason)
        async with self._lease.transaction() as db:
            await generations.give_up(db, coming.id, "failed", reason)
            await generations.change(db, coming.id, refused=refused)
        return True

    async def _refuse(self, coming: Generation, judge: Judge) -> bool:
        """Give it up if the table looks emptied and nobody said that this is meant; whether it was.

        It is asked at the start by the counts, to spare the load, and before the swap by the ids.
        """
        pool = self._lease.pool
        if await requests.allows_fewer(pool, coming.id):
            return False
        reason = await judge(pool, self._engine, self._vertical)
        if reason is None:
            return False
        return await self._give_up(coming, reason, refused=True)

    async def _create(self, coming: Generation) -> bool:
        """Make its index; no task of its batches is older than that.

        The view is looked at once before, to spare the load, however often the engine is asked.
        """
        if self._viewed != coming.id:
            await documents.check_view(self._lease.pool, self._vertical)
            self._viewed = coming.id
        if await self._refuse(coming, emptied.refusal):
            return True
        try:
            made, task = await indexes.create(self._engine, coming.index_uid, self._wanted.values)
        except (TaskFailed, EngineError) as error:
            return await self._settings_refused(coming, error)
        async with self._lease.transaction() as db:
            await generations.change(db, coming.id, engine_created_at=made)
            await generations.done(db, coming.id, task["uid"], task["enqueuedAt"])
        return True

    async def _settings_refused(self, coming: Generation, error: TaskFailed | EngineError) -> bool:
        """Settings that the engine refuses fail the generation; raises what is temporary."""
        if isinstance(error, EngineError) and error.temporary:
            raise error
        return await self._give_up(coming, str(error))

    async def _drained(self, followed: list[Generation], coming: Generation) -> bool:
        """Whether it is nearly as far as the live one: what is left is what changes now.

        What is on its way has ended before the swap, so that it counts for neither.
        """
        if time.monotonic() < self._look_after:
            return False
        self._look_after = time.monotonic() + LOOK_SECONDS
        try:
            await failures.allow(self._lease.pool, coming)
        except TooManyDeadLetters as error:
            await self._give_up(coming, str(error))
            return False
        waiting = await self._lease.pool.fetch(
            "SELECT generation_id, count(*) FILTER (WHERE batch_id IS NULL) AS documents,"
            " count(suspect) AS suspects FROM pending WHERE generation_id = ANY ($1::bigint[])"
            " GROUP BY generation_id",
            [each.id for each in followed if each.state in ("live", "draining")],
        )
        counts = {row["generation_id"]: row["documents"] for row in waiting}
        suspects = any(row["suspects"] for row in waiting if row["generation_id"] == coming.id)
        live = sum(count for each, count in counts.items() if each != coming.id)
        left = counts.get(coming.id, 0)
        found = f"; the last comparison found: {self._found}" if self._found else ""
        self.waits_for = f"{left:,} documents to be sent{found}"
        return not suspects and left <= live + NEARLY_DRAINED

    async def _gate(self, coming: Generation) -> bool:
        """Whether it is as the truth is; else send what differs, else give it up.

        It has fallen behind, perhaps, while it was compared.
        """
        await documents.check_view(self._lease.pool, self._vertical)
        if await self._refuse(coming, emptied.refusal_by_ids):
            return True
        try:
            await self._tune(coming)
        except (TaskFailed, EngineError) as error:
            return await self._settings_refused(coming, error)
        faults = await self._faults(coming)
        differing = await self._differing(coming)
        if not faults and not differing:
            self._equal, self._look_after = coming.id, 0.0
            return True
        self._rounds += 1
        if differing:
            some = ", ".join(list(differing)[:EXAMPLES])
            faults.append(f"{len(differing)} documents differ: {some}")
        self._found = reasons = "; ".join(faults)
        log.warning("%s is not ready: %s.", coming.index_uid, reasons)
        async with self._lease.transaction() as db:
            if self._rounds >= GATE_ROUNDS:
                await generations.give_up(db, coming.id, "failed", reasons)
            else:
                await self._send_again(db, coming, list(differing))
        return True

    async def _let_pass(self, coming: Generation) -> bool:
        async with self._lease.transaction() as db:
            await generations.change(db, coming.id, state="swapping")
        return True

    async def _swap_when_closed(self, coming: Generation, open_batches: list[Batch]) -> None:
        """Nothing is sent any more; the swap comes when what was sent before has ended."""
        still_open = sum(batch.generation.state != "old" for batch in open_batches)
        if still_open:
            self.waits_for = f"{still_open} batches to end before the swap"
        else:
            self._start("the swap", self._swap(coming))

    async def _swap(self, coming: Generation) -> bool:
        """Swap it in; an index that the engine has lost meanwhile fails the generation.

        A live name that is lost is made anew: the engine swaps only what is there.
        """
        held = (coming.index_uid, self._vertical.index)
        shown = [await indexes.created_at(self._engine, each) for each in held]
        if coming.engine_created_at not in shown:
            reason = f"The search server has lost the index {coming.index_uid}."
            return await self._give_up(coming, reason)
        await indexes.ensure(self._engine, self._vertical.index, self._wanted.values)
        number = await swap(self._lease, self._engine, self._vertical, coming, self._keep)
        self.version = number or self.version
        return True

    async def _tune(self, coming: Generation) -> None:
        """Change in place what the file says by now: it may be read again after an index is made.

        The live one has it already. Raises TaskFailed and EngineError.
        """
        uid, wanted = coming.index_uid, self._wanted.values
        changes = settings.changes(
            wanted, await self._engine.call("GET", f"/indexes/{uid}/settings")
        )
        if names := [each.name for each in changes if each.in_place]:
            await indexes.change_settings(self._engine, uid, settings.update(wanted, names))

    async def _faults(self, coming: Generation) -> list[str]:
        """What is wrong with the index as a whole."""
        actual = await self._engine.call("GET", f"/indexes/{coming.index_uid}/settings")
        faults = [
            f"the setting {name} is not as wanted"
            for name in settings.differences(self._wanted.values, actual)
        ]
        created = await indexes.created_at(self._engine, coming.index_uid)
        if created != coming.engine_created_at:
            faults.append("the index is not the one that was made")
        return faults

    async def _differing(self, coming: Generation) -> dict[str, verify.Difference]:
        pool, uid = self._lease.pool, coming.index_uid
        found = await verify.compare(pool, self._engine, self._vertical, uid)
        return await verify.wait_until_equal(
            pool, self._engine, self._vertical, uid, coming.id, found.differing
        )

    async def _send_again(self, db: Any, coming: Generation, ids: list[str]) -> None:
        await db.execute(
            "INSERT INTO pending (generation_id, document, since)"
            " SELECT $1, unnest($2::text[]), clock_timestamp()"
            " ON CONFLICT (generation_id, document) DO UPDATE SET touched = pending.touched + 1",
            coming.id,
            ids,
        )
