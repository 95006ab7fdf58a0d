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
