"""Generations: the indexes that are or were filled for a vertical, as rows.

loading → draining → swapping → live → old → dropped; failed or canceled from anywhere before live.
A rollback takes the old one through draining and swapping to live again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from catalog.sync import COMING, FOLLOWED
from catalog.vertical import Vertical


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
    last_task_at: str | None
    indexed: int | None
    loaded_until: str | None
    documents: int
    total: int | None
    job_id: int | None
    live_at: datetime | None

    @property
    def comes_back(self) -> bool:
        """Whether it is on its way to be live again, by a rollback."""
        return self.state in COMING and self.live_at is not None

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


async def last_live(db: Any, vertical: str) -> Generation | None:
    """The live one; where it was lost, what is known of it; None if none ever was live."""
    row = await db.fetchrow(
        f"SELECT {_COLUMNS} FROM generations WHERE vertical = $1 AND live_at IS NOT NULL"
        " ORDER BY live_at DESC, id DESC LIMIT 1",
        vertical,
    )
    return Generation(**row) if row else None


async def awaited(db: Any, vertical: str) -> list[Generation]:
    """Those with batches that were given up, followed or not: their requests may still arrive."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM generations WHERE vertical = $1"
        " AND id IN (SELECT generation_id FROM batches WHERE state = 'given_up')",
        vertical,
    )
    return [Generation(**row) for row in rows]


async def listed(db: Any, vertical: str, limit: int) -> list[dict[str, Any]]:
    """The newest generations, for people; `progress` is what is published of one that is coming."""
    rows = await db.fetch(
        "SELECT g.id AS number, g.state, g.index_uid, g.documents, g.total, g.created_at,"
        " g.live_at, g.kept_until, g.finished_at, g.rejected, g.refused, g.error,"
        " CASE WHEN g.state = ANY ($2::text[]) THEN j.progress END AS progress"
        " FROM generations g LEFT JOIN jobs j ON j.id = g.job_id"
        " WHERE g.vertical = $1 ORDER BY g.id DESC LIMIT $3",
        vertical,
        list(COMING),
        limit,
    )
    return [dict(row) for row in rows]


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


async def done(db: asyncpg.Connection, generation: int, uid: int | None, at: str | None) -> None:
    """Its last task that is known to be done, unless a later one is; `at` is its enqueuedAt."""
    await db.execute(
        "UPDATE generations SET last_task = $2, last_task_at = $3 WHERE id = $1 AND last_task < $2",
        generation,
        uid,
        at,
    )


async def give_up(db: asyncpg.Connection, generation: int, state: str, error: str | None) -> None:
    """Follow it no longer (`failed`, `canceled`, `dropped`): what was pending for it is forgotten.

    Nobody owns its index then; `indexes.sweep` deletes it. All that was pending counts as gone from
    it: some of that was deletions, which nobody can tell afterwards.
    """
    await db.execute(
        "UPDATE generations SET state = $2, error = $3, index_uid = NULL, finished_at = now(),"
        " indexed = indexed"
        "  - least(indexed, (SELECT count(*) FROM pending WHERE generation_id = $1))"
        " WHERE id = $1",
        generation,
        state,
        error,
    )
    await db.execute("DELETE FROM pending WHERE generation_id = $1", generation)
    # A request whose answer was lost may still arrive, and its name is another content's by then.
    await db.execute(
        "DELETE FROM batches WHERE generation_id = $1 AND task_uid IS NOT NULL", generation
    )
    await db.execute("UPDATE batches SET state = 'given_up' WHERE generation_id = $1", generation)
    await db.execute("DELETE FROM dead_letters WHERE generation_id = $1", generation)


async def lose(db: asyncpg.Connection, lost: Generation, reason: str) -> None:
    """The engine has it no longer: it was emptied or put back, so its tasks may count from 0 again.

    A request that was given up may arrive as any of them.
    """
    await give_up(db, lost.id, "failed", reason)
    await db.execute(
        "UPDATE batches SET after_task = -1 WHERE state = 'given_up'"
        " AND generation_id IN (SELECT id FROM generations WHERE vertical = $1)",
        lost.vertical,
    )


async def cancel(db: asyncpg.Connection, coming: Generation) -> None:
    """A new one is given up; one that was on its way back stays what it was."""
    if coming.comes_back:
        await change(db, coming.id, state="old", job_id=None)
        return
    await give_up(db, coming.id, "canceled", "Canceled by request.")
    await change(db, coming.id, rejected=True)


async def go_back(db: asyncpg.Connection, vertical: str, job_id: int) -> bool:
    """Send the index before the live one on its way to be live again; False if there is none."""
    return bool(
        await db.fetchval(
            "UPDATE generations SET state = 'draining', job_id = $2"
            " WHERE vertical = $1 AND state = 'old' RETURNING true",
            vertical,
            job_id,
        )
    )


async def none_to_go_back_to(db: Any, vertical: str) -> str | None:
    """Why a rollback is not possible, as a sentence; None if it is."""
    found = await followed(db, vertical)
    coming = next((each for each in found if each.state in COMING), None)
    if coming is not None and coming.comes_back:
        return f"A rollback of {vertical} is under way already."
    if coming is not None:
        return (
            f"A reindex of {vertical} is under way (generation {coming.id});"
            f" end it first with `showroom cancel {vertical}`."
        )
    if any(each.state == "old" for each in found):
        return None
    dropped = await db.fetchrow(
        "SELECT id, finished_at FROM generations WHERE vertical = $1 AND state = 'dropped'"
        " ORDER BY finished_at DESC LIMIT 1",
        vertical,
    )
    if dropped is None:
        return f"There is no index of {vertical} before the live one: nothing to go back to."
    return (
        f"The index of {vertical} before the live one is gone: generation {dropped['id']} was"
        f" dropped at {dropped['finished_at']:%Y-%m-%d %H:%M} UTC."
    )


async def is_rejected(db: Any, vertical: Vertical, view: str, settings: str) -> bool:
    """Whether a person canceled an index of this view and these settings, or went back from it."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM generations WHERE vertical = $1 AND rejected"
            " AND view_digest = $2 AND settings_digest = $3)",
            vertical.name,
            view,
            settings,
        )
    )


async def view_digest(db: Any, vertical: Vertical) -> str:
    """md5 of the definition of the view that makes the documents."""
    return str(await db.fetchval("SELECT md5(pg_get_viewdef($1::text::regclass))", vertical.view))
