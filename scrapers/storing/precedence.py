"""A source's changed precedence, brought to the listings of the cars that others offer too."""

from collections.abc import AsyncIterator
from functools import partial

import asyncpg

from scrapers.storing.upsert import refresh, transact

BATCH = 500


async def rank(pool: asyncpg.Pool, source: str) -> AsyncIterator[int]:
    """Derive anew what this source shares with others, at most 500 of its offers at a time.

    Yields how many listings were looked at, after the commit of each batch.
    """
    last = ""
    while True:
        row = await pool.fetchrow(_SHARED, source, last, BATCH)
        if row["last"] is None:
            return
        await transact(pool, partial(refresh, keys=row["keys"]))
        yield len(row["keys"])
        last = row["last"]


_SHARED = """
    SELECT max(mine.external_id) AS last,
        coalesce(array_agg(mine.listing_key) FILTER (WHERE mine.is_shared), '{}') AS keys
    FROM (
        SELECT external_id, listing_key, EXISTS (
            SELECT FROM offers o WHERE o.listing_key = m.listing_key AND o.source <> m.source
        ) AS is_shared
        FROM offers m WHERE source = $1 AND external_id > $2 ORDER BY external_id LIMIT $3
    ) mine
"""
