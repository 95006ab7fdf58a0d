"""Runs: one row for each crawl of a source or import of a file, with its numbers."""

from collections import Counter
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeAlias

import asyncpg

Database: TypeAlias = asyncpg.Pool | asyncpg.Connection


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way."""

    id: int
    source: str
    started_at: datetime


@dataclass(slots=True)
class Tally:
    """What happened since the numbers were last written to the run's row."""

    pages: int = 0
    items: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    gone: int = 0
    bytes: int = 0
    seconds: float = 0.0
    problems: Counter[str] = field(default_factory=Counter)

    def take(self) -> "Tally":
        """What was counted; counting starts again at nothing."""
        taken, fresh = copy(self), Tally()
        for each in fields(self):
            setattr(self, each.name, getattr(fresh, each.name))
        return taken


async def begin(db: asyncpg.Pool, source: str, job_id: int | None = None) -> Run:
    """Start a run of this source, or go on with the one that this job was killed in.

    Any other run of the source that still says `running` has lost whoever did it: it is closed.
    """
    async with db.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM sources WHERE name = $1 FOR NO KEY UPDATE", source)
        await connection.execute(
            """
            UPDATE runs SET state = 'failed', finished_at = now(),
                error = 'It was interrupted and another run took its place.'
            WHERE source = $1 AND state = 'running'
                AND (job_id IS DISTINCT FROM $2 OR $2::bigint IS NULL)
            """,
            source,
            job_id,
        )
        row = await connection.fetchrow(
            """
            INSERT INTO runs (source, job_id) VALUES ($1, $2)
            ON CONFLICT (source) WHERE state = 'running' DO UPDATE SET job_id = excluded.job_id
            RETURNING id, source, started_at
            """,
            source,
            job_id,
        )
    return Run(**row)


async def add(db: Database, run: Run, tally: Tally) -> dict[str, Any]:
    """Add these numbers to the run's row; call it in the transaction of what they count.

    Returns the run's numbers so far, without problems.
    """
    row = await db.fetchrow(
        """
        UPDATE runs SET pages = pages + $2, items = items + $3, new = new + $4,
            changed = changed + $5, unchanged = unchanged + $6, failed = failed + $7,
            gone = gone + $8, bytes = bytes + $9, seconds = seconds + $10,
            problems = (
                SELECT coalesce(jsonb_object_agg(code, n), '{}') FROM (
                    SELECT key AS code, sum(value::bigint) AS n FROM (
                        SELECT * FROM jsonb_each_text(problems)
                        UNION ALL SELECT * FROM jsonb_each_text($11)
                    ) both_counts GROUP BY key
                ) counted)
        WHERE id = $1
        RETURNING pages, items, new, changed, unchanged, failed, gone, bytes
        """,
        run.id,
        tally.pages,
        tally.items,
        tally.new,
        tally.changed,
        tally.unchanged,
        tally.failed,
        tally.gone,
        tally.bytes,
        tally.seconds,
        dict(tally.problems),
    )
    return dict(row)


async def finish(db: Database, run: Run, state: str, error: str | None = None) -> dict[str, Any]:
    """Close the run as done, failed or suspicious; its row, as `recent` gives it."""
    await db.execute(
        "UPDATE runs SET state = $2, error = $3, finished_at = now() WHERE id = $1",
        run.id,
        state,
        error,
    )
    row = await one(db, run.id)
    assert row is not None
    return row


async def one(db: Database, run_id: int) -> dict[str, Any] | None:
    """A run's row, or None."""
    row = await db.fetchrow("SELECT * FROM runs WHERE id = $1", run_id)
    return dict(row) if row else None


async def recent(db: Database, limit: int = 20) -> list[dict[str, Any]]:
    """The newest runs, newest first."""
    rows = await db.fetch("SELECT * FROM runs ORDER BY id DESC LIMIT $1", limit)
    return [dict(row) for row in rows]
