"""Readers learn the version from Valkey, also when Valkey was away."""

import asyncio

import pytest
import redis

from engine import version
from indexer import publisher
from indexer.publisher import Publisher


async def _published(valkey, number):
    for _ in range(400):
        if await version.read(valkey, "cars") == number:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_change_of_the_live_index_raises_the_published_version(stage):
    valkey = version.connect(stage.settings.redis_url)
    async with stage.indexing():
        await stage.settled()
        before = await stage.db.fetchval("SELECT version FROM writers")
        assert await _published(valkey, before)
        await stage.add("A")
        await stage.settled()
        after = await stage.db.fetchval("SELECT version FROM writers")
        assert after > before
        assert await _published(valkey, after)
    await valkey.aclose()


async def test_what_valkey_lost_is_said_again(stage, monkeypatch):
    monkeypatch.setattr(publisher, "REPEAT_SECONDS", 0.1)
    valkey = version.connect(stage.settings.redis_url)
    async with stage.indexing():
        await stage.settled()
        number = await stage.db.fetchval("SELECT version FROM writers")
        assert await _published(valkey, number)
        with redis.Redis.from_url(stage.settings.redis_url) as client:
            client.flushall()
        assert await _published(valkey, number)
    await valkey.aclose()


async def test_without_valkey_documents_arrive_all_the_same(stage, tmp_path):
    async with stage.indexing(redis_url=f"unix://{tmp_path}/nobody.sock"):
        await stage.add("A")
        await stage.settled()
        assert set(await stage.indexed()) == {"A"}


@pytest.mark.parametrize("turns", range(4))
async def test_news_at_the_moment_of_the_end_do_not_keep_it_going(stage, turns):
    valkey = version.connect(stage.settings.redis_url)
    publishing = Publisher(valkey)
    task = asyncio.create_task(publishing.run(stage.db))
    publishing.raised("cars", 1)
    assert await _published(valkey, 1)
    await asyncio.sleep(0.01)
    publishing.raised("cars", 2)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    ended, _ = await asyncio.wait({task}, timeout=5)
    assert ended
    await valkey.aclose()
