"""What many people search for, so that it can be suggested to others."""

import asyncio
import logging
from collections.abc import Callable
from typing import NoReturn

import asyncpg

from catalog.database import DATABASE_ERRORS

log = logging.getLogger("service")

EVERY_SECONDS = 300.0

FEWEST_VISITORS = 5
"""Visitors of one day who must have typed a query before others see it: it is nobody's secret."""

MOST_SEARCHES = 200_000
"""The latest searches that are looked at."""

MOST = 1_000
SECONDS = 30.0

# A visitor has another number each day, so those of one day are counted.
#
# Each worker asks for itself: it takes Postgres 0.6 s with 10,000,000 searches in the table, a
# five-hundredth of a core for each worker. The index on `at` gives the latest MOST_SEARCHES,
# however many there are; where a collection has none among ten million of a week, it takes 1.7 s.
POPULAR = """
WITH latest AS (
    SELECT q, visitor, at, results FROM search_events
    WHERE collection = $1 AND page = 1 AND at > now() - interval '7 days'
    ORDER BY at DESC LIMIT $2
), settled AS (
    SELECT *, lead(at) OVER typing < at + interval '15 s' AND lead(q) OVER typing <> q
        AND starts_with(lead(q) OVER typing, q) AS typing
    FROM latest WINDOW typing AS (PARTITION BY visitor ORDER BY at)
), days AS (
    SELECT q, count(DISTINCT visitor) AS visitors FROM settled
    WHERE results > 0 AND q <> '' AND position('[' IN q) = 0 AND typing IS NOT TRUE
    GROUP BY q, at::date HAVING count(DISTINCT visitor) >= $3
)
SELECT q FROM days GROUP BY q ORDER BY sum(visitors) DESC, q LIMIT $4
"""


async def popular(pool: asyncpg.Pool, collection: str) -> list[str]:
    """Queries of the last week that found something, the most frequent first.

    Raises one of DATABASE_ERRORS.
    """
    given = (collection, MOST_SEARCHES, FEWEST_VISITORS, MOST)
    async with pool.acquire(timeout=SECONDS) as connection:
        rows = await connection.fetch(POPULAR, *given, timeout=SECONDS)
    return [str(row["q"]) for row in rows]


async def keep(pool: asyncpg.Pool, collection: str, show: Callable[[list[str]], None]) -> NoReturn:
    """Show them, and again every few minutes, for ever; while Postgres is away those of before."""
    while True:
        try:
            show(await popular(pool, collection))
        except DATABASE_ERRORS as error:
            log.debug("Popular queries stay as they are: %s", error)
        await asyncio.sleep(EVERY_SECONDS)
