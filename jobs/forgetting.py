"""What is kept for a time only: searches and clicks go when they are old, a piece at a time."""

from datetime import timedelta

import asyncpg

KEPT = timedelta(days=90)
MOST = 10_000
"""Rows of one table that are deleted at once, so that nothing else waits for it."""

TABLES = {"search_events": "query_id", "listing_events": "id", "event_losses": "id"}


async def forget_searches(pool: asyncpg.Pool) -> int:
    """Delete the oldest of what is older than it may be; how many rows."""
    return sum([await _forget(pool, table, number) for table, number in TABLES.items()])


async def _forget(pool: asyncpg.Pool, table: str, number: str) -> int:
    done: str = await pool.execute(
        f"""
        DELETE FROM {table} WHERE {number} IN (
            SELECT {number} FROM {table} WHERE at < now() - $1::interval
            ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        """,
        KEPT,
        MOST,
    )
    return int(done.removeprefix("DELETE "))
