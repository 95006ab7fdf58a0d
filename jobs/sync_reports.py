"""What is known of each index: how far behind the truth, what was refused, how it compared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.sync import FOLLOWED
from jobs.rows import Database

COUNTED_UP_TO = 100_000
"""Rows that wait are counted up to so many; beyond it a longer queue is estimated."""

OLDEST = 1_000
"""The front of the outbox: numbers are handed out as time passes, so the oldest row is there."""

VERIFY, REPAIR = "verify", "repair"


@dataclass(frozen=True)
class Verified:
    """The last comparison with the truth: when, of how many documents, how many differed."""

    at: datetime
    documents: int
    differing: int
    repaired: bool


async def behind(db: Database) -> list[dict[str, Any]]:
    """How far each followed generation is behind the truth.

    `unclaimed` are the changes of the outbox, which all generations share, `pending` the documents
    that wait or are on their way, `lag_seconds` is the age of the oldest of both. `documents` of
    `total` were loaded, `open_batches` are under way. It takes a bounded time where millions wait:
    a longer queue than `COUNTED_UP_TO` is estimated, `pending` by the generation's share of the
    rows in the planner's statistics (pg_stats), and is at least the bound when these do not know
    the generation yet.
    """
    found = await db.fetch(
        """
        WITH front AS (
            SELECT min(at) AS since FROM (SELECT at FROM outbox ORDER BY seq LIMIT $3) oldest
        ), queue AS (
            SELECT count(*) AS rows FROM (SELECT FROM outbox LIMIT $2) counted
        ), unclaimed AS (
            SELECT since, CASE WHEN rows < $2 THEN rows
                ELSE (SELECT max(seq) - min(seq) + 1 FROM outbox) END AS rows
            FROM front, queue
        ), shares AS (
            SELECT generation, round(c.reltuples * share)::bigint AS rows
            FROM pg_class c JOIN pg_stats s
                ON c.oid = 'pending'::regclass AND c.relnamespace = s.schemaname::regnamespace
                AND s.tablename = c.relname AND s.attname = 'generation_id',
            unnest(s.most_common_vals::text::bigint[], s.most_common_freqs) v (generation, share)
        )
        SELECT g.vertical, g.id AS generation, g.state, g.documents, g.total,
            CASE WHEN p.rows < $2 THEN p.rows
                ELSE greatest(p.rows, (SELECT rows FROM shares WHERE generation = g.id))
                END AS pending,
            u.rows AS unclaimed,
            coalesce(extract(epoch FROM clock_timestamp() - least(p.since, u.since)), 0)::float8
                AS lag_seconds,
            (SELECT count(*) FROM batches WHERE generation_id = g.id AND state = 'open')
                AS open_batches
        FROM generations g CROSS JOIN unclaimed u CROSS JOIN LATERAL (
            SELECT
                (SELECT count(*) FROM (
                    SELECT FROM pending WHERE generation_id = g.id LIMIT $2) counted) AS rows,
                least(
                    (SELECT min(since) FROM pending WHERE generation_id = g.id
                        AND NOT bulk AND batch_id IS NULL AND suspect IS NULL),
                    (SELECT min(since) FROM pending WHERE generation_id = g.id
                        AND bulk AND batch_id IS NULL AND suspect IS NULL),
                    (SELECT min(since) FROM pending WHERE generation_id = g.id
                        AND suspect IS NOT NULL),
                    (SELECT min(since) FROM pending WHERE generation_id = g.id
                        AND batch_id IS NOT NULL)
                ) AS since
        ) p
        WHERE g.state = ANY ($1::text[])
        ORDER BY g.id
        """,
        list(FOLLOWED),
        COUNTED_UP_TO,
        OLDEST,
    )
    return [dict(row) for row in found]


async def generations(db: Database) -> list[dict[str, Any]]:
    """How many `generations` of a `vertical` are in a `state`."""
    found = await db.fetch(
        "SELECT vertical, state, count(*) AS generations FROM generations GROUP BY vertical, state"
    )
    return [dict(row) for row in found]


async def dead_letters(db: Database) -> dict[str, int]:
    """How many documents the search server refuses of each vertical's live index."""
    found = await db.fetch(
        "SELECT g.vertical, count(l.id) AS documents"
        " FROM generations g LEFT JOIN dead_letters l ON g.id = l.generation_id"
        " WHERE g.state = 'live' GROUP BY g.vertical"
    )
    return {row["vertical"]: row["documents"] for row in found}


async def verified(db: Database) -> dict[str, Verified]:
    """The last comparison of each vertical that had one."""
    found = await db.fetch(
        "SELECT DISTINCT ON (key) key, kind, result, finished_at FROM jobs"
        " WHERE kind = ANY ($1::text[]) AND state = 'done' ORDER BY key, finished_at DESC",
        [VERIFY, REPAIR],
    )
    return {row["key"]: _verified(row) for row in found}


def _verified(row: Any) -> Verified:
    result = row["result"]
    repaired = row["kind"] == REPAIR and not result["refused"]
    return Verified(row["finished_at"], result["documents"], result["differing"], repaired)


async def heartbeats(db: Database) -> dict[str, datetime]:
    """When the indexer that writes a vertical's indexes last said that it lives."""
    found = await db.fetch(
        "SELECT vertical, heartbeat_at FROM writers WHERE heartbeat_at IS NOT NULL"
    )
    return {row["vertical"]: row["heartbeat_at"] for row in found}
