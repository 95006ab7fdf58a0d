"""Readers learn the version from Valkey, also when Valkey was away."""

import asyncio

import redis

from engine import version
from indexer import publisher


async def _published(valkey, number):
    for _ in range(100):
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
        assert await _published(valkey, before + 1)
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
