"""From pending to done: batches are committed, posted, and looked after until their task ended."""

import logging
import time
from dataclasses import replace
from typing import Any

import orjson

from catalog.vertical import Vertical
from engine.client import Engine, EngineError
from indexer import batches, documents, failures, rewound, tasks
from indexer.batches import Batch
from indexer.documents import Documents
from indexer.generations import Generation
from indexer.late import Late
from indexer.lease import Lease

log = logging.getLogger(__name__)

BATCH_DOCUMENTS = 10_000
SMALL_BATCH_DOCUMENTS = 1_000
"""What others wait for at most, where others wait: the engine does one task at a time."""

OPEN_BATCHES = 3
FLIGHT_BYTES = 3 * documents.BATCH_BYTES
LINGER_SECONDS = 0.1
"""How long after a batch the next one waits to be full: changes of one document fold into one."""

POST_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


class Sender:
    """Sends one vertical's pending documents to its generations.

    Everything it needs to know is in Postgres; here are only the pauses after trouble.
    """

    def __init__(self, lease: Lease, engine: Engine, sending: Engine, vertical: Vertical) -> None:
        self.version: int | None = None  # of the live index, when this process raised it
        self._lease = lease
        self._engine = engine
        self._sending = sending
        self._vertical = vertical
        self.troubles: dict[int, tuple[int, str]] = {}  # tasks that failed one after the other
        self._not_before: dict[int, float] = {}
        self._linger_until: dict[int, float] = {}
        self._late = Late(lease, engine, sending, vertical)

    async def settle(self, generations: list[Generation]) -> list[Batch]:
        """Look what became of the open batches; those that are still open."""
        open_batches = await batches.in_flight(self._lease.pool, generations)
        lost = [batch for batch in open_batches if batch.task_uid is None]
        if lost:
            await self._recover(lost)
            return await batches.in_flight(self._lease.pool, generations)
        await self._late.step(generations)
        found = await self._tasks(generations, open_batches)
        done: list[Batch] = []
        still_open: list[Batch] = []
        for batch in open_batches:
            task = tasks.of(batch, found)
            if task is not None and not tasks.ended(task):
                still_open.append(batch)
            elif task is not None and task["status"] == "succeeded":
                done.append(replace(batch, task_at=task["enqueuedAt"]))
            else:
                await self._failed(batch, task)
        if done:
            await self._succeeded(done)
        return still_open

    async def send(self, generations: list[Generation], open_batches: list[Batch]) -> int:
        """Post what waits and has room, the live index's first; how many documents were posted."""
        if any(generation.state == "swapping" for generation in generations):
            return 0
        live_busy = any(batch.generation.state == "live" for batch in open_batches)
        sent = 0
        for generation in generations:
            if generation.state == "loading" or not self.ready(generation):
                continue
            if generation.state == "old" and (sent or open_batches):
                continue
            careful = generation.state != "live" and live_busy
            own = [batch for batch in open_batches if batch.generation.id == generation.id]
            posted = await self._send_one(generation, own, careful=careful)
            live_busy = live_busy or (generation.state == "live" and posted > 0)
            sent += posted
        return sent

    @property
    def lingers(self) -> bool:
        """Whether documents may wait for their batch to be full."""
        return time.monotonic() < max(self._linger_until.values(), default=0.0)

    def ready(self, generation: Generation) -> bool:
        """Its index is made, and no pause after trouble is running."""
        after = self._not_before.get(generation.id, 0.0)
        return generation.engine_created_at is not None and time.monotonic() >= after

    async def _send_one(self, generation: Generation, own: list[Batch], *, careful: bool) -> int:
        """Post the next batch of one generation; `careful` is with the live one's in mind."""
        suspects = await self._suspects(generation)
        room = 1 if suspects or careful else OPEN_BATCHES
        if len(own) >= room or sum(batch.size for batch in own) >= FLIGHT_BYTES:
            return 0
        if suspects:
            await failures.allow(self._lease.pool, generation)
            touched = suspects
        else:
            limit = SMALL_BATCH_DOCUMENTS if careful else BATCH_DOCUMENTS
            touched = await self._waiting(generation, limit, own)
        if not touched:
            return 0
        self._linger_until[generation.id] = time.monotonic() + LINGER_SECONDS
        return await self._post_all(generation, touched)

    async def _suspects(self, generation: Generation) -> dict[str, int]:
        """The next group of suspects, {document: touched}; they may be on their way already."""
        rows = await self._lease.pool.fetch(
            "SELECT document, touched FROM pending WHERE generation_id = $1 AND suspect ="
            " (SELECT min(suspect) FROM pending WHERE generation_id = $1 AND suspect IS NOT NULL)"
            " ORDER BY document LIMIT (SELECT min(suspect) FROM pending"
            " WHERE generation_id = $1 AND suspect IS NOT NULL)",
            generation.id,
        )
        return {row["document"]: row["touched"] for row in rows}

    async def _waiting(
        self, generation: Generation, limit: int, own: list[Batch]
    ) -> dict[str, int]:
        """The documents to send next, {document: touched}.

        Those of a change that touched very many come last, at most 1,000 of them on their way. A
        batch that is not full waits a moment after the one before.
        """
        rows = await self._lease.pool.fetch(
            "SELECT document, touched, bulk FROM pending"
            " WHERE generation_id = $1 AND batch_id IS NULL AND suspect IS NULL"
            " ORDER BY bulk, since LIMIT $2",
            generation.id,
            limit,
        )
        chosen = [row for row in rows if not row["bulk"]]
        if len(chosen) < len(rows) and not await self._bulk_on_its_way(own):
            chosen = rows[: len(chosen) + SMALL_BATCH_DOCUMENTS]
        elif len(chosen) < limit and time.monotonic() < self._linger_until.get(generation.id, 0.0):
            return {}
        return {row["document"]: row["touched"] for row in chosen}

    async def _bulk_on_its_way(self, own: list[Batch]) -> bool:
        return bool(
            await self._lease.pool.fetchval(
                "SELECT EXISTS (SELECT FROM pending WHERE batch_id = ANY ($1::bigint[]) AND bulk)",
                [batch.id for batch in own],
            )
        )

    async def _post_all(self, generation: Generation, touched: dict[str, int]) -> int:
        """Post what is there of these documents, and the deletion of what is gone."""
        ready = await documents.read(self._lease.pool, self._vertical, list(touched))
        if ready.bodies:
            some = {document: touched[document] for document in ready.bodies}
            batch = await batches.make(self._lease, generation, "upsert", some, ready.size)
            await self.post_documents(generation, batch, ready)
        if ready.gone:
            some = {document: touched[document] for document in ready.gone}
            batch = await batches.make(self._lease, generation, "delete", some, 0)
            body = orjson.dumps(ready.gone)
            await self._post(
                generation, batch, len(some), "documents/delete-batch", body, "application/json"
            )
        return len(ready.bodies) + len(ready.gone)

    async def post_documents(self, generation: Generation, batch: int, ready: Documents) -> None:
        """Post the bodies of a committed batch."""
        body, count = ready.ndjson(), len(ready.bodies)
        await self._post(generation, batch, count, "documents", body, "application/x-ndjson")

    async def _post(
        self,
        generation: Generation,
        batch: int,
        count: int,
        route: str,
        body: bytes,
        content_type: str,
    ) -> None:
        """Post one batch. A lost answer leaves it open without a task, for `settle` to look."""
        self._lease.check()
        try:
            answer = await self._sending.call(
                "POST",
                f"/indexes/{generation.index_uid}/{route}",
                params={"customMetadata": generation.metadata(batch)},
                data=body,
                content_type=content_type,
                timeout=POST_SECONDS,
            )
        except EngineError as error:
            if error.temporary:
                raise
            refused = Batch(batch, generation, "open", -1, None, count, len(body))
            blame = {"type": "invalid_request", "code": error.code, "message": error.message}
            await self._failed(refused, {"status": "failed", "error": blame})
        else:
            await batches.accepted(self._lease, batch, answer["taskUid"])

    async def _recover(self, lost: list[Batch]) -> None:
        """Find the tasks of batches whose answer was lost; give up those that have none."""
        found = await tasks.search(self._sending, lost)
        for batch in lost:
            if batch.id in found:
                await batches.accepted(self._lease, batch.id, found[batch.id]["uid"])
            else:
                log.info("Batch %d did not arrive; its documents are sent again.", batch.id)
                await batches.give_up(self._lease, batch)

    async def _tasks(
        self, generations: list[Generation], open_batches: list[Batch]
    ) -> dict[int, dict[str, Any]]:
        """The tasks of these batches by number, from an engine that was not put back meanwhile.

        The last task that was done is asked for with them: what succeeded after it may only be
        forgotten while that one is there.
        """
        uids = [batch.task_uid for batch in open_batches if batch.task_uid is not None]
        if not uids:
            return {}
        last = rewound.last_done(generations)
        also = [] if last is None else [last.last_task]
        found = await tasks.numbered(self._sending, uids + also)
        if last is not None and not rewound.shows(found, last):
            await rewound.look(self._lease, self._engine, generations)
        return found

    async def _succeeded(self, done: list[Batch]) -> None:
        raised = await batches.succeeded(self._lease, done)
        self.version = raised if raised is not None else self.version
        for batch in done:
            self.troubles.pop(batch.generation.id, None)

    async def _failed(self, batch: Batch, task: dict[str, Any] | None) -> None:
        """Its documents wait again: as suspects where one of them is to blame."""
        error = (task or {}).get("error") or {}
        message = str(error.get("message") or (task or {}).get("status") or "its task is gone")
        if failures.blames_documents(error):
            await failures.single_out(self._lease, batch, message)
            return
        await batches.give_back(self._lease, batch)
        generation = batch.generation.id
        count, _ = self.troubles.get(generation, (0, ""))
        self.troubles[generation] = (count + 1, message)
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(count, 10))
        self._not_before[generation] = time.monotonic() + pause
        log.warning("Batch %d failed (%s); sent again in %g s.", batch.id, message, pause)
