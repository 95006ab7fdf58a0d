"""Workers that crawl sources of one site at the same time, as processes of their own."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import psutil
import pytest

from jobs import rows
from stack.process import Process
from stack.valkey import valkey
from tests.scrapers.market import Market, open_market

PROCESS = Path(__file__).parent / "crawl_once.py"
SOURCES = ("one", "two", "three")
CARS = 4
LIMIT = 100.0  # seconds; the tests take ten


async def work(database_url: str, redis_url: str) -> list[asyncio.subprocess.Process]:
    """As many workers as sources."""
    env = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return [
        await asyncio.create_subprocess_exec(sys.executable, str(PROCESS), env=env) for _ in SOURCES
    ]


@pytest.fixture
def server(tmp_path):
    """A Valkey of the test's own."""
    server = Process(valkey(tmp_path / "valkey"), tmp_path / "home")
    server.start()
    server.wait_ready()
    yield server
    server.stop()


@pytest.fixture
async def market(tmp_path, pool, add_source):
    """A market that is three sources at once, each of which may be asked twice a second."""
    async with open_market(tmp_path / "market", CARS) as market:
        for name in SOURCES:
            await add_source(name, market.start_url)
            await rows.enqueue(pool, "crawl", name)
        await pool.execute("UPDATE sources SET rate = 2")
        yield market


async def is_right(pool, market: Market) -> bool:
    """Each source has all cars, from one run that is done."""
    runs = await pool.fetch("SELECT source, state, items, failed FROM runs ORDER BY source")
    wanted = [(name, "done", len(market.cars), 0) for name in sorted(SOURCES)]
    assert [tuple(run) for run in runs] == wanted
    known = await pool.fetch("SELECT source, external_id FROM offers WHERE active")
    assert {tuple(row) for row in known} == {(name, car) for name in SOURCES for car in market.cars}
    return True


async def test_together_they_ask_no_faster_than_one_may(postgres_url, valkey_url, pool, market):
    workers = await work(postgres_url, valkey_url)
    async with asyncio.timeout(LIMIT):
        assert [await worker.wait() for worker in workers] == [0] * len(workers)
    assert await is_right(pool, market)
    requests = await market.requests()
    assert requests["total"] >= len(SOURCES) * (len(market.cars) + 1)
    assert requests["per_second"] <= 2


@pytest.mark.prove
async def test_a_killed_valkey_whose_data_is_gone_changes_neither_rate_nor_rows(
    tmp_path, server, postgres_url, pool, market
):
    workers = await work(postgres_url, server.program.address)
    for _ in range(5_000):
        if (await market.requests())["total"] >= 6:
            break
        await asyncio.sleep(0.02)
    psutil.Process(server._guard.pid).children()[0].kill()
    await asyncio.to_thread(server._guard.wait, 10)
    shutil.rmtree(tmp_path / "valkey" / "appendonlydir")
    await asyncio.sleep(2)  # in which the workers miss it
    server.start()
    await asyncio.to_thread(server.wait_ready)
    async with asyncio.timeout(LIMIT):
        assert [await worker.wait() for worker in workers] == [0] * len(workers)
    assert await is_right(pool, market)
    requests = await market.requests()
    pages = len(SOURCES) * (len(market.cars) + 1)
    assert pages < requests["total"] <= pages + 2 * len(SOURCES)  # robots.txt is read again
    assert requests["per_second"] <= 2


@pytest.mark.prove
async def test_without_valkey_a_site_without_a_rate_is_crawled_to_the_end(
    tmp_path, postgres_url, pool, market
):
    await pool.execute("UPDATE sources SET rate = NULL")
    workers = await work(postgres_url, f"unix://{tmp_path}/nobody.sock")
    async with asyncio.timeout(LIMIT):
        assert [await worker.wait() for worker in workers] == [0] * len(workers)
    assert await is_right(pool, market)
