"""Acts that have an index made, ended or brought back."""

import asyncio
import random
import time

from jobs import rows
from tests.chaos.servers import Servers

STATE_SECONDS = 15.0
MANY = 5_000
"""More than a new index may be behind when it goes live."""

LIVE_IS_AHEAD = """
SELECT count(*) FILTER (WHERE g.state = 'old')
       - count(*) FILTER (WHERE g.state = 'live' AND p.batch_id IS NULL) > $1
FROM pending p JOIN generations g ON g.id = p.generation_id
"""


async def reindex(servers: Servers, _: random.Random) -> None:
    """A new generation; the act ends with its job, after at most 15 seconds."""
    await ended(servers, await rows.enqueue(servers.db, "reindex", "cars"))


async def reindex_slowly(servers: Servers, chance: random.Random) -> None:
    """A new generation, with a slow network from its comparison to its swap."""
    job = await rows.enqueue(servers.db, "reindex", "cars")
    await reached(servers, "draining")
    servers.proxy.delay = chance.uniform(0.02, 0.1)
    try:
        await ended(servers, job)
    finally:
        servers.proxy.pass_all()


async def ended(servers: Servers, job: int) -> None:
    for _ in range(300):
        state = await servers.db.fetchval("SELECT state FROM jobs WHERE id = $1", job)
        if state not in ("queued", "running"):
            return
        await asyncio.sleep(0.05)


async def cancel_reindex(servers: Servers, chance: random.Random) -> None:
    await rows.enqueue(servers.db, "reindex", "cars")
    await reached(servers, chance.choice(("loading", "draining", "swapping")))
    await rows.enqueue(servers.db, "cancel", "cars")


async def roll_back(servers: Servers, _: random.Random) -> None:
    """Back to the generation before, if there is one."""
    await rows.enqueue(servers.db, "rollback", "cars")


async def _add_many(servers: Servers, first: int, last: int) -> None:
    await servers.db.execute(
        "INSERT INTO listings (key, active, dealer_id, make)"
        " SELECT 'many-' || n, true, 9, 'Kia' FROM generate_series($1::int, $2::int) n",
        first,
        last,
    )


async def reindex_behind(servers: Servers, _: random.Random) -> None:
    """A new generation that is compared while the live one, which goes first, gets many cars."""
    await servers.db.execute("DELETE FROM listings WHERE key LIKE 'many-%'")
    job = await rows.enqueue(servers.db, "reindex", "cars")
    await reached(servers, "draining")
    for n in range(0, 4 * MANY, MANY // 5):
        await _add_many(servers, n, n + MANY // 5 - 1)
        await asyncio.sleep(0.1)
    await ended(servers, job)


async def roll_back_behind(servers: Servers, chance: random.Random) -> None:
    """Back to the generation before, when only the live one has got many new cars."""
    await reindex(servers, chance)
    await servers.db.execute("DELETE FROM listings WHERE key LIKE 'many-%'")
    await _add_many(servers, 1, MANY)
    end = time.monotonic() + STATE_SECONDS
    while not await servers.db.fetchval(LIVE_IS_AHEAD, MANY // 2):
        if time.monotonic() > end:
            return
        await asyncio.sleep(0.01)
    await ended(servers, await rows.enqueue(servers.db, "rollback", "cars"))


async def reached(servers: Servers, state: str) -> bool:
    """Wait until the coming generation is in this state; whether it was seen in it."""
    end = time.monotonic() + STATE_SECONDS
    while time.monotonic() < end:
        coming = await servers.db.fetchval(
            "SELECT state FROM generations WHERE state IN ('loading', 'draining', 'swapping')"
        )
        if coming == state:
            return True
        await asyncio.sleep(0.01)
    return False
