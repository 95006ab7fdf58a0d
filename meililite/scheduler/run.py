"""The loop that runs tasks: start a batch, have it done, let readers open it, then say so.

A task is `succeeded` only after every reader has the version that holds it. Names, versions and the
ends of tasks change in one transaction, so that a kill at any moment leaves either all or nothing
of a batch; what was not finished runs again at the next start, with the same result.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import uuid
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.index.segment import DamagedError
from meililite.index.tiers import first_to_merge
from meililite.index.versions import newest_version, read_manifest
from meililite.processes.fleet import Fleet
from meililite.registry import indexes as index_rows
from meililite.registry import tasks
from meililite.registry.database import Database
from meililite.registry.indexes import Index, Indexes, not_found
from meililite.registry.moments import now
from meililite.registry.tasks import Outcome, Task
from meililite.scheduler.batching import Batch, together
from meililite.scheduler.merges import Merged, Merges
from meililite.scheduler.plain import PLAIN, URGENT, Effect
from meililite.scheduler.warming import rest, warm

log = logging.getLogger("meililite")

_LOOK_AHEAD = 1000  # tasks of one index that are considered for a batch
# Tasks that only make the writer open an index. There is nothing to compact: it does so all along.
_WITHOUT_CONTENT = ("indexCreation", "indexCompaction")
_RETRY_PAUSE = 0.1  # seconds, doubled at each attempt
_LONGEST_PAUSE = 10.0
_ATTEMPTS = 5
# A version with so many changed documents is open in 10 to 20 ms, with 100,000 in the index.
_FEW = 256


class Scheduler:
    """Runs accepted tasks until it is cancelled."""

    def __init__(self, database: Database, indexes: Indexes, fleet: Fleet, contents: Path) -> None:
        """`contents` holds one folder for each index uuid."""
        self._database = database
        self._indexes = indexes
        self._fleet = fleet
        self._contents = contents
        self._wake = asyncio.Event()
        self._merges = Merges(fleet, self.wake)
        self._unplanned: dict[str, None] = {}  # uuids of indexes that may want a merge, in order
        self.busy_index: str | None = None
        self._written: frozenset[int] = frozenset()  # the tasks that the writer is at
        self._stopping: asyncio.Task[None] | None = None
        self._given_up: Exception | None = None  # why the next batch is not tried any more

    async def recover(self) -> None:
        """Put right what a kill left: unfinished tasks wait again.

        The writer may have committed a version just before the kill that no name points at yet; it
        is taken over, and the tasks that made it run again, with the same result.
        """
        changing = set(await self._database.write(tasks.recover))
        ahead = {index.uid for index in self._indexes.values() if self._is_ahead(index)}
        for uid in changing | ahead:
            if (index := self._indexes.get(uid)) is not None:
                answer = await self._write(self._job(index, []))
                changes = {uid: _after(index, answer)}
                await self._database.write(partial(index_rows.store, changes=changes))
                self._indexes.show(self._indexes.changed(changes))
        wanting = (index.uuid for index in self._indexes.values() if self._wants_merge(index))
        self._unplanned = dict.fromkeys(wanting)
        self._wake.set()

    def _is_ahead(self, index: Index) -> bool:
        """Whether there may be a version of the index that its name does not point at."""
        return newest_version(self._contents / index.uuid) > index.version

    def _wants_merge(self, index: Index) -> bool:
        try:
            sizes = read_manifest(self._contents / index.uuid, index.version).sizes
            return first_to_merge(sizes, whole=True) is not None
        except (FileNotFoundError, DamagedError):
            return False  # whoever reads it is told

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def stop(self, uids: Collection[int]) -> None:
        """Stop what the writer is at if one of these tasks is in it: they are to be canceled."""
        if not self._written.isdisjoint(uids):
            self._written = frozenset()
            self._stopping = asyncio.create_task(self._ask_for("stop"))

    async def run(self) -> None:
        try:
            await self._run_all()
        finally:
            self._merges.close()

    async def _run_all(self) -> None:
        failures = 0
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if failures:
                    await self.recover()
                while await self._step():
                    failures = 0
            except Exception as error:
                # A full disk, say: nothing of the batch is finished, and it is tried again.
                failures += 1
                log.exception("A batch of tasks could not be run (attempt %d).", failures)
                await asyncio.sleep(min(_RETRY_PAUSE * 2**failures, _LONGEST_PAUSE))
                self._given_up = error if failures >= _ATTEMPTS else None
                self._wake.set()

    async def _step(self) -> bool:
        """Take over a merge, or run the next batch; False when there is none."""
        if (merged := self._merges.take()) is not None:
            await self._adopt(merged)
            return True
        for kind in URGENT:
            if task := tasks.waiting_of_type(self._database, kind):
                await self._run_urgent(task)
                return True
        oldest = tasks.waiting(self._database, 1)
        if not oldest:
            return await self._plan_merge()
        batch = self._batch(oldest[0])
        if self._given_up is None:
            await self._run(batch)
        else:
            await self._fail(batch, self._given_up)
        await self._plan_merge()
        return True

    async def _plan_merge(self) -> bool:
        """Start a merge in the next index that may want one; False when none is left to look at."""
        uuid = next(filter(self._merges.may_start, self._unplanned), None)
        if uuid is None:
            return False
        del self._unplanned[uuid]
        if (index := self._index_of(uuid)) is not None:
            busy = bool(tasks.waiting(self._database, 1, index.uid))
            try:
                names, oldest = orjson.loads(await self._fleet.writer.call("plan", uuid, busy))
            except (ApiError, RuntimeError) as error:
                log.warning("The index %s cannot be merged: %s", uuid, error)
            else:
                if names:
                    self._merges.start(uuid, names, oldest=oldest)
                elif busy:
                    self._unplanned[uuid] = None  # it may want more when nothing waits
                else:
                    self._merges.settled(uuid)
        return True

    def _index_of(self, uuid: str) -> Index | None:
        return next((index for index in self._indexes.values() if index.uuid == uuid), None)

    async def _adopt(self, merged: Merged) -> None:
        """Let searches read the merged segment instead of those that it was made of."""
        index = self._index_of(merged.uuid)
        if index is None:
            return  # it was deleted meanwhile
        try:
            answer = await self._fleet.writer.call("adopt", index.uuid, merged.names, merged.path)
        except (ApiError, RuntimeError) as error:
            self._merges.failed(merged.uuid, merged.names, error)
            raise
        index = replace(index, version=orjson.loads(answer))
        await self._fleet.readers.each("open", index.uuid, index.version)
        changes = {index.uid: index}
        await self._database.write(partial(index_rows.store, changes=changes))
        self._indexes.show(self._indexes.changed(changes))
        await self._let_go(index)

    async def _let_go(self, index: Index) -> None:
        """Close the versions before this one, and free their disk space."""
        await self._fleet.readers.each("close", index.uuid, index.version)
        await self._ask_for("release", index.uuid, [index.version])
        self._unplanned[index.uuid] = None

    async def _fail(self, batch: Batch, fault: Exception) -> None:
        """End tasks that could not be run, so that those behind them are."""
        number = await self._start(batch)
        error = ApiError("internal", f"{type(fault).__name__}: {fault}")
        outcomes = [tasks.failed(task, error) for task in batch.tasks]
        await self._finish(number, outcomes, Effect(outcomes[0]))
        self._given_up = None

    def _batch(self, oldest: Task) -> Batch:
        if oldest.index_uid is None:
            return together([oldest], None)
        found = tasks.waiting(self._database, _LOOK_AHEAD, oldest.index_uid)
        if (renaming := tasks.renaming(self._database, oldest.index_uid)) is not None:
            found = [*(task for task in found if task.uid < renaming.uid), renaming]
        return together(found, self._indexes.get(oldest.index_uid))

    async def _run_urgent(self, task: Task) -> None:
        batch = await self._start(Batch([task], "task changes other tasks"))

        def work(connection: sqlite3.Connection) -> list[str]:
            outcome, files = URGENT[task.type](task, connection)
            tasks.finish(connection, batch, [outcome])
            return files

        _drop_files(await self._database.write(work))

    async def _start(self, batch: Batch) -> int:
        uids = [task.uid for task in batch.tasks]
        number, _ = await self._database.write(
            lambda connection: tasks.start(connection, uids, batch.strategy), durable=False
        )
        return number

    async def _run(self, batch: Batch) -> None:
        number = await self._start(batch)
        self.busy_index = batch.tasks[0].index_uid
        try:
            if batch.tasks[0].type in PLAIN:
                await self._run_plain(number, batch.tasks[0])
            else:
                await self._run_content(number, batch.tasks)
        finally:
            self.busy_index = None

    async def _run_plain(self, number: int, task: Task) -> None:
        try:
            effect = PLAIN[task.type](task, self._indexes)
        except ApiError as error:
            effect = Effect(tasks.failed(task, error))
        before = dict(self._indexes)
        await warm(self._fleet.readers, before, effect.indexes)
        await self._finish(number, [effect.outcome], effect)
        await rest(self._fleet.readers, before, effect.indexes)
        for removed in effect.removed:
            self._merges.stop(removed)
            await self._fleet.readers.each("close", removed, None)
            await self._ask_for("drop", removed)

    async def _run_content(self, number: int, batch: list[Task]) -> None:
        """Tasks that change what is in an index."""
        uid = batch[0].index_uid or ""
        try:
            index = self._index_for(batch[0], uid)
            job = self._job(index, batch)
            self._written = frozenset(task.uid for task in batch)
            answer = await self._write(job)
        except ApiError as error:
            outcomes = [tasks.failed(task, error) for task in batch]
            await self._finish(number, outcomes, Effect(outcomes[0]))
            _drop_files([task.payload_file for task in batch if task.payload_file])
            return
        finally:
            self._written = frozenset()
        if "stopped" in answer:
            await self._database.write(partial(tasks.put_back, batch=number))
            return
        index = _after(index, answer)
        few = _changed(answer["ends"]) <= _FEW
        await self._fleet.readers.each("open", index.uuid, index.version, together=few)
        outcomes = [_outcome(task, end) for task, end in zip(batch, answer["ends"], strict=True)]
        await self._finish(number, outcomes, Effect(outcomes[0], {uid: index}))
        await self._let_go(index)
        _drop_files([task.payload_file for task in batch if task.payload_file])

    def _index_for(self, task: Task, uid: str) -> Index:
        index = self._indexes.get(uid)
        if task.type == "indexCreation":
            if index is not None:
                raise ApiError("index_already_exists", f"Index `{uid}` already exists.")
            return _new_index(uid, task.arguments["primaryKey"])
        if index is None:
            if not task.arguments.get("createIndex"):
                raise not_found(uid)
            return _new_index(uid, None)
        return index

    def _job(self, index: Index, batch: list[Task]) -> dict[str, Any]:
        return {
            "uuid": index.uuid,
            "uid": index.uid,
            "primaryKey": index.primary_key,
            "tasks": [
                {
                    "uid": task.uid,
                    "enqueuedAt": task.enqueued_at,
                    "type": task.type,
                    "arguments": task.arguments,
                    "payloadFile": task.payload_file,
                    "payload": tasks.payload(self._database, task.uid).decode()
                    if task.size
                    else None,
                }
                for task in batch
                if task.type not in _WITHOUT_CONTENT
            ],
        }

    async def _write(self, job: dict[str, Any]) -> dict[str, Any]:
        """Have the writer do it; ApiError when that is at fault."""
        try:
            answer: dict[str, Any] = orjson.loads(await self._fleet.writer.call("run", job))
        except RuntimeError as error:
            raise ApiError("internal", f"Index `{job['uid']}`: {error}") from error
        if not job["tasks"]:
            answer["ends"] = [{"details": {}}]
        return answer

    async def _finish(self, number: int, outcomes: list[Outcome], effect: Effect) -> None:
        before, after = dict(self._indexes), self._indexes.changed(effect.indexes)

        def work(connection: sqlite3.Connection) -> None:
            if effect.work is not None:
                effect.work(connection)
            index_rows.store(connection, effect.indexes)
            tasks.finish(connection, number, outcomes)
            # Before the commit: who sees the task as finished must see what it did.
            self._indexes.show(after)
            self.busy_index = None

        try:
            await self._database.write(work)
        except Exception:
            self._indexes.show(before)
            raise

    async def _ask_for(self, operation: str, *arguments: Any) -> None:
        """Ask the writer for what need not succeed: old files are left for the next start, say."""
        try:
            await self._fleet.writer.call(operation, *arguments)
        except (ApiError, RuntimeError) as error:
            log.warning("The writer could not %s %s: %s", operation, arguments, error)


def _changed(ends: list[dict[str, Any]]) -> int:
    """How many documents tasks changed, as they tell it themselves."""
    counts = (count for end in ends for count in end.get("details", {}).values())
    return sum(counts)


def _drop_files(names: list[str]) -> None:
    for name in names:
        Path(name).unlink(missing_ok=True)


def _new_index(uid: str, primary_key: str | None) -> Index:
    moment = now()
    return Index(uid, str(uuid.uuid4()), primary_key, moment, moment, 0)


def _after(index: Index, answer: dict[str, Any]) -> Index:
    changed = answer["version"] != index.version
    return replace(
        index,
        primary_key=answer["primaryKey"],
        version=answer["version"],
        settings=answer["settings"],
        stats=answer["stats"],
        updated_at=now() if changed else index.updated_at,
    )


def _outcome(task: Task, end: dict[str, Any]) -> Outcome:
    if "error" in end:
        return tasks.failed(task, ApiError(*end["error"]))
    return tasks.succeeded(task, **end["details"])
