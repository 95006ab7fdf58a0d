"""What people decide of runs.

A crawl ends `done`, `failed` or `suspicious`. A suspicious one took nothing out of search; it is
settled once: accepted (`done`, and what it did not see is taken out by a job), `canceled`, or
`overruled` by a later run that is healthy, or accepted.
"""

import asyncpg

from jobs import rows
from jobs.requests import RequestError
from jobs.rows import ASKED

DEPART = "depart"
CANCELED = "It was canceled by a person."


async def accept(pool: asyncpg.Pool, number: int) -> int:
    """Believe a suspicious run; the job that takes out of search what it did not see."""
    async with pool.acquire() as connection, connection.transaction():
        run = await _locked(connection, number)
        if run["state"] != "suspicious":
            raise RequestError(
                f"Run {number} is {run['state']}; only a suspicious one is accepted."
            )
        await connection.execute(
            "UPDATE runs SET state = 'done', settled_at = now() WHERE id = $1", number
        )
        await overrule(connection, run["source"], number)
        return await rows.enqueue(connection, DEPART, str(number), priority=ASKED)


async def cancel(pool: asyncpg.Pool, number: int) -> None:
    """Close a suspicious run without believing it, or end a crawl that runs, with its job."""
    async with pool.acquire() as connection, connection.transaction():
        run = await _locked(connection, number)
        if run["state"] == "running" and run["job_id"] is None:
            raise RequestError(f"Run {number} is an import: stop it where it was started.")
        if run["state"] == "running":
            await rows.cancel(connection, ["crawl"], run["source"], CANCELED)
        elif run["state"] != "suspicious":
            raise RequestError(
                f"Run {number} is {run['state']}; only one that runs or is suspicious is canceled."
            )
        await connection.execute(
            "UPDATE runs SET state = 'canceled', settled_at = now(),"
            " finished_at = coalesce(finished_at, now()), error = coalesce(error, $2)"
            " WHERE id = $1",
            number,
            CANCELED,
        )


async def overrule(db: rows.Database, source: str, by: int) -> None:
    """Settle the suspicions of the runs before this one."""
    await db.execute(
        "UPDATE runs SET state = 'overruled', settled_at = now(), settled_by = $2"
        " WHERE source = $1 AND state = 'suspicious' AND id < $2",
        source,
        by,
    )


async def _locked(connection: asyncpg.Connection, number: int) -> asyncpg.Record:
    run = await connection.fetchrow(
        "SELECT source, state, job_id FROM runs WHERE id = $1 FOR UPDATE", number
    )
    if run is None:
        raise RequestError(f"There is no run {number}; `showroom runs` lists them.")
    return run
