"""What a listing has cost: the one answer that comes from Postgres."""

from contextlib import AsyncExitStack
from typing import Any, Self

import asyncpg

from catalog.database import DATABASE_ERRORS, connect
from catalog.vertical import Vertical
from service.http.problems import not_found, unavailable
from service.understanding.parameters import shown

CONNECTIONS = 4
SECONDS = 2.0
"""For a connection, and again for each query; past it the answer is a 503."""


class History:
    """A small pool that is opened without Postgres, and that outlives its restarts."""

    def __init__(self, database_url: str | None) -> None:
        self._url = database_url
        self._open = AsyncExitStack()
        self._pool: asyncpg.Pool | None = None

    async def __aenter__(self) -> Self:
        if self._url is not None:
            opening = connect(self._url, min_size=0, max_size=CONNECTIONS)
            self._pool = await self._open.enter_async_context(opening)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def of(self, vertical: Vertical, key: str) -> dict[str, Any]:
        """The prices of a listing, oldest first, live or not; Problem 404, or 503 when away."""
        if self._pool is None:
            raise unavailable("The database is not configured; set DATABASE_URL.")
        try:
            async with self._pool.acquire(timeout=SECONDS) as connection:
                active = await connection.fetchval(
                    f"SELECT active FROM {vertical.table} WHERE key = $1", key, timeout=SECONDS
                )
                prices = await connection.fetch(vertical.history, key, timeout=SECONDS)
        except DATABASE_ERRORS as error:
            raise unavailable("The database does not answer; try again in a moment.") from error
        if active is None:
            raise not_found(f"No listing with the key {shown(key)} is known.")
        return {"data": [dict(row) for row in prices], "meta": {"key": key, "active": active}}
