"""Who may write: the holder of an advisory lock on a connection of its own.

The holder says every second that it lives. A second indexer stands by; it takes the lock when it
is free, and frees it itself when the holder has said nothing for `SILENT_SECONDS` (a process that
is stopped keeps its connection). Every transaction of the writer begins by looking whether its
epoch is still the last one.
"""

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import asyncpg

from catalog.database import DATABASE_ERRORS, open_connection

log = logging.getLogger(__name__)

WRITER_LOCK = 0x5110_0002
BEAT_SECONDS = 1.0
TRY_SECONDS = 1.0
SILENT_SECONDS = 6.0
OWN_SILENCE_SECONDS = 4.0
"""A holder that could not say that it lives for so long stops by itself: before others act."""


class LeaseLost(Exception):  # noqa: N818 - what happened, in the words of the design
    """Writing is over for this process."""


class Lease:
    """The right to write the indexes of `verticals`; made by `hold`."""

    def __init__(
        self, connection: asyncpg.Connection, pool: asyncpg.Pool, verticals: list[str], epoch: int
    ) -> None:
        self._connection = connection
        self._verticals = verticals
        self._said = time.monotonic()
        self.pool = pool
        self.epoch = epoch

    def check(self) -> None:
        """Raise LeaseLost unless this process said lately that it lives."""
        if self._connection.is_closed() or time.monotonic() - self._said > OWN_SILENCE_SECONDS:
            raise LeaseLost("The connection that holds the writer's lock is lost.")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that commits only as the last epoch; raises LeaseLost.

        A process that is stopped inside it is thrown out by Postgres after three seconds.
        """
        self.check()
        async with self.pool.acquire() as db, db.transaction():
            await db.execute("SET LOCAL idle_in_transaction_session_timeout = '3s'")
            mine = await db.fetchval(
                "SELECT count(*) FROM (SELECT FROM writers WHERE vertical = ANY ($1::text[])"
                " AND epoch = $2 FOR KEY SHARE) held",
                self._verticals,
                self.epoch,
            )
            if mine != len(self._verticals):
                raise LeaseLost("Another indexer has taken over.")
            yield db

    async def keep(self) -> None:
        """Say every second that the holder lives; raises LeaseLost when that fails."""
        while True:
            asked = time.monotonic()
            try:
                await self._connection.execute(
                    "UPDATE writers SET heartbeat_at = clock_timestamp()"
                    " WHERE vertical = ANY ($1::text[]) AND epoch = $2",
                    self._verticals,
                    self.epoch,
                    timeout=OWN_SILENCE_SECONDS,
                )
            except DATABASE_ERRORS as error:
                raise LeaseLost(
                    f"The connection that holds the writer's lock is lost ({error})."
                ) from error
            self._said = asked
            await asyncio.sleep(BEAT_SECONDS)


@asynccontextmanager
async def hold(
    database_url: str, pool: asyncpg.Pool, verticals: Iterable[str]
) -> AsyncIterator[Lease]:
    """Wait until this process is the one that writes; the lock is free again at the end."""
    names = sorted(verticals)
    connection = await open_connection(database_url)
    try:
        await connection.execute(
            "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 1;"
            "SET tcp_keepalives_count = 3"
        )
        await _take_lock(connection, names)
        epoch = await _begin_epoch(connection, names)
        log.info("This indexer writes now (epoch %d).", epoch)
        yield Lease(connection, pool, names, epoch)
    finally:
        connection.terminate()


async def _take_lock(connection: asyncpg.Connection, verticals: list[str]) -> None:
    standing_by = False
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", WRITER_LOCK):
        if not standing_by:
            log.info("Another indexer writes; this one stands by.")
            standing_by = True
        if await _holder_is_silent(connection, verticals):
            await _throw_out_holder(connection)
        await asyncio.sleep(TRY_SECONDS)


async def _holder_is_silent(connection: asyncpg.Connection, verticals: list[str]) -> bool:
    """Whether nobody said for too long that the lock's holder lives."""
    return bool(
        await connection.fetchval(
            "SELECT coalesce(bool_and(heartbeat_at < clock_timestamp() - $2 * interval '1 s'),"
            " false) FROM writers WHERE vertical = ANY ($1::text[])",
            verticals,
            SILENT_SECONDS,
        )
    )


async def _throw_out_holder(connection: asyncpg.Connection) -> None:
    gone = await connection.fetch(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_locks"
        " WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = 0 AND objid = $1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        WRITER_LOCK,
    )
    if gone:
        log.warning(
            "The indexer that writes has been silent for %d s: taking over.", SILENT_SECONDS
        )


async def _end_transactions(connection: asyncpg.Connection) -> None:
    """End the sessions in which a writer before this one holds its row.

    A process that is stopped between two messages of one query leaves a session that is not idle,
    which no timeout ends.
    """
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'writers'::regclass"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND mode <> 'AccessShareLock' AND pid <> pg_backend_pid()"
    )


async def _begin_epoch(connection: asyncpg.Connection, verticals: list[str]) -> int:
    """A number greater than any before; no transaction of the one before can commit any more."""
    await _end_transactions(connection)
    async with connection.transaction():
        await connection.execute("SELECT FROM writers ORDER BY vertical FOR UPDATE", timeout=30)
        epoch = await connection.fetchval("SELECT coalesce(max(epoch), 0) + 1 FROM writers")
        await connection.execute(
            "INSERT INTO writers (vertical, epoch, owner, heartbeat_at)"
            " SELECT unnest($1::text[]), $2, $3, clock_timestamp()"
            " ON CONFLICT (vertical) DO UPDATE SET epoch = excluded.epoch, owner = excluded.owner,"
            " heartbeat_at = excluded.heartbeat_at",
            verticals,
            epoch,
            f"{socket.gethostname()}:{os.getpid()}",
        )
    return int(epoch)
