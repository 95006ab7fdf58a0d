import asyncio
import time
from datetime import timedelta

import pytest

from config.settings import load
from jobs import handlers, rows
from jobs import work as working
from jobs.app import Bell
from jobs.handlers import TryLater, handler
from jobs.work import Crew


@pytest.fixture(autouse=True)
def _own_handlers():
    before = dict(handlers.registered)
    handlers.registered.clear()
    yield
    handlers.registered.clear()
    handlers.registered.update(before)


@pytest.fixture
def crew(pool, monkeypatch):
    monkeypatch.setattr(rows, "HEARTBEAT_SECONDS", 0.05)
    return Crew(pool, load())


async def row_of(pool, number):
    return await pool.fetchrow("SELECT * FROM jobs WHERE id = $1", number)


async def test_drain_does_every_due_job_and_keeps_the_results(pool, crew):
    @handler("double")
    async def double(job, context):
        return {"twice": job.args["n"] * 2}

    numbers = [await rows.enqueue(pool, "double", str(n), {"n": n}) for n in range(3)]
    assert await crew.drain() == 3
    assert [(await row_of(pool, n))["result"] for n in numbers] == [
        {"twice": 0},
        {"twice": 2},
        {"twice": 4},
    ]


async def test_what_a_handler_raises_is_kept_and_the_worker_goes_on(pool, crew):
    @handler("bad")
    async def bad(job, context):
        raise KeyError("no such page")

    number = await rows.enqueue(pool, "bad", "x")
    assert await crew.drain() == 1
    row = await row_of(pool, number)
    assert (row["state"], row["error"]) == ("queued", "KeyError: 'no such page'")


async def test_a_handler_says_how_long_its_retry_waits(pool, crew):
    @handler("busy")
    async def busy(job, context):
        raise TryLater("The site is busy.", 3600)

    number = await rows.enqueue(pool, "busy", "x")
    assert await crew.drain() == 1
    row = await row_of(pool, number)
    assert row["state"] == "queued"
    assert row["run_at"] - row["started_at"] >= timedelta(hours=1)


async def test_the_sweep_forgets_old_jobs(pool, crew, valkey_url):
    await rows.enqueue(pool, "old", "x")
    await pool.execute("UPDATE jobs SET state = 'failed', finished_at = now() - interval '15 d'")
    sweeping = asyncio.create_task(crew.sweep_forever(Bell(valkey_url)))
    for _ in range(500):
        if not await pool.fetchval("SELECT count(*) FROM jobs"):
            break
        await asyncio.sleep(0.01)
    crew.stop.set()
    await sweeping
    assert await pool.fetchval("SELECT count(*) FROM jobs") == 0


async def test_progress_is_published_while_the_handler_runs(pool, crew):
    seen = []

    @handler("slow")
    async def slow(job, context):
        context.progress["pages"] = 4
        while not seen or seen[-1] is None:
            await asyncio.sleep(0.02)
            seen.append((await row_of(pool, job.id))["progress"])
        return {}

    await rows.enqueue(pool, "slow", "x")
    await asyncio.wait_for(crew.drain(), 5)
    assert seen[-1] == {"pages": 4}


async def test_a_handler_that_takes_too_long_is_ended_and_its_job_is_dead(pool, crew):
    ended = asyncio.Event()

    @handler("endless", limit=0.1)
    async def endless(job, context):
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return {}

    number = await rows.enqueue(pool, "endless", "x")
    await asyncio.wait_for(crew.drain(), 20)
    assert ended.is_set()
    row = await row_of(pool, number)
    assert (row["state"], row["attempts"]) == ("failed", 1)
    assert "It took longer than 0:00:00.1" in row["error"]


async def test_a_handler_that_lost_its_lease_is_canceled(pool, crew):
    ended = asyncio.Event()

    @handler("stolen")
    async def stolen(job, context):
        await pool.execute("UPDATE jobs SET lease_owner = 'thief'")
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return {}

    number = await rows.enqueue(pool, "stolen", "x")
    await asyncio.wait_for(crew.drain(), 5)
    assert ended.is_set()
    row = await row_of(pool, number)
    assert (row["state"], row["lease_owner"]) == ("running", "thief")


@pytest.mark.parametrize("polite", [True, False])
async def test_at_stop_the_job_goes_back_within_five_seconds(pool, crew, polite, monkeypatch):
    monkeypatch.setattr(working, "STOP_SECONDS", 60 if polite else 0.3)
    started = asyncio.Event()

    @handler("long")
    async def long(job, context):
        started.set()
        while True:
            if polite:
                context.check()
            await asyncio.sleep(0.01)

    number = await rows.enqueue(pool, "long", "x")
    draining = asyncio.create_task(crew.drain())
    await asyncio.wait_for(started.wait(), 5)
    begin = time.monotonic()
    crew.stop.set()
    await asyncio.wait_for(draining, 30)
    assert polite or time.monotonic() - begin > 0.25
    row = await row_of(pool, number)
    assert (row["state"], row["attempts"]) == ("queued", 0)


def test_a_kind_has_one_handler():
    async def one(job, context):
        return {}

    async def other(job, context):
        return {}

    handler("kind")(one)
    handler("kind")(one)
    with pytest.raises(ValueError, match="two handlers for jobs of kind kind"):
        handler("kind")(other)
