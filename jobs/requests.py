"""What people ask of workers: jobs that go before the schedule's, each request done once."""

import json
from typing import Any

import asyncpg

from jobs import rows
from jobs.rows import ASKED, Put

LONGEST_KEY = 200  # characters of an idempotency key


class RequestError(Exception):
    """What was asked cannot be done; the message is a sentence for people."""


class KeyReusedError(RequestError):
    """The idempotency key of a request is that of another one."""


async def ask(
    pool: asyncpg.Pool,
    kind: str,
    key: str,
    args: dict[str, Any] | None = None,
    once: str | None = None,
) -> Put:
    """The job that does this.

    A request with an idempotency key (`once`) that was used before gets the job of that time, also
    when it has ended, as long as jobs are kept. Raises KeyReusedError where that was another
    request, and RequestError where a job that waits or runs was asked for without these `args`.
    """
    async with pool.acquire() as connection, connection.transaction():
        if once is None:
            return await _put(connection, kind, key, args)
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", once)
        known = await _known(connection, once, kind, key, args or {})
        if known is not None:
            return Put(known, is_new=False)
        asked = await _put(connection, kind, key, args)
        await connection.execute(
            "INSERT INTO job_requests (key, job_id, args) VALUES ($1, $2, $3)",
            once,
            asked.id,
            args or {},
        )
        return asked


async def _known(
    db: asyncpg.Connection, once: str, kind: str, key: str, args: dict[str, Any]
) -> int | None:
    """The job of the request that had this key before; raises KeyReusedError."""
    before = await db.fetchrow(
        "SELECT j.kind, j.key, r.args, j.id FROM job_requests r JOIN jobs j ON j.id = r.job_id"
        " WHERE r.key = $1",
        once,
    )
    if before is None:
        return None
    first = before["kind"], before["key"], before["args"]
    this = kind, key, args
    if first != this:
        raise KeyReusedError(
            f"The idempotency key was used for another request, {_words(*first)} (job"
            f" {before['id']}), and not for {_words(*this)}: take a new one."
        )
    return int(before["id"])


def _words(kind: str, key: str, args: dict[str, Any]) -> str:
    return f"{kind} {key}" + (f" with {json.dumps(args)}" if args else "")


async def _put(db: asyncpg.Connection, kind: str, key: str, args: dict[str, Any] | None) -> Put:
    asked = await rows.put(db, kind, key, args, priority=ASKED)
    if not asked.is_new and args:
        said = await db.fetchval("SELECT args FROM jobs WHERE id = $1", asked.id)
        if said != said | args:  # it may say more
            raise RequestError(
                f"A {kind} of {key} waits or runs already (job {asked.id}), asked for without"
                f" {', '.join(args)}: wait for its end, or end it first."
            )
    return asked


async def retry(db: rows.Database, number: int) -> None:
    """Let a dead job be tried again, as if for the first time; raises RequestError."""
    try:
        found = await db.fetchval(
            "UPDATE jobs SET state = 'queued', attempts = 0, run_at = now(), priority = $2,"
            " finished_at = NULL, progress = NULL WHERE id = $1 AND state = 'failed' RETURNING id",
            number,
            ASKED,
        )
    except asyncpg.UniqueViolationError as error:
        raise RequestError(
            f"Job {number} need not be tried again: another one of its kind and key waits or runs."
        ) from error
    if found is None:
        raise await _why_not(db, number, "only a dead one can be tried again")


async def drop(db: rows.Database, number: int) -> None:
    """Delete a dead job, or one that waits; raises RequestError."""
    found = await db.fetchval(
        "DELETE FROM jobs WHERE id = $1 AND state IN ('failed', 'queued') RETURNING id", number
    )
    if found is None:
        raise await _why_not(db, number, "only one that is dead or waits can be dropped")


async def _why_not(db: rows.Database, number: int, rule: str) -> RequestError:
    state = await db.fetchval("SELECT state FROM jobs WHERE id = $1", number)
    if state is None:
        return RequestError(f"There is no job {number}; `showroom jobs` lists them.")
    return RequestError(f"Job {number} is {state}; {rule}.")
