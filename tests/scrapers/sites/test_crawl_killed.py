"""A crawl whose process is killed: nothing is lost, and little is fetched twice."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from jobs import rows

PROCESS = Path(__file__).parent / "crawl_once.py"
CARS = 400


async def start(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(PROCESS), env={**os.environ, "DATABASE_URL": url}
    )


async def until_stored(pool, least: int) -> int:
    for _ in range(3_000):
        stored = await pool.fetchval("SELECT count(*) FROM offers")
        if stored >= least:
            return stored
        await asyncio.sleep(0.01)
    raise AssertionError("the crawl does not get on")


@pytest.mark.prove
async def test_kill_9_three_times_loses_no_car(postgres_url, pool, lot, crawler):
    lot.fill(CARS)
    lot.delay = 0.02
    await rows.enqueue(pool, "crawl", "lot")
    for kill in range(3):
        process = await start(postgres_url)
        await until_stored(pool, 100 * (kill + 1))
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await pool.execute("UPDATE jobs SET lease_until = now() - interval '1 second'")
    process = await start(postgres_url)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    runs = await pool.fetch("SELECT * FROM runs")
    assert [(run["state"], run["items"], run["new"]) for run in runs] == [("done", CARS, CARS)]
    assert await pool.fetchval("SELECT count(*) FROM listings WHERE active") == CARS
    kept = "SELECT count(DISTINCT external_id) FROM pages WHERE external_id IS NOT NULL"
    assert await pool.fetchval(kept) == CARS
    # What a kill costs: a second of rows that wait for their batch, and the pages under way.
    assert len(lot.details_asked()) < CARS + 3 * 150


async def test_of_two_workers_one_crawls_a_source_and_the_other_finds_nothing_to_do(
    postgres_url, pool, lot, crawler
):
    lot.fill(30)
    lot.delay = 0.02
    await rows.enqueue(pool, "crawl", "lot")
    workers = [await start(postgres_url) for _ in range(2)]
    async with asyncio.timeout(60):
        assert [await worker.wait() for worker in workers] == [0, 0]
    runs = await pool.fetch("SELECT * FROM runs")
    assert [(run["state"], run["items"]) for run in runs] == [("done", 30)]
    assert len(lot.details_asked()) == 30
