"""A changed precedence reaches the listings that are stored."""

import asyncio

import pytest

from catalog.cars import OfferRow
from config.settings import load
from jobs import rows
from jobs.handlers import Context, Stopped
from scrapers.handlers import rank_again
from scrapers.runs.rows import begin
from scrapers.storing import precedence
from scrapers.storing.upsert import transact, upsert
from tests.scrapers.lot import vin


@pytest.fixture
async def shared(pool, add_source) -> None:
    """Ten cars that two sources offer, `lot` before `twin`; one more of each alone."""
    await add_source("lot", precedence=10)
    await add_source("twin", precedence=20)
    for source, first in (("lot", 0), ("twin", 1)):
        run = await begin(pool, source)
        cars = [
            OfferRow(source=source, external_id=f"car-{n}", vin=vin(n), make="Ford")
            for n in range(first, first + 11)
        ]
        await transact(pool, lambda c, run=run, cars=cars: upsert(c, run.id, cars))


async def ranked(pool, stop: asyncio.Event) -> dict:
    await rows.enqueue(pool, "precedence", "lot 30", {"source": "lot"})
    job = await rows.claim(pool, ["precedence"], "tester")
    return await rank_again(job, Context(job, pool, load(), stop))


async def best(pool) -> dict[str, int]:
    return dict(await pool.fetch("SELECT source, count(*) FROM listings GROUP BY source"))


async def test_shared_listings_follow_the_new_precedence(pool, shared, monkeypatch):
    monkeypatch.setattr(precedence, "BATCH", 4)
    assert await best(pool) == {"lot": 11, "twin": 1}
    await pool.execute("UPDATE sources SET precedence = 30 WHERE name = 'lot'")
    assert await ranked(pool, asyncio.Event()) == {"listings": 10}
    assert await best(pool) == {"lot": 1, "twin": 11}


async def test_a_worker_that_ends_stops_between_batches(pool, shared, monkeypatch):
    monkeypatch.setattr(precedence, "BATCH", 4)
    await pool.execute("UPDATE sources SET precedence = 30 WHERE name = 'lot'")
    stop = asyncio.Event()
    stop.set()
    with pytest.raises(Stopped):
        await ranked(pool, stop)
    assert 1 < (await best(pool))["twin"] <= 5
