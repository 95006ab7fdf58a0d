from collections.abc import AsyncIterator

import asyncpg
import pytest

from catalog.database import connect


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database without jobs and sources."""
    async with connect(postgres_url) as opened:
        await opened.execute(
            "DELETE FROM pages; DELETE FROM runs; DELETE FROM jobs; DELETE FROM sources"
        )
        yield opened


@pytest.fixture
async def db(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a transaction that is taken back."""
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()
