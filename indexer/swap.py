"""The swap: the coming index takes the live name. Decided by `createdAt`, not by an answer.

The engine can run one swap twice when it is killed within it, and a repeated request would undo
the first. `createdAt` moves with an index's content: it tells which content has the live name.
"""

import logging
from datetime import timedelta

from catalog.vertical import Vertical
from engine import version
from engine.client import Engine
from indexer import generations, indexes
from indexer.generations import Generation
from indexer.indexes import TaskFailed
from indexer.lease import Lease

log = logging.getLogger(__name__)

SWAP_SECONDS = 300.0


async def swap(
    lease: Lease, engine: Engine, vertical: Vertical, coming: Generation, keep: timedelta
) -> int | None:
    """Give the coming generation the live name; the index's new version.

    Call it when none of its and the live one's batches is open. None: another look is needed,
    since a swap is under way or did not happen. Can be called again after a crash anywhere.
    The index that had it is kept in step for `keep`. Raises TaskFailed.
    """
    if await _under_way(engine):
        return None
    if await indexes.created_at(engine, vertical.index) != coming.engine_created_at:
        lease.check()
        answer = await engine.call(
            "POST", "/swap-indexes", json=[{"indexes": [vertical.index, coming.index_uid]}]
        )
        task = await engine.wait(answer["taskUid"], SWAP_SECONDS)
        if task["status"] != "succeeded":
            error = task.get("error") or {}
            raise TaskFailed(f"The swap of {coming.index_uid} failed: {error.get('message')}")
        if await indexes.created_at(engine, vertical.index) != coming.engine_created_at:
            return None
    return await _commit(lease, vertical, coming, keep)


async def _under_way(engine: Engine) -> bool:
    answer = await engine.call(
        "GET",
        "/tasks",
        params={"types": "indexSwap", "statuses": "enqueued,processing", "limit": 1},
    )
    return bool(answer["results"])


async def _commit(lease: Lease, vertical: Vertical, coming: Generation, keep: timedelta) -> int:
    """Write down which content has which name now, and drop the generation before the last."""
    async with lease.transaction() as db:
        for generation in await generations.followed(db, vertical.name):
            if generation.state == "old":
                await generations.give_up(db, generation.id, "dropped", None)
        # The two exchange their names: they are equal for a moment between the statements.
        await db.execute("SET CONSTRAINTS generations_one_name DEFERRED")
        await db.execute(
            "UPDATE generations SET state = 'old', index_uid = $2, kept_until = now() + $3,"
            " rejected = $4 WHERE vertical = $1 AND state = 'live'",
            vertical.name,
            coming.index_uid,
            keep,
            coming.comes_back,
        )
        await db.execute(
            "UPDATE generations SET state = 'live', index_uid = $2, live_at = now(),"
            " kept_until = NULL, rejected = false WHERE id = $1",
            coming.id,
            vertical.index,
        )
        number = await version.bump(db, vertical.name)
    log.info("Generation %d of %s is live.", coming.id, vertical.name)
    return number
