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
    # What a kill costs: a second of rows that wait for their batch, and the pages under way.
    assert len(lot.details_asked()) < CARS + 3 * 150
