"""One indexer writes; another takes over when it is gone, silent or cut off."""

import asyncio
import logging
import sys

import asyncpg
import pytest

from indexer.lease import LeaseLost, hold


async def test_a_second_indexer_stands_by_and_takes_over(stage, caplog):
    caplog.set_level(logging.INFO, "indexer")

    async def stands_by():
        return "stands by" in caplog.text

    async with stage.indexing():
        await stage.settled()
        first = await stage.db.fetchval("SELECT epoch FROM writers")
        async with stage.indexing():
            await stage.until(stands_by)
            assert await stage.db.fetchval("SELECT epoch FROM writers") == first
    async with stage.indexing():
        await stage.add("A")
        await stage.settled()
        assert set(await stage.indexed()) == {"A"}
        assert await stage.db.fetchval("SELECT epoch FROM writers") == first + 1


async def test_an_old_epoch_cannot_commit(stage):
    async with stage.leased() as lease:
        await stage.db.execute("UPDATE writers SET epoch = epoch + 1")
        with pytest.raises(LeaseLost, match="taken over"):
            async with lease.transaction() as db:
                await db.execute("INSERT INTO outbox (kind, key) VALUES ('listing', 'A')")
    assert await stage.db.fetchval("SELECT count(*) FROM outbox") == 0


async def test_losing_the_connection_that_holds_the_lock_ends_writing(stage):
    async with hold(stage.settings.database_url, stage.db, ["cars"]) as lease:
        keeping = asyncio.create_task(lease.keep())
        await asyncio.sleep(0.1)
        await stage.db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
        with pytest.raises(LeaseLost):
            await keeping
        with pytest.raises(LeaseLost):
            lease.check()


async def test_a_transaction_that_a_stopped_writer_left_open_is_ended(stage):
    async with stage.leased() as lease:
        epoch = lease.epoch
    left = await asyncpg.connect(stage.settings.database_url)
    await left.execute("BEGIN; SELECT FROM writers FOR KEY SHARE")
    async with asyncio.timeout(10), stage.leased() as lease:
        assert lease.epoch == epoch + 1
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await left.execute("COMMIT")
    left.terminate()


async def test_an_indexer_that_was_cut_off_comes_back_by_itself(stage):
    async with stage.indexing():
        await stage.settled()
        await stage.db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
        await stage.add("A")
        await stage.settled()
        assert set(await stage.indexed()) == {"A"}


async def test_sigterm_ends_it_cleanly_within_five_seconds(stage):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "indexer", env=stage.environment()
    )
    await stage.settled()
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert await stage.db.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0


async def test_a_missing_setting_is_named(stage):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "indexer",
        env=stage.environment() | {"MEILI_URL": ""},
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    assert (
        err.decode()
        == "The indexer needs MEILI_URL: set what is missing, or start `showroom up`.\n"
    )
