"""What the people on call read of searches: each report is one question to Postgres."""

from typing import Any

import asyncpg

from catalog.database import DATABASE_ERRORS
from service.http.problems import unavailable

SECONDS = 8.0

# $1 days, $2 collection or null. A search that the same visitor goes on typing within seconds is
# none of its own.
SEARCHES = """
WITH answers AS (
    SELECT *, page = 1 AND NOT coalesce(
        lead(at) OVER typing < at + interval '15 s'
        AND lead(q) OVER typing <> q AND starts_with(lead(q) OVER typing, q), false) AS counts
    FROM search_events
    WHERE at > now() - $1 * interval '1 day' AND ($2::text IS NULL OR collection = $2)
    WINDOW typing AS (PARTITION BY visitor, collection ORDER BY at, query_id)
), opened AS (
    SELECT query_id, count(*) AS clicks FROM listing_events
    WHERE kind = 'click' AND at > now() - $1 * interval '1 day' GROUP BY query_id
), searches AS (
    SELECT answers.*, coalesce(clicks, 0) AS clicks FROM answers LEFT JOIN opened USING (query_id)
    WHERE counts OR page > 1 OR clicks > 0
)
"""

REPORTS = {
    "queries": """
        SELECT q, count(*) FILTER (WHERE page = 1) AS searches,
            count(DISTINCT visitor) AS visitors,
            round(avg(results))::int AS results,
            count(*) FILTER (WHERE results = 0) AS without_results,
            sum(clicks)::int AS clicks,
            round(avg((clicks > 0)::int), 4)::float8 AS click_rate
        FROM searches WHERE q <> '' GROUP BY q
        ORDER BY searches DESC, q LIMIT $3
    """,
    "zero-results": """
        SELECT q, filters, count(*) AS searches, count(DISTINCT visitor) AS visitors,
            max(at) AS last_at
        FROM searches WHERE results = 0 AND page = 1 GROUP BY q, filters
        ORDER BY searches DESC, q, filters LIMIT $3
    """,
    "filters": """
        SELECT filter, count(*) AS searches, count(DISTINCT visitor) AS visitors,
            round(avg((results = 0)::int), 4)::float8 AS zero_rate
        FROM searches, unnest(filters) AS filter WHERE page = 1 GROUP BY filter
        ORDER BY searches DESC, filter LIMIT $3
    """,
    "clicks": """
        SELECT key, count(*) FILTER (WHERE kind = 'click') AS clicks,
            count(*) FILTER (WHERE kind = 'view') AS views,
            count(DISTINCT query_id) AS searches,
            round(avg(position) FILTER (WHERE kind = 'click'), 1)::float8 AS position
        FROM listing_events JOIN answers USING (query_id) GROUP BY key
        ORDER BY clicks DESC, views DESC, key LIMIT $3
    """,
    "hours": """
        SELECT date_trunc('hour', at) AS hour, count(*) FILTER (WHERE page = 1) AS searches,
            count(DISTINCT visitor) AS visitors,
            count(*) FILTER (WHERE results = 0 AND page = 1) AS without_results,
            sum(clicks)::int AS clicks
        FROM searches GROUP BY hour ORDER BY hour DESC LIMIT $3
    """,
}


async def report(
    pool: asyncpg.Pool | None, name: str, days: int, most: int, collection: str | None
) -> dict[str, Any]:
    """The rows of a report over the last days, the most frequent (the latest hour) first.

    `lost` is how many events could not be kept in that time. Raises Problem 503.
    """
    if pool is None:
        raise unavailable("The database is not configured; set DATABASE_URL.")
    try:
        async with pool.acquire(timeout=SECONDS) as connection:
            rows = await connection.fetch(
                SEARCHES + REPORTS[name], days, collection, most, timeout=SECONDS
            )
            lost = await connection.fetchval(LOST, days, timeout=SECONDS)
    except TimeoutError as error:
        raise unavailable("The report takes too long; ask for fewer days.") from error
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer; try again in a moment.") from error
    return {"meta": {"days": days, "lost": lost}, "data": [dict(row) for row in rows]}


LOST = """
SELECT coalesce(sum(events), 0)::int FROM event_losses WHERE at > now() - $1 * interval '1 day'
"""
