"""What failed: the engine's own trouble is waited for, a document that it refuses is singled out.

The engine merges neighboring tasks and one bad document fails them all. So every document of a
failed task is a suspect: suspects go alone, with nothing else open on that index, in groups that
halve until the bad one stands alone. That one is a dead letter.
"""

import logging
from typing import Any

import asyncpg

from indexer import batches, dead_letters
from indexer.batches import Batch
from indexer.generations import Generation
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
        dead = await dead_letters.bury(db, batch.id, message) if batch.count == 1 else None
        if dead is not None:
            log.error("The search server refuses document %s: %s", dead, message)
        else:
            await db.execute(
                "UPDATE pending SET suspect = $2 WHERE batch_id = $1",
                batch.id,
                (batch.count + 1) // 2,
            )
        await db.execute("DELETE FROM batches WHERE id = $1", batch.id)


async def allow(pool: asyncpg.Pool, generation: Generation) -> None:
    """Raise TooManyDeadLetters when a generation has more of them than can be chance."""
    dead = await dead_letters.count(pool, generation.id)
    if dead >= DEAD_LETTERS_ALLOWED:
        of = generation.vertical
        raise TooManyDeadLetters(
            f"The search server refuses {dead:,} documents of {of}: sending is stopped."
            f" `showroom dead-letters list {of}` shows them; correct the documents or the"
            f" settings, then `showroom dead-letters retry {of} --all`."
        )
