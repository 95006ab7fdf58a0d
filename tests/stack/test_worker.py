import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from catalog.database import connect
from jobs import handlers, rows, work
from jobs.app import Bell, request
from stack import worker
from stack.valkey import valkey

SMALL = Path(__file__).with_name("small_worker.py")


@pytest.fixture
async def pool(postgres_url):
    async with connect(postgres_url) as opened:
        await opened.execute("DELETE FROM jobs")
        yield opened


@pytest.fixture
def begin(postgres_url, tmp_path):
    """Start a worker; `lease` in seconds."""
    started = []

    def run(redis_url, lease=60.0):
        environment = os.environ | {
            "DATABASE_URL": postgres_url,
            "REDIS_URL": redis_url,
            "PYTHONPATH": str(SMALL.parent.parent.parent),
        }
        log = (tmp_path / f"worker{len(started)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, str(SMALL), str(lease)], env=environment, stderr=log
        )
        started.append((process, log))
        return process

    yield run
    for process, log in started:
        process.kill()
        process.wait()
        log.close()


async def until(pool, number, true, seconds=15.0):
    deadline = time.monotonic() + seconds
    while True:
        row = await pool.fetchrow("SELECT * FROM jobs WHERE id = $1", number)
        if true(row):
            return row
        assert time.monotonic() < deadline, dict(row)
        await asyncio.sleep(0.02)


def done(row):
    return row["state"] == "done"


def started(row):
    return row["progress"] == {"started": True}


async def test_a_request_wakes_a_worker(pool, begin, valkey_url):
    begin(valkey_url)
    bell = Bell(valkey_url)
    first = await request(pool, bell, "quick", "first")
    row = await until(pool, first, done)
    assert row["result"] == {"attempt": 1}


@pytest.mark.parametrize("kind", ["slow", "deaf"])
async def test_at_sigterm_the_job_goes_back_to_the_queue_in_time(pool, begin, valkey_url, kind):
    process = begin(valkey_url)
    number = await request(pool, Bell(valkey_url), kind, "x")
    await until(pool, number, started)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert time.monotonic() - begun < 5
    row = await until(pool, number, lambda row: True)
    assert (row["state"], row["attempts"], row["lease_owner"]) == ("queued", 0, None)


async def test_a_job_enqueued_while_valkey_is_away_is_found_by_the_sweep(
    pool, begin, start, tmp_path
):
    server = start(valkey(tmp_path / "vk"))
    bell = Bell(server.program.address)
    server.stop()
    assert bell.ring() is False
    number = await request(pool, bell, "quick", "away")
    begin(server.program.address)
    await asyncio.sleep(1)
    server.start()
    await until(pool, number, done)


async def test_a_valkey_that_forgot_everything_loses_no_job(pool, begin, valkey_url):
    number = await request(pool, Bell(valkey_url), "quick", "forgotten")
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() > 0
        client.flushall()
    begin(valkey_url)
    await until(pool, number, done)


async def test_waking_messages_do_not_pile_up(valkey_url):
    bell = Bell(valkey_url)
    for _ in range(100):
        assert bell.ring()
    assert bell.huey.pending_count() == 16


async def test_a_killed_workers_job_is_taken_up_after_its_lease(pool, begin, valkey_url):
    first = begin(valkey_url, lease=2)
    number = await request(pool, Bell(valkey_url), "slow", "killed")
    before = await until(pool, number, started)
    first.kill()
    first.wait()
    begin(valkey_url, lease=2)
    after = await until(pool, number, lambda row: row["attempts"] == 2 and started(row))
    assert after["lease_owner"] != before["lease_owner"]


@pytest.mark.usefixtures("own_signals")
def test_main_works_until_it_is_asked_to_stop(postgres_url, valkey_url, monkeypatch):
    """The whole worker in this process: it does the job, and the job asks it to stop."""
    monkeypatch.setattr(handlers, "registered", {})
    monkeypatch.setattr(work, "registered", handlers.registered)
    monkeypatch.setattr(worker, "HANDLERS", ())
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("REDIS_URL", valkey_url)

    @handlers.handler("last")
    async def last(job, context):
        os.kill(os.getpid(), signal.SIGTERM)
        return {"said": job.args["word"]}

    async def ask(question):
        async with connect(postgres_url) as pool:
            return await question(pool)

    number = asyncio.run(ask(lambda pool: rows.enqueue(pool, "last", "x", {"word": "bye"})))
    worker.main()
    select = "SELECT state, result FROM jobs WHERE id = $1"
    row = asyncio.run(ask(lambda pool: pool.fetchrow(select, number)))
    assert tuple(row) == ("done", {"said": "bye"})


def test_a_worker_says_which_addresses_it_needs(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SystemExit, match="needs DATABASE_URL and REDIS_URL"):
        worker.main()


def test_a_worker_without_a_database_says_so(valkey_url):
    broken = subprocess.run(
        [sys.executable, str(SMALL), "60"],
        env=os.environ
        | {
            "DATABASE_URL": "postgresql://me@127.0.0.1:9/none",
            "REDIS_URL": valkey_url,
            "PYTHONPATH": str(SMALL.parent.parent.parent),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert broken.returncode == 1
    assert broken.stderr.startswith("The worker has no database:")
    assert broken.stderr.count("\n") == 1
