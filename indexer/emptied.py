"""A table that looks emptied: no index loses most of its documents, unless a person says so.

What the triggers saw leaves the live index in its time. A restore that is not over, or another
database, they did not see: the index has what the table had.
"""

import asyncpg

from catalog.vertical import Vertical
from engine.client import Engine
from indexer import generations, indexes, verify
from indexer.documents import at_most

FEWEST = 10
COUNT_SECONDS = 600.0
READS = 2
"""Of the live index before one is refused: what many left while it was read looks emptied once."""


def looks_emptied(gone: int, indexed: int) -> bool:
    """Whether it is the table that is wrong, when so many of an index's documents are not in it.

    That is more than half of them, and at least ten: a small catalog may change as a whole.
    """
    return gone >= FEWEST and gone * 2 > indexed


def if_meant(vertical: Vertical) -> str:
    """What a person does who knows better."""
    return f"If that is meant, `showroom reindex {vertical.name} --allow-fewer` makes it so."


async def lost(db: asyncpg.Connection, vertical: Vertical) -> int:
    """How many of the documents in `pg_temp.indexed` the table has not, unexplained.

    Explained is what is on its way out of the live index.
    """
    with at_most(COUNT_SECONDS):
        found = await db.fetchval(
            f"""
            SELECT count(DISTINCT id) FROM pg_temp.indexed i
            WHERE NOT EXISTS (SELECT FROM {vertical.table} WHERE key = i.id AND active)
            AND NOT EXISTS (SELECT FROM outbox WHERE kind = $2 AND key = i.id)
            AND NOT EXISTS (
                SELECT FROM pending p JOIN generations g ON g.id = p.generation_id
                WHERE g.vertical = $1 AND g.state = 'live' AND p.document = i.id)
            """,
            vertical.name,
            vertical.document_kind,
            timeout=COUNT_SECONDS,
        )
    return int(found)


async def refusal_by_ids(pool: asyncpg.Pool, engine: Engine, vertical: Vertical) -> str | None:
    """As `refusal`, and by which documents are gone: other rows do not make up for them.

    It reads the whole live index, twice if it refuses. An old copy of a lost one has what was sold
    since: that is judged by its number alone.
    """
    reason = await refusal(pool, engine, vertical)
    last = await generations.last_live(pool, vertical.name)
    if reason is not None or (last is not None and last.state != "live"):
        return reason
    if await indexes.created_at(engine, vertical.index) is None:
        return None
    for _ in range(READS):
        async with verify.copied(pool, engine, vertical.index) as (indexed, db):
            # So many left it while it was read.
            left = max(0, indexed - await indexes.documents(engine, vertical.index))
            gone = await lost(db, vertical) - left
        if not looks_emptied(gone, indexed - left):
            return None
    return (
        f"{gone:,} of the {indexed:,} documents of the live index are not in {vertical.table}: no"
        f" new one is swapped in, for the table looks emptied. {if_meant(vertical)}"
    )


async def refusal(pool: asyncpg.Pool, engine: Engine, vertical: Vertical) -> str | None:
    """Why no index that is made of the table as it is now may go live; None if it may.

    It is compared with what searches find. What is on its way out of that does not count. Where
    the live index was lost, searches find an old copy of it, or nothing: what had left it since
    does not count either. A database that is new knows of no live index, and takes what is there.
    """
    # Asked before the index is: what leaves it in between is not taken for lost.
    with at_most(COUNT_SECONDS):
        counted = await pool.fetchrow(
            f"""
            SELECT count(*) AS leaving,
                (SELECT count(*) FROM {vertical.table} WHERE active) AS documents
            FROM (SELECT p.document FROM pending p JOIN generations g ON g.id = p.generation_id
                  WHERE g.vertical = $1 AND g.state = 'live'
                  UNION SELECT key FROM outbox WHERE kind = $2) changed (id)
            WHERE NOT EXISTS (SELECT FROM {vertical.table} WHERE key = changed.id AND active)
            """,
            vertical.name,
            vertical.document_kind,
            timeout=COUNT_SECONDS,
        )
    indexed = await indexes.documents(engine, vertical.index)
    last = await generations.last_live(pool, vertical.name)
    if last is not None and last.state != "live":
        indexed = min(indexed, last.indexed or 0)
    stays = indexed - counted["leaving"]
    if not looks_emptied(stays - counted["documents"], stays):
        return None
    return (
        f"The live index has {indexed:,} documents and a new one would have"
        f" {counted['documents']:,}: it is not swapped in, for the table {vertical.table} looks"
        f" emptied. {if_meant(vertical)}"
    )
