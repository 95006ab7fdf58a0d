import asyncio
import threading

import asyncpg
import pytest

from catalog.database import DATABASE_AWAY, connect


async def end(postgres_url: str, process: int) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("SELECT pg_terminate_backend($1)", process)
    await connection.close()


async def ask_as_it_ends(pool: asyncpg.Pool, postgres_url: str, turns: int) -> None:
    """Ask when `turns` turns of the loop have seen a part of what a server says that ends."""
    async with pool.acquire() as connection:
        ending = end(postgres_url, connection.get_server_pid())
        thread = threading.Thread(target=asyncio.run, args=(ending,))
        thread.start()
        thread.join()
        for _ in range(turns):
            await asyncio.sleep(0)
        await connection.fetchval("SELECT 1")


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_a_server_that_ends_is_away_at_each_moment_and_the_pool_goes_on(
    postgres_url: str, turns: int
):
    async def ask_twice() -> None:
        async with connect(postgres_url, min_size=1, max_size=1) as pool:
            with pytest.raises(DATABASE_AWAY):
                await ask_as_it_ends(pool, postgres_url, turns)
            assert await pool.fetchval("SELECT 1") == 1

    asyncio.run(ask_twice())
