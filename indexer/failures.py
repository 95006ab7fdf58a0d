"""What failed: the engine's own trouble is waited for, a document that it refuses is singled out.

The engine merges neighboring tasks and one bad document fails them all. So every document of a
failed task is a suspect: suspects go alone, with nothing else open on that index, in groups that
halve until the bad one stands alone. That one is a dead letter.
"""

import logging
from typing import Any

import asyncpg

from indexer import batches
from indexer.batches import Batch
from indexer.lease import Lease

log = logging.getLogger(__name__)

DEAD_LETTERS_ALLOWED = 1_000

# Codes of "invalid_request" that speak of the index, not of a document in it.
_OF_THE_INDEX = {
    "index_not_found",
    "invalid_index_uid",
    "index_primary_key_already_exists",
    "index_primary_key_multiple_candidates_found",
    "index_primary_key_no_candidate_found",
    "invalid_api_key",
    "missing_authorization_header",
}


class TooManyDeadLetters(Exception):  # noqa: N818 - what is so, as a sentence says it
    """The engine refuses so many documents that something else must be wrong."""


def blames_documents(error: dict[str, Any]) -> bool:
    """Whether a task's `error` says that a document in it is bad."""
    return error.get("type") == "invalid_request" and error.get("code") not in _OF_THE_INDEX


async def single_out(lease: Lease, batch: Batch, message: str) -> None:
    """Halve the group that failed; one that failed alone becomes a dead letter.

    A document that was alone in its batch, but not sent as a suspect, may have failed for its
    neighbor: it is tried alone first.
    """
    async with lease.transaction() as db:
        await batches.restore(db, batch)
        dead = await _bury(db, batch, message) if batch.count == 1 else False
        if not dead:
            await db.execute(
                "UPDATE pending SET suspect = $2 WHERE batch_id = $1",
                batch.id,
                (batch.count + 1) // 2,
            )
        await db.execute("DELETE FROM batches WHERE id = $1", batch.id)


async def _bury(db: asyncpg.Connection, batch: Batch, message: str) -> bool:
    buried = await db.fetchval(
        """
        WITH bad AS (
            DELETE FROM pending WHERE batch_id = $1 AND suspect = 1 AND touched = sent
            RETURNING generation_id, document
        )
        INSERT INTO dead_letters (generation_id, document, error)
        SELECT generation_id, document, $2 FROM bad
        ON CONFLICT (generation_id, document) DO UPDATE SET error = excluded.error, at = now()
        RETURNING document
        """,
        batch.id,
        message,
    )
    if buried is not None:
        log.error("The search server refuses document %s: %s", buried, message)
    return buried is not None


async def allow(pool: asyncpg.Pool, generation: int) -> None:
    """Raise TooManyDeadLetters when a generation has more of them than can be chance."""
    dead = await pool.fetchval(
        "SELECT count(*) FROM dead_letters WHERE generation_id = $1", generation
    )
    if dead >= DEAD_LETTERS_ALLOWED:
        raise TooManyDeadLetters(
            f"The search server refuses {dead} documents (see table dead_letters): sending is"
            " stopped. Correct the documents or the settings, then delete the dead letters."
        )
