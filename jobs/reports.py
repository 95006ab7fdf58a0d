"""What is known of sources, runs and jobs: the rows that people and scripts are shown."""

from typing import Any

from jobs.rows import Database

MOST_SOURCES = 1000
MOST_COUNTED = 100_000  # jobs that wait or run, and again of those that ended, the newest
LAST_ID = 2**63 - 1  # pages of rows go from the newest on, each `before` the last one's last


async def sources(db: Database) -> list[dict[str, Any]]:
    """Every source, by name: when it is due, how its last run ended, which of its runs is held.

    Its breaker is `open` until `paused_until`, because of what is `held_against` it; then
    `half-open`, then `closed`. `drift` are the fields that fell in the last run that ended; None
    where there is none yet. `done_at` is when a run was last `done`.
    """
    found = await db.fetch(
        """
        SELECT s.*, last.id AS run_id, last.state AS run_state, last.started_at AS run_started_at,
            last.items AS run_items, held.until AS paused_until, held.reason AS held_against,
            CASE WHEN held.until > now() THEN 'open' WHEN held.until IS NOT NULL THEN 'half-open'
                ELSE 'closed' END AS breaker, ended.drift, (
                SELECT max(id) FROM runs WHERE source = s.name AND state = 'suspicious'
            ) AS suspicious_run, (
                SELECT finished_at FROM runs WHERE source = s.name AND state = 'done'
                ORDER BY id DESC LIMIT 1
            ) AS done_at
        FROM sources s LEFT JOIN breakers held ON held.source = s.name LEFT JOIN LATERAL (
            SELECT * FROM runs WHERE source = s.name ORDER BY id DESC LIMIT 1
        ) last ON true LEFT JOIN LATERAL (
            SELECT drift FROM runs WHERE source = s.name AND state <> 'running'
            ORDER BY id DESC LIMIT 1
        ) ended ON true
        ORDER BY s.name LIMIT $1
        """,
        MOST_SOURCES,
    )
    return [dict(row) for row in found]


async def runs(
    db: Database,
    limit: int,
    before: int = LAST_ID,
    source: str | None = None,
    state: str | None = None,
) -> list[dict[str, Any]]:
    """The newest runs, newest first."""
    found = await db.fetch(
        "SELECT * FROM runs WHERE id < $2 AND ($3::text IS NULL OR source = $3)"
        " AND ($4::text IS NULL OR state = $4) ORDER BY id DESC LIMIT $1",
        limit,
        before,
        source,
        state,
    )
    return [dict(row) for row in found]


async def run(db: Database, number: int) -> dict[str, Any] | None:
    """A run's row, or None."""
    row = await db.fetchrow("SELECT * FROM runs WHERE id = $1", number)
    return dict(row) if row else None


async def jobs(
    db: Database,
    limit: int,
    before: int = LAST_ID,
    kind: str | None = None,
    state: str | None = None,
) -> list[dict[str, Any]]:
    """The newest jobs, newest first; those in the state `failed` are dead."""
    found = await db.fetch(
        "SELECT * FROM jobs WHERE id < $2 AND ($3::text IS NULL OR kind = $3)"
        " AND ($4::text IS NULL OR state = $4) ORDER BY id DESC LIMIT $1",
        limit,
        before,
        kind,
        state,
    )
    return [dict(row) for row in found]


async def job(db: Database, number: int) -> dict[str, Any] | None:
    """A job's row, or None."""
    row = await db.fetchrow("SELECT * FROM jobs WHERE id = $1", number)
    return dict(row) if row else None


async def job_counts(db: Database) -> list[dict[str, Any]]:
    """How many `jobs` of a `kind` are in a `state`, and since how many seconds the one is `due`
    that has waited for a worker longest.
    """
    found = await db.fetch(
        """
        SELECT kind, state, count(*) AS jobs, coalesce(max(
            extract(epoch FROM now() - run_at)) FILTER (WHERE state = 'queued'), 0)::float8 AS due
        FROM (
            (SELECT kind, state, run_at FROM jobs WHERE state IN ('queued', 'running') LIMIT $1)
            UNION ALL
            (SELECT kind, state, run_at FROM jobs WHERE state IN ('done', 'failed')
                ORDER BY finished_at DESC LIMIT $1)
        ) counted
        GROUP BY kind, state
        """,
        MOST_COUNTED,
    )
    return [dict(row) | {"due": max(0.0, row["due"])} for row in found]
