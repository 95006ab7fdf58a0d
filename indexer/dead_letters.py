"""Documents that the search server refuses: looked at, tried again, forgotten by people.

A letter stands for one document in one generation. It goes by itself when its document is
accepted or gone.
"""

from typing import Any

import asyncpg

from catalog.sync import FOLLOWED
from catalog.vertical import Vertical

_OF_THE_VERTICAL = (
    "generation_id IN (SELECT id FROM generations WHERE vertical = $1 AND state = ANY ($2::text[]))"
)


async def listed(
    db: Any, vertical: Vertical, limit: int, document: str | None = None
) -> list[dict[str, Any]]:
    """One row for each refused document, the latest first: since when, how often, with what words.

    `waiting` tells that it is about to be tried again.
    """
    rows = await db.fetch(
        f"""
        SELECT l.document, array_agg(l.generation_id ORDER BY l.generation_id) AS generations,
               min(l.at) AS since, max(l.tried_at) AS tried_at, max(l.attempts) AS attempts,
               (array_agg(l.error ORDER BY l.tried_at DESC))[1] AS error,
               bool_or(EXISTS (SELECT FROM pending p WHERE p.generation_id = l.generation_id
                               AND p.document = l.document)) AS waiting
        FROM dead_letters l
        WHERE {_OF_THE_VERTICAL} AND ($4::text IS NULL OR l.document = $4)
        GROUP BY l.document ORDER BY max(l.tried_at) DESC, l.document LIMIT $3
        """,
        vertical.name,
        list(FOLLOWED),
        limit,
        document,
    )
    return [dict(row) for row in rows]


async def body(db: Any, vertical: Vertical, document: str) -> dict[str, Any] | None:
    """The document as it would be sent now; None when it is gone."""
    found: dict[str, Any] | None = await db.fetchval(
        f"SELECT body FROM {vertical.view} WHERE id = $1", document
    )
    return found


async def retry(db: Any, vertical: Vertical, documents: list[str] | None) -> list[str]:
    """Have these tried again (None: all), by way of the outbox; those that are dead letters."""
    rows = await db.fetch(
        f"""
        WITH again AS (
            SELECT DISTINCT document FROM dead_letters
            WHERE {_OF_THE_VERTICAL} AND ($3::text[] IS NULL OR document = ANY ($3::text[]))
        ), asked AS (
            INSERT INTO outbox (kind, key) SELECT $4, document FROM again
        )
        SELECT document FROM again ORDER BY document
        """,
        vertical.name,
        list(FOLLOWED),
        documents,
        vertical.document_kind,
    )
    return [row["document"] for row in rows]


async def drop(db: Any, vertical: Vertical, documents: list[str] | None) -> list[str]:
    """Forget these (None: all): they are missing in the index until they change; which they were.

    One that the indexer has in hand at this moment stays, for neither is to wait for the other.
    """
    rows = await db.fetch(
        f"""
        DELETE FROM dead_letters WHERE id = ANY (ARRAY(
            SELECT id FROM dead_letters
            WHERE {_OF_THE_VERTICAL} AND ($3::text[] IS NULL OR document = ANY ($3::text[]))
            ORDER BY id FOR UPDATE SKIP LOCKED))
        RETURNING document
        """,
        vertical.name,
        list(FOLLOWED),
        documents,
    )
    return sorted({row["document"] for row in rows})


async def count(db: Any, generation: int) -> int:
    """How many a generation has, without those that are about to be tried again."""
    return int(
        await db.fetchval(
            "SELECT count(*) FROM dead_letters l WHERE generation_id = $1 AND NOT EXISTS"
            " (SELECT FROM pending p WHERE p.generation_id = $1 AND p.document = l.document)",
            generation,
        )
    )


async def bury(db: asyncpg.Connection, batch: int, message: str) -> str | None:
    """Make a letter of the document that failed alone in this batch; None if it changed since."""
    document: str | None = await db.fetchval(
        """
        WITH bad AS (
            DELETE FROM pending WHERE batch_id = $1 AND suspect = 1 AND touched = sent
            RETURNING generation_id, document
        )
        INSERT INTO dead_letters AS l (generation_id, document, error)
        SELECT generation_id, document, $2 FROM bad
        ON CONFLICT (generation_id, document) DO UPDATE SET
            error = excluded.error, tried_at = now(), attempts = l.attempts + 1
        RETURNING document
        """,
        batch,
        message,
    )
    return document
