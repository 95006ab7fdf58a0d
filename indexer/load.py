"""The load of a new generation: all documents, by ranges of their keys.

Load batches have no pending rows, which would cost three writes for each document: a batch that
is not done puts its documents into pending then. Changes wait in pending until the load is over,
so newer always lands after older.
"""

import time
from collections.abc import Callable

from catalog.vertical import Vertical
from indexer import batches, documents, generations
from indexer.batches import Batch
from indexer.beside import Beside
from indexer.documents import Documents
from indexer.generations import Generation
from indexer.lease import Lease
from indexer.sender import BATCH_DOCUMENTS, FLIGHT_BYTES, SMALL_BATCH_DOCUMENTS, Sender

READ_AHEAD = 3
"""Documents that are read in the time in which an engine indexes one."""

FIRST_DOCUMENTS = 3_000
"""About as many as are read in the time in which an engine makes an index."""

CAREFUL_SECONDS = 1.0
"""How long after a change of the live index others are expected to follow."""


class Load:
    """Posts range after range; the next one is read while the engine works.

    It is read after the one before was posted, not beside that: on few cores the engine would have
    to wait for both. `wake` is called when one was read, so that no pause of the loop is in
    between.
    """

    def __init__(
        self, lease: Lease, sender: Sender, vertical: Vertical, wake: Callable[[], None]
    ) -> None:
        self._lease = lease
        self._sender = sender
        self._vertical = vertical
        self._reading: Beside[Documents] = Beside(wake)
        self._behind: tuple[int, str | None] | None = None  # generation and id that it reads behind
        self._limit = 0
        self._ended: int | None = None  # the generation whose last range was posted
        self._careful_until = 0.0

    async def step(self, coming: Generation, open_batches: list[Batch]) -> bool:
        """Post the range that was read, if there is room for it; whether anything was done.

        While the live index has changes on their way, only one small batch at a time is before
        them. A range that is not full is the last: what comes behind it was inserted since and
        is pending.
        """
        own = [batch for batch in open_batches if batch.generation.id == coming.id]
        if self._ended == coming.id:
            return not own and await self._finish(coming)
        open_documents = sum(batch.count for batch in own)
        careful = self._is_careful(open_batches)
        if not self._reading.busy or self._behind != (coming.id, coming.loaded_until):
            await self._reading.stop()
            self._read(coming.id, coming.loaded_until, _limit(open_documents, careful=careful))
        room = not own if careful else sum(batch.size for batch in own) < FLIGHT_BYTES
        if not (room and self._reading.done and self._sender.ready(coming)):
            return False
        ready = self._reading.take()
        if careful and len(ready.bodies) > SMALL_BATCH_DOCUMENTS:
            return True  # it was read before there were changes: read a small one
        is_last = len(ready.bodies) < self._limit and ready.size < documents.BATCH_BYTES
        if ready.bodies:
            await self._post(coming, ready)
        if is_last:
            self._ended = coming.id
        else:
            open_documents += len(ready.bodies)
            self._read(coming.id, ready.last, _limit(open_documents, careful=careful))
        return True

    async def stop(self) -> None:
        """End the reading; what was read is forgotten."""
        await self._reading.stop()

    def _is_careful(self, open_batches: list[Batch]) -> bool:
        """Whether the live index has changes on their way, or had some a moment ago."""
        if any(batch.generation.state == "live" for batch in open_batches):
            self._careful_until = time.monotonic() + CAREFUL_SECONDS
        return time.monotonic() < self._careful_until

    def _read(self, generation: int, after: str | None, limit: int) -> None:
        self._reading.start(
            documents.read_range(self._lease.pool, self._vertical, after or "", limit)
        )
        self._behind = (generation, after)
        self._limit = limit

    async def _post(self, coming: Generation, ready: Documents) -> None:
        async with self._lease.transaction() as db:
            batch = await batches.insert(
                db, self._lease.epoch, coming, "upsert", list(ready.bodies), ready.size
            )
            await generations.change(
                db,
                coming.id,
                loaded_until=ready.last,
                documents=coming.documents + len(ready.bodies),
            )
        await self._sender.post_documents(coming, batch, ready)

    async def _finish(self, coming: Generation) -> bool:
        async with self._lease.transaction() as db:
            await generations.change(db, coming.id, state="draining")
        return True


def _limit(open_documents: int, *, careful: bool) -> int:
    """How many documents to read while the engine is at the open ones: so that it never waits."""
    if careful:
        return SMALL_BATCH_DOCUMENTS
    return min(max(READ_AHEAD * open_documents, FIRST_DOCUMENTS), BATCH_DOCUMENTS)
