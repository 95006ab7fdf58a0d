"""Suspicions, and how they are settled: by people or by the next run."""

import asyncio

import pytest

from config.settings import load
from jobs import reports, rows
from jobs.decisions import accept, cancel
from jobs.handlers import Context, Stopped
from jobs.requests import RequestError
from scrapers.handlers import take_out
from scrapers.runs import rows as runs
from tests.scrapers.figures import live


@pytest.fixture
async def held(lot, crawler) -> dict:
    """A run that saw 5 of 20 cars."""
    lot.fill(20)
    await crawler.crawl()
    del lot.cars[5:]
    run = await crawler.crawl()
    assert run["state"] == "suspicious"
    return run


async def depart(pool) -> dict:
    """What a worker does of an accepted run."""
    job = await rows.claim(pool, ["depart"], "worker")
    assert job
    result = await take_out(job, Context(job, pool, load(), asyncio.Event()))
    await rows.finish(pool, job, result)
    return result


async def test_accepting_takes_out_what_the_run_did_not_see(pool, held):
    await accept(pool, held["id"])
    assert await live(pool) == 20
    assert await depart(pool) == {"gone": 15}
    assert await live(pool) == 5
    row = await reports.run(pool, held["id"])
    assert (row["state"], row["gone"], row["settled_by"]) == ("done", 15, None)
    assert row["settled_at"] is not None


async def test_accepting_spares_what_was_seen_since(pool, lot, crawler, held):
    lot.cars.clear()
    lot.fill(9)
    assert (await crawler.crawl())["state"] == "suspicious"
    await accept(pool, held["id"])
    assert await depart(pool) == {"gone": 11}
    assert await live(pool) == 9


async def test_departures_that_were_interrupted_go_on(pool, held, monkeypatch):
    monkeypatch.setattr("scrapers.runs.departures.BATCH", 4)
    await accept(pool, held["id"])
    job = await rows.claim(pool, ["depart"], "worker")
    stop = asyncio.Event()
    stop.set()
    with pytest.raises(Stopped):
        await take_out(job, Context(job, pool, load(), stop))
    assert await live(pool) == 16
    await rows.hand_back(pool, job)
    await depart(pool)
    assert await live(pool) == 5
    assert (await reports.run(pool, held["id"]))["gone"] == 15


async def test_canceling_closes_it_and_changes_nothing(pool, held):
    await cancel(pool, held["id"])
    assert (await reports.run(pool, held["id"]))["state"] == "canceled"
    assert await live(pool) == 20
    with pytest.raises(RequestError, match="is canceled; only a suspicious one"):
        await accept(pool, held["id"])


async def test_a_healthy_run_overrules(pool, lot, crawler, held):
    lot.cars.clear()
    lot.fill(19)
    healthy = await crawler.crawl()
    row = await reports.run(pool, held["id"])
    assert (row["state"], row["settled_by"]) == ("overruled", healthy["id"])
    assert await live(pool) == 19


async def test_a_run_that_agrees_leaves_it_open_until_one_is_accepted(pool, crawler, held):
    second = await crawler.crawl()
    assert second["state"] == "suspicious"
    assert (await reports.run(pool, held["id"]))["state"] == "suspicious"
    await accept(pool, second["id"])
    row = await reports.run(pool, held["id"])
    assert (row["state"], row["settled_by"]) == ("overruled", second["id"])


async def test_after_an_accepted_run_the_smaller_lot_is_what_is_usual(pool, crawler, held):
    await accept(pool, held["id"])
    await depart(pool)
    assert (await crawler.crawl())["state"] == "done"


async def test_two_who_accept_at_once_settle_it_once(pool, held):
    told = await asyncio.gather(
        *(accept(pool, held["id"]) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, int) for each in told) == 1
    assert sum(isinstance(each, RequestError) for each in told) == 3


async def some_stored(pool) -> None:
    for _ in range(3_000):
        if await pool.fetchval("SELECT count(*) FROM offers"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the crawl does not get on")


async def test_a_crawl_that_is_canceled_stops_and_writes_nothing_more(pool, lot, crawler):
    lot.fill(300)
    lot.delay = 0.02
    job = await crawler.job()
    task = asyncio.create_task(crawler.crawl(job))
    await some_stored(pool)
    number = await pool.fetchval("SELECT id FROM runs")
    await cancel(pool, number)
    with pytest.raises(Stopped):
        await task
    row = await reports.run(pool, number)
    assert (row["state"], row["error"]) == ("canceled", "It was canceled by a person.")
    assert await pool.fetchval("SELECT count(*) FROM offers") < 300


async def test_what_cannot_be_decided_is_a_sentence(pool, lot, crawler, add_source):
    lot.fill(3)
    done = await crawler.crawl()
    for decide in (accept, cancel):
        with pytest.raises(RequestError, match=f"Run {done['id']} is done"):
            await decide(pool, done["id"])
        with pytest.raises(RequestError, match="There is no run 0"):
            await decide(pool, 0)
    load_run = await runs.begin(pool, "lot")
    with pytest.raises(RequestError, match="is an import"):
        await cancel(pool, load_run.id)
