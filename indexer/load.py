"""The load of a new generation: all documents, by ranges of their keys.

Load batches have no pending rows, which would cost three writes for each document: a batch that
is not done puts its documents into pending then. Changes wait in pending until the load is over,
so newer always lands after older.
"""

from catalog.vertical import Vertical
from indexer import batches, documents, generations
from indexer.batches import Batch
from indexer.generations import Generation
from indexer.lease import Lease
from indexer.sender import BATCH_DOCUMENTS, OPEN_BATCHES, SMALL_BATCH_DOCUMENTS, Sender


async def load(
    lease: Lease,
    sender: Sender,
    vertical: Vertical,
    coming: Generation,
    open_batches: list[Batch],
) -> bool:
    """Post the next range, if there is room for it; whether anything was done.

    While the live index has changes on their way, only one small batch at a time is before them.
    The first batch is small too: the engine works while the next one is read.
    """
    own = sum(batch.generation.id == coming.id for batch in open_batches)
    careful = any(batch.generation.state == "live" for batch in open_batches)
    if not sender.ready(coming) or own >= (1 if careful else OPEN_BATCHES):
        return False
    limit = SMALL_BATCH_DOCUMENTS if careful or not own else BATCH_DOCUMENTS
    ready = await documents.read_range(lease.pool, vertical, coming.loaded_until or "", limit)
    if not ready.bodies:
        return not own and await _finish(lease, coming)
    async with lease.transaction() as db:
        batch = await batches.insert(
            db, lease.epoch, coming, "upsert", list(ready.bodies), ready.size
        )
        await generations.change(
            db,
            coming.id,
            loaded_until=next(reversed(ready.bodies)),
            documents=coming.documents + len(ready.bodies),
        )
    await sender.post_documents(coming, batch, ready)
    return True


async def _finish(lease: Lease, coming: Generation) -> bool:
    async with lease.transaction() as db:
        await generations.change(db, coming.id, state="draining")
    return True
