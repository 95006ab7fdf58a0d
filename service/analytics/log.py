"""Rows on their way to Postgres: they wait in this process, within a bound, and go in batches."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from typing import NoReturn

import asyncpg

from catalog.database import DATABASE_AWAY
from service.analytics.events import TABLES, Row
from service.background import meanwhile

log = logging.getLogger("service")

EVERY_SECONDS = 1.0
WRITE_SECONDS = 3.0
LAST_SECONDS = 2.0
"""For what is there when the process is asked to end, of the four seconds that it has."""

MOST_WAITING = 20_000
"""Rows that wait while Postgres is away; what comes beyond is lost, and counted."""

BATCH = 5_000


class EventLog:
    """`put` never waits; `kept` writes in the background, and once more at the end."""

    def __init__(self) -> None:
        self._waiting: deque[Row] = deque()
        self._untold = 0  # lost rows that Postgres was not told of yet
        self.written = 0
        self.lost = 0

    def put(self, row: Row) -> None:
        """Have a row written soon, or lose it when too many wait."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(row)
        else:
            self._lose(1)

    @asynccontextmanager
    async def kept(self, pool: asyncpg.Pool) -> AsyncIterator[None]:
        try:
            async with meanwhile("The writing of events", partial(self._write_forever, pool)):
                yield
        finally:
            await self._finish(pool)

    async def _write_forever(self, pool: asyncpg.Pool) -> NoReturn:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            while self._waiting and await self.write(pool, WRITE_SECONDS):
                pass

    async def _finish(self, pool: asyncpg.Pool) -> None:
        try:
            async with asyncio.timeout(LAST_SECONDS):
                while self._waiting and await self.write(pool, LAST_SECONDS):
                    pass
        except TimeoutError:
            log.debug("The last events were not written in time.")
        if self._waiting:
            log.warning("%d events were not written before the end.", len(self._waiting))

    async def write(self, pool: asyncpg.Pool, seconds: float) -> bool:
        """Write the rows that wait for longest; False when Postgres is away or full, and they
        still wait.

        Rows that cannot be written are lost.
        """
        batch = list(islice(self._waiting, BATCH))
        untold = self._untold
        try:
            async with asyncio.timeout(seconds), pool.acquire() as connection:
                await _copy(connection, batch, untold)
        except asyncpg.UniqueViolationError:
            log.debug("A batch of events had been written though its answer was lost.")
            self._have_written(batch, untold)
        except (*DATABASE_AWAY, OSError, asyncpg.InsufficientResourcesError) as error:
            log.debug("Events wait, Postgres is away: %s", error)
            return False
        except Exception:  # whatever it is: what comes after these rows shall be written
            log.exception("%d events cannot be written.", len(batch))
            self._lose(len(batch))
        else:
            self._have_written(batch, untold)
        for _ in batch:
            self._waiting.popleft()
        return True

    def _have_written(self, batch: list[Row], untold: int) -> None:
        self.written += len(batch)
        self._untold -= untold

    def _lose(self, count: int) -> None:
        self.lost += count
        self._untold += count


async def _copy(connection: asyncpg.Connection, batch: list[Row], untold: int) -> None:
    """Write all or nothing, with how many were lost before."""
    async with connection.transaction():
        for kind, table in TABLES.items():
            rows = [row for row in batch if isinstance(row, kind)]
            if rows:
                await connection.copy_records_to_table(table, records=rows, columns=kind._fields)
        if untold:
            await connection.execute("INSERT INTO event_losses (events) VALUES ($1)", untold)
