"""Generations: the indexes that are or were filled for a vertical, as rows.

loading → draining → swapping → live → old → dropped, or failed from anywhere before live.
"""

from dataclasses import dataclass
from typing import Any

import asyncpg

from catalog.vertical import Vertical

COMING = ("loading", "draining", "swapping")
FOLLOWED = (*COMING, "live", "old")
"""The states in which a generation gets every change."""


@dataclass(frozen=True)
class Generation:
    """One generation; `index_uid` is the name its content has in the engine now."""

    id: int
    vertical: str
    index_uid: str
    state: str
    engine_created_at: str | None
    view_digest: str
    settings_digest: str
    last_task: int
    loaded_until: str | None
    documents: int
    total: int | None
    job_id: int | None

    def metadata(self, batch: int) -> str:
        """What the tasks of a batch carry: the content it was meant for, and its number."""
        return f"{self.engine_created_at}/{batch}"


_COLUMNS = ", ".join(Generation.__dataclass_fields__)


async def followed(db: Any, vertical: str) -> list[Generation]:
    """Those that get every change; the live one first, then the coming one, then the old one."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM generations WHERE vertical = $1 AND state = ANY ($2::text[])"
        " ORDER BY array_position(ARRAY['live', 'loading', 'draining', 'swapping', 'old'], state),"
        " id DESC",
        vertical,
        list(FOLLOWED),
    )
    return [Generation(**row) for row in rows]


async def begin(
    db: asyncpg.Connection,
    vertical: Vertical,
    view_digest: str,
    settings_digest: str,
    job_id: int | None,
) -> Generation:
    """A new generation, followed from this transaction on; its index is still to be made.

    Index names are never used twice, so a request that arrives late finds nothing to harm.
    """
    row = await db.fetchrow(
        f"""
        INSERT INTO generations (id, vertical, index_uid, view_digest, settings_digest, job_id,
                                 total)
        SELECT n.id, $1, $2 || '_g' || n.id, $3, $4, $5,
               (SELECT count(*) FROM {vertical.table} WHERE active)
        FROM (SELECT nextval(pg_get_serial_sequence('generations', 'id')) AS id) n
        RETURNING {_COLUMNS}
        """,
        vertical.name,
        vertical.index,
        view_digest,
        settings_digest,
        job_id,
    )
    return Generation(**row)


async def change(db: asyncpg.Connection, generation: int, **values: Any) -> None:
    """Set columns of one row, by name."""
    assignments = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
    await db.execute(
        f"UPDATE generations SET {assignments} WHERE id = $1", generation, *values.values()
    )


async def give_up(db: asyncpg.Connection, generation: int, state: str, error: str | None) -> None:
    """Follow it no longer (`failed` or `dropped`): what was pending for it is forgotten.

    Nobody owns its index then; `indexes.sweep` deletes it.
    """
    await db.execute(
        "UPDATE generations SET state = $2, error = $3, index_uid = NULL, finished_at = now()"
        " WHERE id = $1",
        generation,
        state,
        error,
    )
    await db.execute("DELETE FROM pending WHERE generation_id = $1", generation)
    await db.execute("DELETE FROM batches WHERE generation_id = $1", generation)


async def view_digest(db: Any, vertical: Vertical) -> str:
    """md5 of the definition of the view that makes the documents."""
    return str(await db.fetchval("SELECT md5(pg_get_viewdef($1::text::regclass))", vertical.view))
