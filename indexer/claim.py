"""From the outbox to pending: what changed becomes documents to send, for each followed index."""

from dataclasses import dataclass

import asyncpg

from catalog.sync import FOLLOWED
from catalog.vertical import Vertical
from indexer.lease import Lease

CLAIM_ROWS = 5_000
FAN_OUT_ROWS = (10, 100)
"""First and largest number of changes in a claim that may stand for many documents each."""

MANY_DOCUMENTS = 50_000
"""A claim of more than this keeps others waiting for seconds: the next one takes fewer changes."""

BULK_DOCUMENTS = 1_000
"""A change that touches more documents than this lets others go first."""


@dataclass(frozen=True)
class Claimed:
    """What one claim took: rows of the outbox, and pending rows that were made or touched."""

    changes: int
    pending: int


def next_fan_out(rows: int, claimed: Claimed) -> int:
    """How many changes that stand for many documents the next claim may take."""
    most = FAN_OUT_ROWS[1]
    return max(1, rows // 2) if claimed.pending > MANY_DOCUMENTS else min(most, rows * 2)


async def claim(lease: Lease, vertical: Vertical, fan_out: int = FAN_OUT_ROWS[0]) -> Claimed:
    """Take up to 5,000 changes, in one transaction, and delete exactly these.

    At most `fan_out` of them are of kinds that stand for many documents each: a change of all
    dealers must not become one transaction of all cars.

    Never "up to number n": numbers commit out of order. A kind is expanded to its documents now,
    not when the change was made, so that a dealer's change and a car's move to that dealer cannot
    miss each other.
    """
    async with lease.transaction() as db:
        taken = await db.fetch(
            """
            WITH taken AS (
                DELETE FROM outbox WHERE seq = ANY (ARRAY(
                    SELECT seq FROM (
                        SELECT seq, kind, row_number() OVER (PARTITION BY kind = $3 ORDER BY seq)
                        FROM (SELECT seq, kind FROM outbox WHERE kind = ANY ($1::text[])
                              ORDER BY seq LIMIT $2) oldest
                    ) counted WHERE kind = $3 OR row_number <= $4))
                RETURNING kind, key, at
            )
            SELECT kind, count(*) AS changes, array_agg(DISTINCT key) AS keys, min(at) AS since
            FROM taken GROUP BY kind ORDER BY kind
            """,
            list(vertical.kinds),
            CLAIM_ROWS,
            vertical.document_kind,
            fan_out,
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
