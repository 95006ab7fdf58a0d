"""The index's version in Postgres and in Valkey."""

import asyncpg

from engine import version


async def test_a_version_grows_and_readers_see_it(postgres_url, valkey_url):
    db = await asyncpg.connect(postgres_url)
    await db.execute("INSERT INTO writers (vertical) VALUES ('boats') ON CONFLICT DO NOTHING")
    first = await version.bump(db, "boats")
    second = await version.bump(db, "boats")
    await db.close()
    assert second == first + 1
    valkey = version.connect(valkey_url)
    assert await version.read(valkey, "boats") is None
    assert await version.publish(valkey, "boats", second)
    assert await version.read(valkey, "boats") == second
    await valkey.aclose()


async def test_without_valkey_nothing_fails_and_nothing_is_read(tmp_path):
    valkey = version.connect(f"unix://{tmp_path}/nobody.sock")
    assert not await version.publish(valkey, "cars", 1)
    assert await version.read(valkey, "cars") is None
    await valkey.aclose()
