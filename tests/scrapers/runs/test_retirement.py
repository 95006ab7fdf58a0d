"""Retirement: what a source has left in search is taken out, in steps that may be interrupted."""

import asyncio

import pytest

from config.settings import load
from jobs import rows
from jobs.handlers import Context, Stopped
from jobs.requests import RequestError
from scrapers.handlers import retire_source
from scrapers.runs import retirement
from scrapers.runs import rows as runs
from scrapers.runs.retirement import Holding, Removed
from tests.scrapers.conftest import Crawler
from tests.scrapers.figures import live
from tests.scrapers.lot import Lot


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr("scrapers.runs.departures.BATCH", 4)
    monkeypatch.setattr(retirement, "COUNTED", 3)


@pytest.fixture
async def full(lot, crawler) -> Lot:
    """A lot of ten cars that was crawled."""
    lot.fill(10)
    await crawler.crawl()
    return lot


@pytest.fixture
async def rival(pool, full, add_source) -> None:
    """Another source that offers two cars of the lot, 9 and 10, and one more."""
    async with Lot().open() as other:
        other.fill(3, first=9)
        await add_source("rival", other.start_url)
        await Crawler(pool, other).crawl(source="rival")


async def do(pool, stop: asyncio.Event | None = None) -> dict:
    """What a worker does of the job that waits."""
    job = await rows.claim(pool, ["retire"], "worker")
    assert job
    context = Context(job, pool, load(), stop or asyncio.Event())
    try:
        result = await retire_source(job, context)
    except Stopped:
        await rows.hand_back(pool, job)
        raise
    await rows.finish(pool, job, result)
    return result


async def shown(pool) -> int:
    """How many documents the index is to have."""
    return await pool.fetchval("SELECT count(*) FROM cars_documents")


async def enable(pool) -> None:
    """What `showroom up` does of a source that is in its file again."""
    await pool.execute("UPDATE sources SET enabled = true WHERE name = 'lot'")


async def test_its_cars_leave_search_but_for_those_that_others_offer(pool, rival):
    assert await retirement.holding(pool, "lot") == Holding(offers=10, shared=2)
    assert await shown(pool) == 11
    await pool.execute("DELETE FROM outbox")
    prices = await pool.fetchval("SELECT count(*) FROM listing_price_history")
    await retirement.ask(pool, "lot")
    assert await do(pool) == {"gone": 10, "back": False}
    assert await shown(pool) == 3
    assert set(
        await pool.fetchval(
            "SELECT array_agg(source) FROM cars_documents d JOIN listings l ON l.key = d.id"
        )
    ) == {"rival"}
    changed = await pool.fetch("SELECT key FROM outbox WHERE kind = 'listing'")
    gone = await pool.fetch("SELECT key FROM listings WHERE NOT active")
    assert {row["key"] for row in gone} <= {row["key"] for row in changed}
    assert len(gone) == 8
    assert await pool.fetchval("SELECT count(*) FROM listing_price_history") >= prices
    assert await retirement.holding(pool, "lot") == Holding(0, 0)


async def test_what_was_interrupted_goes_on_and_may_be_asked_for_again(pool, full):
    await retirement.ask(pool, "lot")
    stop = asyncio.Event()
    job = await rows.claim(pool, ["retire"], "worker")  # is killed after a step
    async for gone in retirement.retire(pool, job):
        assert gone == 4
        break
    assert await live(pool) == 6
    await rows.hand_back(pool, job)
    stop.set()
    with pytest.raises(Stopped):
        await do(pool, stop)
    await retirement.ask(pool, "lot")
    assert await do(pool) == {"gone": 6, "back": False}
    await retirement.ask(pool, "lot")
    assert await do(pool) == {"gone": 0, "back": False}
    waiting = "SELECT count(*) FROM jobs WHERE kind = 'retire' AND state IN ('queued', 'running')"
    assert await pool.fetchval(waiting) == 0


async def test_a_source_that_comes_back_has_its_cars_in_search_again(pool, full, crawler):
    await retirement.ask(pool, "lot")
    await do(pool)
    await enable(pool)
    full.asked.clear()
    result = await crawler.crawl()
    assert (result["state"], result["new"], await live(pool)) == ("done", 0, 10)
    assert await shown(pool) == 10
    assert len(full.details_asked()) == 10


async def test_what_is_seen_after_it_was_asked_for_stays(pool, full, crawler):
    await retirement.ask(pool, "lot")
    await enable(pool)
    await crawler.crawl()
    assert await do(pool) == {"gone": 0, "back": True}
    assert await live(pool) == 10


async def test_it_stops_when_the_source_is_crawled_again(pool, full):
    await retirement.ask(pool, "lot")
    await enable(pool)
    assert await do(pool) == {"gone": 0, "back": True}
    assert await live(pool) == 10


async def test_a_crawl_that_runs_is_ended_and_writes_nothing_more(pool, full, crawler):
    full.fill(300, first=11)
    full.delay = 0.02
    crawl = asyncio.create_task(crawler.crawl(await crawler.job()))
    for _ in range(3_000):
        if await live(pool) > 10:
            break
        await asyncio.sleep(0.01)
    await retirement.ask(pool, "lot")
    with pytest.raises(Stopped):
        await crawl
    await do(pool)
    assert await live(pool) == 0
    states = await pool.fetch("SELECT state, error FROM runs ORDER BY id")
    assert [tuple(row) for row in states] == [("done", None), ("canceled", retirement.WHY)]


async def test_a_run_that_waits_for_a_decision_is_closed(pool, full, crawler):
    del full.cars[2:]
    assert (await crawler.crawl())["state"] == "suspicious"
    await retirement.ask(pool, "lot")
    assert await pool.fetchval("SELECT count(*) FROM runs WHERE state = 'suspicious'") == 0


async def test_the_sources_that_the_file_no_longer_has_and_what_they_left(pool, rival):
    await pool.execute(
        "INSERT INTO sources (name, vertical, start_url, parser, every, enabled)"
        " VALUES ('stock', 'cars', 'stock.csv', 'file', 0, false)"
    )
    assert await retirement.removed(pool, ["rival"]) == [Removed("lot", 10)]
    assert await retirement.removed(pool, []) == [Removed("lot", 10), Removed("rival", 3)]
    assert await retirement.removed(pool, ["lot", "rival", "more"]) == []


async def test_a_list_of_sources_does_not_wait_for_a_long_count(pool, full, monkeypatch):
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE offers")  # a count that has no end
        monkeypatch.setattr(retirement, "COUNTING", 0.1)
        assert await retirement.removed(pool, []) == [Removed("lot", None)]
    monkeypatch.undo()
    assert await retirement.removed(pool, []) == [Removed("lot", 10)]


async def test_there_must_be_such_a_source(pool):
    for question in (retirement.holding, retirement.ask):
        with pytest.raises(RequestError, match="There is no source nowhere"):
            await question(pool, "nowhere")


async def test_a_source_without_a_run_can_be_retired(pool, add_source):
    await add_source("new")
    await runs.begin(pool, "new")
    await retirement.ask(pool, "new")
    assert await do(pool) == {"gone": 0, "back": False}
