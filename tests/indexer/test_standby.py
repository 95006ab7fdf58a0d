"""Two indexers as processes: one writes; when it is gone, stopped or cut off, the other does."""

import asyncio
import signal
import sys
import time
from contextlib import asynccontextmanager

import pytest

from indexer.lease import WRITER_LOCK
from tests.indexer.proxy import proxy

TAKEN_OVER_SECONDS = 10.0
AWAKE_SECONDS = 3.0

WATCHED = """
CREATE TABLE watched_epochs (epoch bigint);
CREATE FUNCTION watch_epochs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO watched_epochs VALUES (NEW.epoch);
    RETURN NULL;
END $$;
CREATE TRIGGER watch_epochs AFTER INSERT ON batches FOR EACH ROW EXECUTE FUNCTION watch_epochs();
"""


@pytest.fixture
async def watched(stage):
    """Every batch leaves the epoch of its writer in `watched_epochs`."""
    await stage.db.execute(WATCHED)
    yield
    await stage.db.execute("DROP TABLE watched_epochs; DROP FUNCTION watch_epochs CASCADE")


@asynccontextmanager
async def _indexer(stage, **changed):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "indexer", env=stage.environment() | changed
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        await process.wait()


async def _epoch(stage):
    return await stage.db.fetchval("SELECT max(epoch) FROM writers")


async def _another_epoch(stage, first):
    """Wait until another writes; seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(60):
        while await _epoch(stage) == first:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def _stands_by(stage):
    """Wait until one more indexer has asked for the lock and not got it."""
    async with asyncio.timeout(60):
        while not await stage.db.fetchval(  # noqa: ASYNC110
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND (query LIKE 'SELECT pg_try_advisory_lock%' OR query LIKE '%bool_and(heartbeat%')"
            " AND pid <> pg_backend_pid()"
        ):
            await asyncio.sleep(0.05)


async def _epochs(stage):
    """Of the batches that were made since the last call, and of who writes now."""
    rows = await stage.db.fetch(
        "WITH gone AS (DELETE FROM watched_epochs RETURNING epoch) SELECT DISTINCT epoch FROM gone"
    )
    return [row["epoch"] for row in rows], await _epoch(stage)


@pytest.mark.prove
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
async def test_the_other_takes_over_and_the_first_writes_nothing_any_more(stage, watched, end):
    async with (
        proxy(stage.settings.meili_url) as between,
        _indexer(stage, MEILI_URL=between.url) as first,
    ):
        await stage.settled(60)
        epoch = await _epoch(stage)
        async with _indexer(stage):
            await _stands_by(stage)
            await stage.add(*(f"K{n}" for n in range(50)))
            first.send_signal(end)
            assert await _another_epoch(stage, epoch) < TAKEN_OVER_SECONDS
            await stage.add("after")
            await stage.settled(60)
            await _epochs(stage)
            between.once("cut", "POST ")
            if end == signal.SIGSTOP:
                first.send_signal(signal.SIGCONT)
            await stage.add("awake")
            await asyncio.sleep(AWAKE_SECONDS)
            await stage.settled(60)
            assert not between.met.is_set(), "the first one wrote to the search server"
            wrote, writes = await _epochs(stage)
            assert wrote == [writes]
            assert await stage.differing() == {}
            assert {"after", "awake"} <= set(await stage.indexed())


@pytest.mark.prove
async def test_who_loses_its_connection_writes_only_when_it_holds_the_lock_again(stage, watched):
    async with _indexer(stage), _indexer(stage):
        await stage.settled(60)
        await _stands_by(stage)
        epoch = await _epoch(stage)
        await stage.add("A")
        await stage.db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND granted AND objid = $1",
            WRITER_LOCK,
        )
        assert await _another_epoch(stage, epoch) < TAKEN_OVER_SECONDS
        await _epochs(stage)
        await stage.add("B")
        await stage.settled(60)
        wrote, writes = await _epochs(stage)
        assert wrote == [writes]
        assert await stage.differing() == {}
