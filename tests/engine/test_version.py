"""The index's version in Postgres and in Valkey."""

import asyncio

import asyncpg

from engine import version


async def test_a_version_grows_and_readers_see_it(postgres_url, valkey_url):
    db = await asyncpg.connect(postgres_url)
    await db.execute("INSERT INTO writers (vertical) VALUES ('boats') ON CONFLICT DO NOTHING")
    first = await version.bump(db, "boats")
    second = await version.bump(db, "boats")
    await db.close()
    assert second > first
    valkey = version.connect(valkey_url)
    assert await version.read(valkey, "boats") is None
    assert await version.publish(valkey, "boats", second)
    assert await version.read(valkey, "boats") == second
    await valkey.aclose()


async def test_no_number_comes_twice_in_a_database_that_was_put_back(postgres_url):
    db = await asyncpg.connect(postgres_url)
    await db.execute("INSERT INTO writers (vertical) VALUES ('ships') ON CONFLICT DO NOTHING")
    before = await db.fetchval("SELECT version FROM writers WHERE vertical = 'ships'")
    numbers = [await version.bump(db, "ships") for _ in range(20)]
    await asyncio.sleep(0.03)
    await db.execute("UPDATE writers SET version = $1 WHERE vertical = 'ships'", before)
    again = [await version.bump(db, "ships") for _ in range(20)]
    await db.close()
    assert numbers == sorted(set(numbers))
    assert min(again) > max(numbers)


async def test_without_valkey_nothing_fails_and_nothing_is_read(tmp_path):
    valkey = version.connect(f"unix://{tmp_path}/nobody.sock")
    assert not await version.publish(valkey, "cars", 1)
    assert await version.read(valkey, "cars") is None
    await valkey.aclose()
