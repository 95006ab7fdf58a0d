"""Jobs as rows with a lease: whoever holds the lease works; a lease that runs out is free again.

A job's number of attempts is part of its lease: an old holder cannot finish a newer attempt.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

import asyncpg

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15.0

FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 900.0

ASKED = 10
"""The priority of what a person waits for; what the schedule asks for has 0."""

Database: TypeAlias = asyncpg.Pool | asyncpg.Connection


class LeaseLost(Exception):  # noqa: N818 -- what happened, in the words of the design
    """Somebody else has taken the job since; whatever was being done for it must stop."""


@dataclass(frozen=True)
class Job:
    """A claimed job."""

    id: int
    kind: str
    key: str
    args: dict[str, Any]
    attempts: int
    max_attempts: int
    lease_owner: str


async def enqueue(
    db: Database,
    kind: str,
    key: str,
    args: dict[str, Any] | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
) -> int:
    """The id of the job of this kind and key; see `put`."""
    return (await put(db, kind, key, args, run_at, priority)).id


class Put(NamedTuple):
    """A job that was asked for, and whether it was made for that."""

    id: int
    is_new: bool


async def put(
    db: Database,
    kind: str,
    key: str,
    args: dict[str, Any] | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
) -> Put:
    """The job of this kind and key that waits or runs, which is made if there is none.

    One that waits for a later time is moved forward to `run_at` (default: now), unless it waits
    for its next attempt: that comes when the one before said. It keeps the higher priority.
    """
    row = await db.fetchrow(
        """
        INSERT INTO jobs (kind, key, args, run_at, priority)
        VALUES ($1, $2, $3, coalesce($4, now()), $5)
        ON CONFLICT (kind, key) WHERE state IN ('queued', 'running')
        DO UPDATE SET priority = greatest(jobs.priority, excluded.priority),
            run_at = CASE WHEN jobs.attempts = 0
                THEN least(jobs.run_at, excluded.run_at) ELSE jobs.run_at END
        RETURNING id, xmax = 0 AS is_new
        """,
        kind,
        key,
        args or {},
        run_at,
        priority,
    )
    return Put(**row)


async def claim(db: Database, kinds: list[str], owner: str) -> Job | None:
    """Take the most urgent job that is due, or whose lease ran out; None if there is none.

    The higher priority goes first; of equals the one that is due for longest.
    """
    row = await db.fetchrow(
        """
        UPDATE jobs SET state = 'running', lease_owner = $2, lease_until = now() + $3,
            attempts = attempts + 1, started_at = coalesce(started_at, now())
        WHERE id = (
            SELECT id FROM jobs
            WHERE kind = ANY($1::text[]) AND (
                (state = 'queued' AND run_at <= now())
                OR (state = 'running' AND lease_until < now() AND attempts < max_attempts))
            ORDER BY priority DESC, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING id, kind, key, args, attempts, max_attempts, lease_owner
        """,
        kinds,
        owner,
        LEASE,
    )
    return Job(**row) if row else None


async def heartbeat(db: Database, job: Job, progress: dict[str, Any] | None = None) -> None:
    """Keep the lease for another minute and publish the progress; raises LeaseLost."""
    await _change(
        db, job, "lease_until = now() + $4, progress = coalesce($5, progress)", LEASE, progress
    )


async def finish(db: Database, job: Job, result: dict[str, Any]) -> None:
    """The job is done; raises LeaseLost if it was somebody else's by then."""
    await _change(
        db,
        job,
        "state = 'done', result = $4, error = NULL, finished_at = now(),"
        " lease_owner = NULL, lease_until = NULL",
        result,
    )


async def fail(db: Database, job: Job, error: str, wait: float = 0.0) -> None:
    """The attempt failed: the job waits for its next one, or has failed when that was the last.

    The next one comes after `wait` seconds at the earliest. Raises LeaseLost.
    """
    ended = "error = $4, lease_owner = NULL, lease_until = NULL"
    if job.attempts >= job.max_attempts:
        await _change(db, job, f"{ended}, state = 'failed', finished_at = now()", error)
        return
    pause = max(backoff(job.attempts, random.random()), timedelta(seconds=wait))
    await _change(db, job, f"{ended}, state = 'queued', run_at = now() + $5", error, pause)


async def refuse(db: Database, job: Job, error: str) -> None:
    """The job cannot be done, and another attempt would not change that; raises LeaseLost."""
    await _change(
        db,
        job,
        "state = 'failed', error = $4, finished_at = now(), lease_owner = NULL, lease_until = NULL",
        error,
    )


async def cancel(db: Database, kinds: list[str], key: str, error: str) -> list[int]:
    """End the jobs of these kinds that wait or run, whoever holds them; their ids."""
    ended = await db.fetch(
        "UPDATE jobs SET state = 'failed', error = $3, finished_at = now(),"
        " lease_owner = NULL, lease_until = NULL"
        " WHERE kind = ANY ($1::text[]) AND key = $2 AND state IN ('queued', 'running')"
        " RETURNING id",
        kinds,
        key,
        error,
    )
    return [row["id"] for row in ended]


async def hand_back(db: Database, job: Job) -> None:
    """Put the job back into the queue as if it had not been claimed; raises LeaseLost."""
    await _change(
        db,
        job,
        "state = 'queued', attempts = attempts - 1, lease_owner = NULL, lease_until = NULL",
    )


async def release(db: Database) -> int:
    """Hand back every running job; how many.

    Only for who knows that no worker lives, because the database itself was not running: nobody
    has to wait for the leases then, and no attempt is counted.
    """
    released = await db.fetch(
        "UPDATE jobs SET state = 'queued', attempts = attempts - 1, lease_owner = NULL,"
        " lease_until = NULL WHERE state = 'running' RETURNING id"
    )
    return len(released)


def backoff(attempts: int, chance: float) -> timedelta:
    """How long to wait after this many attempts: doubling, bounded, less up to half by chance.

    `chance` in [0, 1) spreads the retries of jobs that failed together.
    """
    doublings = min(attempts - 1, 16)
    longest = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0**doublings)
    return timedelta(seconds=longest * (1 - chance / 2))


async def _change(db: Database, job: Job, change: str, *values: Any) -> None:
    found = await db.fetchval(
        f"UPDATE jobs SET {change} WHERE id = $1 AND lease_owner = $2 AND attempts = $3"
        " AND state = 'running' RETURNING id",
        job.id,
        job.lease_owner,
        job.attempts,
        *values,
    )
    if found is None:
        raise LeaseLost(f"Job {job.id} ({job.kind} {job.key}) is no longer {job.lease_owner}'s.")
