"""From the outbox to pending: what changed becomes documents to send, for each followed index."""

from dataclasses import dataclass

import asyncpg

from catalog.vertical import Vertical
from indexer.generations import FOLLOWED
from indexer.lease import Lease

CLAIM_ROWS = 5_000
BULK_DOCUMENTS = 1_000
"""A change that touches more documents than this lets others go first."""


@dataclass(frozen=True)
class Claimed:
    """What one claim took: rows of the outbox, and pending rows that were made or touched."""

    changes: int
    pending: int


async def claim(lease: Lease, vertical: Vertical) -> Claimed:
    """Take up to 5,000 changes, in one transaction, and delete exactly these.

    Never "up to number n": numbers commit out of order. A kind is expanded to its documents now,
    not when the change was made, so that a dealer's change and a car's move to that dealer cannot
    miss each other.
    """
    async with lease.transaction() as db:
        taken = await db.fetch(
            """
            WITH taken AS (
                DELETE FROM outbox WHERE seq = ANY (ARRAY(
                    SELECT seq FROM outbox WHERE kind = ANY ($1::text[]) ORDER BY seq LIMIT $2))
                RETURNING kind, key, at
            )
            SELECT kind, count(*) AS changes, array_agg(DISTINCT key) AS keys, min(at) AS since
            FROM taken GROUP BY kind ORDER BY kind
            """,
            list(vertical.kinds),
            CLAIM_ROWS,
        )
        pending = sum([await _expand(db, vertical, row) for row in taken])
    return Claimed(sum(row["changes"] for row in taken), pending)


async def _expand(db: asyncpg.Connection, vertical: Vertical, taken: asyncpg.Record) -> int:
    """Pending rows for one kind's keys; one that is there is touched, so that it is sent again.

    What is a dead letter is tried alone, so that no other fails with it once more.
    """
    status = await db.execute(
        f"""
        INSERT INTO pending (generation_id, document, since, bulk, suspect)
        SELECT g.id, d.id, $2, d.bulk,
               (SELECT 1 FROM dead_letters l WHERE l.generation_id = g.id AND l.document = d.id)
        FROM (
            SELECT id, count(*) OVER () > greatest($3, cardinality($1::text[])) AS bulk
            FROM (SELECT DISTINCT id FROM ({vertical.kinds[taken["kind"]]}) expanded (id)) touched
        ) d
        CROSS JOIN generations g
        WHERE g.vertical = $4 AND g.state = ANY ($5::text[])
        ORDER BY g.id, d.id
        FOR SHARE OF g  -- nobody stops following it before this is committed
        ON CONFLICT (generation_id, document) DO UPDATE SET
            touched = pending.touched + 1,
            since = least(pending.since, excluded.since),
            bulk = pending.bulk AND excluded.bulk
        """,
        taken["keys"],
        taken["since"],
        BULK_DOCUMENTS,
        vertical.name,
        list(FOLLOWED),
    )
    return int(status.rsplit(" ", 1)[1])
