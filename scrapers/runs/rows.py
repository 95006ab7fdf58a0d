"""Runs: one row for each crawl of a source or import of a file, with its numbers."""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import asyncpg

from jobs.decisions import overrule
from jobs.handlers import Stopped
from jobs.rows import Database


class RunEndedError(Stopped):
    """The run was ended by somebody else; whatever is being done for it must stop."""


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
    unmodified: int = 0
    items: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    gone: int = 0
    bytes: int = 0
    seconds: float = 0.0
    problems: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

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

    Returns the run's numbers so far. Raises RunEndedError where the run is no longer under way:
    a person canceled it, or another took its place.
    """
    row = await db.fetchrow(
        _ADD,
        run.id,
        *(getattr(tally, name) for name in NUMBERS),
        *(dict(getattr(tally, name)) for name in COUNTS),
    )
    if row is None:
        raise RunEndedError(f"Run {run.id} of {run.source} was ended by somebody else.")
    return dict(row)


async def count_anew(db: Database, run: Run) -> None:
    """Forget how many rows the run had: it was interrupted, and reads its file from the start.

    What was fetched, what has gone and how long it took stay counted.
    """
    await db.execute(
        """
        UPDATE runs SET items = 0, read = 0, new = 0, changed = 0, unchanged = 0, failed = 0,
            problems = '{}', filled = '{}'
        WHERE id = $1 AND state = 'running'
        """,
        run.id,
    )


NUMBERS = tuple(each.name for each in fields(Tally) if each.type in (int, float))
COUNTS = tuple(each.name for each in fields(Tally) if each.name not in NUMBERS)


def _sum(column: str, number: int) -> str:
    """SQL that adds the counts of parameter `number` to a column of counts, name by name."""
    return f"""{column} = (
        SELECT coalesce(jsonb_object_agg(code, n), '{{}}') FROM (
            SELECT key AS code, sum(value::bigint) AS n FROM (
                SELECT * FROM jsonb_each_text({column})
                UNION ALL SELECT * FROM jsonb_each_text(${number})
            ) both_counts GROUP BY key
        ) counted)"""


_SUMS = [f"{name} = {name} + ${number}" for number, name in enumerate(NUMBERS, 2)]
_SUMS += [_sum(name, number) for number, name in enumerate(COUNTS, 2 + len(NUMBERS))]
_ADD = f"""
    UPDATE runs SET {", ".join(_SUMS)} WHERE id = $1 AND state = 'running'
    RETURNING {", ".join(NUMBERS)}
"""


async def finish(
    db: Database,
    run: Run,
    state: str,
    error: str | None = None,
    drift: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Close the run as done, failed or suspicious; its row. Raises RunEndedError as `add` does.

    A crawl that is done settles the suspicions of the runs before it.
    """
    row = await db.fetchrow(
        "UPDATE runs SET state = $2, error = $3, drift = $4, finished_at = now()"
        " WHERE id = $1 AND state = 'running' RETURNING *",
        run.id,
        state,
        error,
        list(drift),
    )
    if row is None:
        raise RunEndedError(f"Run {run.id} of {run.source} was ended by somebody else.")
    if state == "done":
        await overrule(db, run.source, run.id)
    return dict(row)


async def taken_up(db: Database, run_id: int) -> Run:
    """A run that ended, for what is still to be done for it."""
    row = await db.fetchrow("SELECT id, source, started_at FROM runs WHERE id = $1", run_id)
    return Run(**row)
