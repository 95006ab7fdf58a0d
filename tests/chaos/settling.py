"""When nothing is on its way any more: told by rows and names, not by waiting for a while."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from catalog.database import DATABASE_AWAY
from engine.client import EngineAway, EngineError
from indexer import indexes
from jobs import sweep
from jobs.sync_reports import behind
from tests.chaos.servers import Servers

SETTLED_SECONDS = 180.0
LOOK_SECONDS = 0.05
LAG_SECONDS = 0.1


class Unsettled(Exception):  # noqa: N818 - what is so, as a sentence says it
    """Something was still on its way at the end; the message says what."""


async def settle(servers: Servers, late: set[int], seconds: float = SETTLED_SECONDS) -> None:
    """Wait until the indexes are as they will be; raises Unsettled after `seconds`.

    `late` are the numbers of batches whose request arrived late.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            await sweep.bury(servers.db)  # what a worker does every few seconds
            waits = await _waits_for(servers, late)
        except (*DATABASE_AWAY, EngineAway, EngineError) as error:
            waits = f"a server: {error}"
        if waits is None:
            return
        if time.monotonic() > end:
            raise Unsettled(f"not settled after {seconds:.0f} s, waiting for {waits}")
        await asyncio.sleep(LOOK_SECONDS)


async def _waits_for(servers: Servers, late: set[int]) -> str | None:
    """What is still on its way, in words."""
    row = await servers.db.fetchrow(
        "SELECT (SELECT count(*) FROM outbox) AS outbox,"
        " (SELECT count(*) FROM pending) AS pending,"
        " (SELECT count(*) FROM batches WHERE state = 'open') AS batches,"
        " (SELECT count(*) FROM batches WHERE id = ANY ($1::bigint[])) AS late,"
        " (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')) AS jobs,"
        " (SELECT count(*) FROM generations WHERE state IN ('loading', 'draining', 'swapping'))"
        " AS coming",
        list(late),
    )
    waiting = [f"{count} {name}" for name, count in row.items() if count]
    if waiting:
        return ", ".join(waiting)
    return await _misnamed(servers)


async def _misnamed(servers: Servers) -> str | None:
    """A followed index that the search server has not got under its name."""
    rows = await servers.db.fetch(
        "SELECT index_uid, state, engine_created_at FROM generations WHERE state IN ('live', 'old')"
    )
    for row in rows:
        if await indexes.created_at(servers.engine, row["index_uid"]) != row["engine_created_at"]:
            return f"the name of the {row['state']} index"
    return None if any(row["state"] == "live" for row in rows) else "a live index"


@asynccontextmanager
async def measuring_lag(servers: Servers) -> AsyncIterator[list[float]]:
    """The live index's lag in seconds, looked at ten times a second while the block lasts."""
    lags = [0.0]

    async def look() -> None:
        while True:
            with suppress(*DATABASE_AWAY):
                rows = await behind(servers.db)
                lags.extend(row["lag_seconds"] for row in rows if row["state"] == "live")
            await asyncio.sleep(LAG_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield lags
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
