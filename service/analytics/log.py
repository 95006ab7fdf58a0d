"""Rows on their way to Postgres: they wait in this process, within a bound, and go in batches."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple, NoReturn

import asyncpg

from catalog.database import DATABASE_AWAY
from service.analytics.events import TABLES, Row, new_number
from service.background import meanwhile

log = logging.getLogger("service")

EVERY_SECONDS = 1.0
WRITE_SECONDS = 3.0
LAST_SECONDS = 2.0
"""For what is there when the process is asked to end, of the four seconds that it has."""

MOST_WAITING = 10_000
"""Rows of one table that wait while Postgres is away; what comes beyond is not taken. Each table
has its own: however many clicks are told of, they push out no search.
"""

BATCH = 5_000  # rows of one table


class Batch(NamedTuple):
    """Rows that are written together by their table's kind, and how many were lost before: `id` is
    that number's, by which Postgres knows one that it has already.
    """

    rows: dict[type[Row], list[Row]]
    untold: int
    id: int

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))


NOTHING = Batch({kind: [] for kind in TABLES}, 0, 0)


class EventLog:
    """`put` never waits; `kept` writes in the background, and once more at the end."""

    def __init__(self) -> None:
        self._waiting: dict[type[Row], deque[Row]] = {kind: deque() for kind in TABLES}
        self._batch = NOTHING  # what is being written, or may have been
        self._untold = 0  # lost rows that Postgres was not told of yet
        self.written = 0
        self.lost = 0

    def put(self, *rows: Row) -> bool:
        """Have rows of one table written soon; False when too many wait, and none is taken."""
        kind = type(rows[0])
        waiting = self._waiting[kind]
        if len(waiting) + len(self._batch.rows[kind]) + len(rows) > MOST_WAITING:
            return False
        waiting.extend(rows)
        return True

    def __len__(self) -> int:
        """How many rows wait."""
        return len(self._batch) + sum(map(len, self._waiting.values()))

    @property
    def _pending(self) -> bool:
        """Whether there is anything to write, be it that rows were lost."""
        return bool(len(self) or self._untold)

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
            more = self._pending
            while more:  # what came meanwhile waits for its second, unless it is very much
                more = await self.write(pool, WRITE_SECONDS) and len(self) >= BATCH

    async def _finish(self, pool: asyncpg.Pool) -> None:
        try:
            async with asyncio.timeout(LAST_SECONDS):
                while self._pending and await self.write(pool, LAST_SECONDS):
                    pass
        except TimeoutError:
            log.debug("The last events were not written in time.")
        if len(self):
            log.warning("%d events were not written before the end.", len(self))

    async def write(self, pool: asyncpg.Pool, seconds: float) -> bool:
        """Write the rows that wait for longest, and how many were lost; False when Postgres is away
        or full, and they still wait.

        Rows that cannot be written are lost; that some were lost is told again in the next second.
        """
        old = self._batch
        batch = self._batch = old if len(old) or old.untold else self._next()
        try:
            async with asyncio.timeout(seconds), pool.acquire() as connection:
                await _copy(connection, batch)
        except asyncpg.UniqueViolationError:
            log.debug("A batch of events had been written though its answer was lost.")
            self._have_written(batch)
        except (*DATABASE_AWAY, OSError, asyncpg.InsufficientResourcesError) as error:
            log.debug("Events wait, Postgres is away: %s", error)
            return False
        except Exception:  # whatever it is: what comes after these rows shall be written
            log.exception("%d events cannot be written.", len(batch))
            self.lose(len(batch))
            self._batch = NOTHING
            return len(batch) > 0  # without rows, all that was to be told still waits
        else:
            self._have_written(batch)
        self._batch = NOTHING
        return True

    def _next(self) -> Batch:
        """The rows that wait for longest, no longer waiting.

        They stay together until they are written or lost: where Postgres has them already, it has
        all of them.
        """
        rows = {
            kind: [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
            for kind, waiting in self._waiting.items()
        }
        return Batch(rows, self._untold, new_number())

    def _have_written(self, batch: Batch) -> None:
        self.written += len(batch)
        self._untold -= batch.untold

    def lose(self, count: int) -> None:
        """Count rows that are written nowhere, without anybody being told to send them again."""
        self.lost += count
        self._untold += count


async def _copy(connection: asyncpg.Connection, batch: Batch) -> None:
    """Write all or nothing, with how many were lost before."""
    async with connection.transaction():
        for kind, rows in batch.rows.items():
            if rows:
                await connection.copy_records_to_table(
                    TABLES[kind], records=rows, columns=kind._fields
                )
        if batch.untold:
            told = (batch.id, batch.untold)
            await connection.execute("INSERT INTO event_losses (id, events) VALUES ($1, $2)", *told)
