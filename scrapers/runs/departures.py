"""Offers that are no longer there: taken out of search, kept in the table."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from jobs.rows import Database
from scrapers.runs.rows import Run
from scrapers.storing.upsert import lock, refresh, transact

BATCH = 2_000  # offers that leave in one transaction
ASKED = 500  # unseen offers that are handed over at once


class Sighted(NamedTuple):
    """How many offers were live before a run, and how many of them it saw."""

    before: int
    seen: int

    @property
    def unseen(self) -> int:
        return self.before - self.seen

    def enough(self, share: float) -> bool:
        """Whether so large a share was seen that the others may be believed to have left."""
        return self.seen >= self.before * share


async def sighted(db: Database, run: Run) -> Sighted:
    """Count what the run saw of what was live when it started."""
    row = await db.fetchrow(
        """
        SELECT count(*) AS before, count(*) FILTER (WHERE run_id = $2) AS seen
        FROM offers WHERE source = $1 AND active AND first_seen_at < $3
        """,
        run.source,
        run.id,
        run.started_at,
    )
    return Sighted(**row)


async def retire(connection: asyncpg.Connection, run: Run, external_ids: Sequence[str]) -> int:
    """Take offers out of search whose own pages say that they are gone; how many were live.

    They lose their card digest, so that a card which still shows one has its page read again.
    """
    await lock(connection, run.source)
    rows = await connection.fetch(
        """
        UPDATE offers o SET active = false, run_id = $3, card_digest = NULL,
            changed_at = CASE WHEN old.active THEN now() ELSE o.changed_at END
        FROM offers old
        WHERE old.source = $1 AND old.external_id = ANY ($2::text[]) AND o.id = old.id
        RETURNING o.listing_key, old.active AS was_live
        """,
        run.source,
        list(external_ids),
        run.id,
    )
    keys = [row["listing_key"] for row in rows if row["was_live"]]
    await refresh(connection, keys)
    return len(keys)


class Unseen(NamedTuple):
    """A live offer that a run has not seen; `missed_before`: nor had the last healthy run."""

    external_id: str
    url: str | None
    vin: str | None
    missed_before: bool


async def unseen(db: Database, run: Run) -> AsyncIterator[list[Unseen]]:
    """What is live and was not seen by the run, at most 500 at a time."""
    last = ""
    while True:
        rows = await db.fetch(
            """
            SELECT external_id, url, vin, coalesce(last_seen_at < (
                SELECT started_at FROM runs WHERE source = $1 AND id < $2 AND state = 'done'
                ORDER BY id DESC LIMIT 1
            ), false) AS missed_before
            FROM offers
            WHERE source = $1 AND active AND run_id IS DISTINCT FROM $2 AND external_id > $3
            ORDER BY external_id LIMIT $4
            """,
            run.source,
            run.id,
            last,
            ASKED,
        )
        if not rows:
            return
        yield [Unseen(**row) for row in rows]
        last = rows[-1]["external_id"]


async def depart(pool: asyncpg.Pool, run: Run) -> AsyncIterator[int]:
    """Take out of search what neither this run nor a later one saw; how many in each step.

    For a run that a person believed. What came after it is spared: a sighting is newer than its
    start.
    """
    async for gone in take_out(pool, run.source, run.started_at, run.id):
        yield gone


async def take_out(
    pool: asyncpg.Pool, source: str, before: datetime, run_id: int | None = None
) -> AsyncIterator[int]:
    """Take out of search the source's offers that were last seen `before`; how many in each step.

    A step is a transaction, which a run that is named counts. What is interrupted goes on where it
    is begun again.
    """
    last: str | None = ""

    async def work(connection: asyncpg.Connection) -> tuple[int, str | None]:
        await lock(connection, source)
        found = await connection.fetchrow(_LEAVING, source, before, last, BATCH)
        keys = await connection.fetch(_GONE, found["ids"] or [])
        await refresh(connection, [row["listing_key"] for row in keys])
        await connection.execute(
            "UPDATE runs SET gone = gone + $2 WHERE id = $1", run_id, len(keys)
        )
        return len(keys), found["last"]

    while True:
        gone, last = await transact(pool, work)
        if last is None:
            return
        yield gone


_LEAVING = """
    SELECT array_agg(id) AS ids, max(external_id) AS last FROM (
        SELECT id, external_id FROM offers
        WHERE source = $1 AND active AND last_seen_at < $2 AND external_id > $3
        ORDER BY external_id LIMIT $4
    ) leaving
"""
_GONE = """
    UPDATE offers SET active = false, card_digest = NULL, changed_at = now()
    WHERE id = ANY ($1::bigint[]) RETURNING listing_key
"""
