"""What nobody rang for: what is due, what was lost, what waits, and what is kept too long."""

from datetime import timedelta

import asyncpg

from jobs import rows
from jobs.schedule import next_time

MOST_SOURCES = 1000
MOST_FORGOTTEN = 1000
MOST_PAGES = 1000
KEPT = timedelta(days=14)
"""How long a job is kept after its end; what a crawl did stands in its run."""


async def schedule(pool: asyncpg.Pool) -> list[str]:
    """Enqueue a crawl for each source that is due and set its next time; the sources' names.

    A source that was due several times while nothing ran is crawled once.
    """
    async with pool.acquire() as connection, connection.transaction():
        due = await connection.fetch(
            """
            SELECT name, now() AS now, next_run_at AS due, every, schedule FROM sources
            WHERE enabled AND next_run_at <= now() AND (every > 0 OR schedule IS NOT NULL)
            ORDER BY next_run_at LIMIT $1 FOR UPDATE SKIP LOCKED
            """,
            MOST_SOURCES,
        )
        for name, *when in due:
            following = next_time(*when)
            await connection.execute(
                "UPDATE sources SET next_run_at = $2 WHERE name = $1", name, following
            )
            await rows.enqueue(connection, "crawl", name)
    return [str(row["name"]) for row in due]


async def bury(pool: asyncpg.Pool) -> int:
    """End the jobs whose last attempt lost its worker; how many."""
    ended = await pool.fetch(
        """
        UPDATE jobs SET state = 'failed', finished_at = now(),
            lease_owner = NULL, lease_until = NULL,
            error = 'The worker was lost in the last of ' || attempts || ' attempts.'
        WHERE state = 'running' AND lease_until < now() AND attempts >= max_attempts
        RETURNING id
        """
    )
    return len(ended)


async def close_runs(pool: asyncpg.Pool) -> int:
    """Close the runs whose job has ended without closing them; how many."""
    closed = await pool.fetch(
        """
        UPDATE runs r SET state = 'failed', finished_at = now(),
            error = coalesce(j.error, 'Its job ended without it.')
        FROM jobs j
        WHERE r.state = 'running' AND j.id = r.job_id AND j.state IN ('done', 'failed')
        RETURNING r.id
        """
    )
    return len(closed)


async def forget(pool: asyncpg.Pool) -> int:
    """Delete jobs that ended more than 14 days ago, at most 1,000 at a time; how many."""
    forgotten = await pool.fetch(
        """
        DELETE FROM jobs WHERE id IN (
            SELECT id FROM jobs
            WHERE state IN ('done', 'failed') AND finished_at < now() - $1::interval
            ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) RETURNING id
        """,
        KEPT,
        MOST_FORGOTTEN,
    )
    return len(forgotten)


async def trim_pages(pool: asyncpg.Pool, days: float, megabytes: int) -> int:
    """Delete kept pages that are too old, and of each source the oldest beyond its megabytes.

    At most 1,000 for each reason and source; how many.
    """
    too_old = await pool.fetch(
        """
        DELETE FROM pages WHERE id IN (
            SELECT id FROM (SELECT id, fetched_at FROM pages ORDER BY id LIMIT $2) oldest
            WHERE fetched_at < now() - $1::interval
        ) RETURNING id
        """,
        timedelta(days=days),
        MOST_PAGES,
    )
    too_many = await pool.fetch(
        """
        WITH full_sources AS (
            SELECT source, sum(size) - $1 AS excess FROM pages GROUP BY source HAVING sum(size) > $1
        )
        DELETE FROM pages USING full_sources f CROSS JOIN LATERAL (
            SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM (
                SELECT id, size FROM pages WHERE source = f.source ORDER BY id LIMIT $2
            ) oldest
        ) o
        WHERE pages.id = o.id AND o.before < f.excess
        RETURNING pages.id
        """,
        megabytes * 1_000_000,
        MOST_PAGES,
    )
    return len(too_old) + len(too_many)


async def waiting(pool: asyncpg.Pool, kinds: list[str]) -> bool:
    """Whether a job of these kinds can be claimed now."""
    return bool(
        await pool.fetchval(
            """
            SELECT EXISTS (SELECT FROM jobs WHERE kind = ANY($1::text[]) AND (
                (state = 'queued' AND run_at <= now())
                OR (state = 'running' AND lease_until < now() AND attempts < max_attempts)))
            """,
            kinds,
        )
    )
