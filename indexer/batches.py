"""Batches: which documents are on their way to which index. Each function is one transaction."""

from dataclasses import dataclass

import asyncpg

from catalog.sync import FOLLOWED
from engine import version
from indexer import generations
from indexer.generations import Generation
from indexer.lease import Lease

GIVEN_UP_HOURS = 1
"""How long a request whose answer was lost may still arrive."""


@dataclass(frozen=True)
class Batch:
    """A batch; `task_uid` is None while the engine's answer is not known."""

    id: int
    generation: Generation
    state: str
    after_task: int
    task_uid: int | None
    count: int
    size: int  # bytes
    task_at: str | None = None  # when the engine took its task, in the engine's words

    @property
    def metadata(self) -> str:
        return self.generation.metadata(self.id)


async def in_flight(
    pool: asyncpg.Pool, generations: list[Generation], state: str = "open"
) -> list[Batch]:
    """The batches of these generations in this state, oldest first."""
    by_id = {generation.id: generation for generation in generations}
    rows = await pool.fetch(
        "SELECT id, generation_id, state, after_task, task_uid, cardinality(documents) AS count,"
        " bytes FROM batches WHERE generation_id = ANY ($1::bigint[]) AND state = $2 ORDER BY id",
        list(by_id),
        state,
    )
    return [
        Batch(
            row["id"],
            by_id[row["generation_id"]],
            row["state"],
            row["after_task"],
            row["task_uid"],
            row["count"],
            row["bytes"],
        )
        for row in rows
    ]


async def make(
    lease: Lease,
    generation: Generation,
    operation: str,
    touched: dict[str, int],
    size: int,
) -> int:
    """Commit a batch (`upsert` or `delete`) before it is posted; its id.

    `touched` is what each pending row's counter was before its document was read.
    """
    async with lease.transaction() as db:
        batch = await insert(db, lease.epoch, generation, operation, list(touched), size)
        await db.execute(
            "UPDATE pending p SET batch_id = $1, sent = t.touched"
            " FROM unnest($3::text[], $4::bigint[]) AS t (document, touched)"
            " WHERE p.generation_id = $2 AND p.document = t.document",
            batch,
            generation.id,
            list(touched),
            list(touched.values()),
        )
    return batch


async def insert(
    db: asyncpg.Connection,
    epoch: int,
    generation: Generation,
    operation: str,
    documents: list[str],
    size: int,
) -> int:
    """The row of a batch; its id."""
    return int(
        await db.fetchval(
            "INSERT INTO batches (generation_id, epoch, operation, documents, bytes, after_task)"
            " SELECT id, $2, $3, $4, $5, last_task FROM generations WHERE id = $1 RETURNING id",
            generation.id,
            epoch,
            operation,
            documents,
            size,
        )
    )


async def restore(db: asyncpg.Connection, batch: Batch) -> None:
    """Give a load batch that was not done its pending rows; others have theirs."""
    await db.execute(
        "INSERT INTO pending (generation_id, document, since, batch_id, sent)"
        " SELECT generation_id, unnest(documents), created_at, id, 1 FROM batches WHERE id = $1"
        " ON CONFLICT (generation_id, document) DO NOTHING",
        batch.id,
    )


async def accepted(lease: Lease, batch: int, task_uid: int) -> None:
    """The engine has taken the batch as this task; 202 does not mean that it is done."""
    async with lease.transaction() as db:
        await db.execute(
            "UPDATE batches SET task_uid = $2, state = 'open' WHERE id = $1", batch, task_uid
        )


async def succeeded(lease: Lease, done: list[Batch]) -> int | None:
    """The tasks succeeded: rows that were not touched since go, the others wait again.

    Returns the live index's new version, None if the live one is not among them.
    """
    ids = [batch.id for batch in done]
    live = next((b.generation.vertical for b in done if b.generation.state == "live"), None)
    async with lease.transaction() as db:
        await db.execute(
            "DELETE FROM dead_letters d USING pending p WHERE p.batch_id = ANY ($1::bigint[])"
            " AND d.generation_id = p.generation_id AND d.document = p.document",
            ids,
        )
        await db.execute(
            "DELETE FROM pending WHERE batch_id = ANY ($1::bigint[]) AND touched = sent", ids
        )
        await db.execute(
            "UPDATE pending SET suspect = NULL WHERE batch_id = ANY ($1::bigint[])", ids
        )
        await _note_gone(db, ids)
        await db.execute("DELETE FROM batches WHERE id = ANY ($1::bigint[])", ids)
        await _note_last(db, done)
        return await version.bump(db, live) if live else None


async def _note_gone(db: asyncpg.Connection, ids: list[int]) -> None:
    """Take what was deleted off the number that was last seen, until it is seen again."""
    await db.execute(
        "UPDATE generations SET indexed = indexed - least(indexed, gone.documents)"
        " FROM (SELECT generation_id, sum(cardinality(documents)) AS documents FROM batches"
        "       WHERE id = ANY ($1::bigint[]) AND operation = 'delete' GROUP BY 1) gone"
        " WHERE id = gone.generation_id",
        ids,
    )


async def _note_last(db: asyncpg.Connection, done: list[Batch]) -> None:
    """Write down the newest task of each generation: by it `rewound` knows the engine again."""
    newest: dict[int, Batch] = {}
    for batch in sorted(done, key=lambda each: each.task_uid or -1):
        newest[batch.generation.id] = batch
    for generation, batch in newest.items():
        await generations.done(db, generation, batch.task_uid, batch.task_at)


async def give_back(lease: Lease, batch: Batch) -> None:
    """The batch was not done, certainly: its documents wait again."""
    async with lease.transaction() as db:
        await restore(db, batch)
        await db.execute("DELETE FROM batches WHERE id = $1", batch.id)


async def give_up(lease: Lease, batch: Batch) -> None:
    """The engine does not know the batch: its documents wait again, its task may still appear."""
    async with lease.transaction() as db:
        await restore(db, batch)
        await db.execute("UPDATE pending SET batch_id = NULL WHERE batch_id = $1", batch.id)
        await db.execute("UPDATE batches SET state = 'given_up' WHERE id = $1", batch.id)


async def came_late(lease: Lease, batch: Batch) -> None:
    """A given-up batch's task appeared and may have put old documents over new: send them again.

    To every followed generation: the name it was posted to may have changed hands meanwhile.
    """
    async with lease.transaction() as db:
        await db.execute(
            "INSERT INTO pending (generation_id, document, since)"
            " SELECT g.id, document, clock_timestamp() FROM batches b"
            " CROSS JOIN unnest(b.documents) AS document CROSS JOIN generations g"
            " WHERE b.id = $1 AND g.vertical = $2 AND g.state = ANY ($3::text[])"
            " ON CONFLICT (generation_id, document) DO UPDATE SET touched = pending.touched + 1",
            batch.id,
            batch.generation.vertical,
            list(FOLLOWED),
        )
        await db.execute("DELETE FROM batches WHERE id = $1", batch.id)
        await _note_last(db, [batch])


async def not_up_to(lease: Lease, absent: list[Batch], task_uid: int) -> None:
    """No task up to this number is of these batches, which were given up.

    One whose engine was lost since it was read is looked for from the first task on again.
    """
    async with lease.transaction() as db:
        await db.execute(
            "UPDATE batches b SET after_task = greatest(b.after_task, $3)"
            " FROM unnest($1::bigint[], $2::bigint[]) AS read (id, after_task)"
            " WHERE (b.id, b.after_task) = (read.id, read.after_task)",
            [batch.id for batch in absent],
            [batch.after_task for batch in absent],
            task_uid,
        )


async def forget_old(lease: Lease) -> None:
    """Batches that were given up so long ago that they cannot arrive any more."""
    async with lease.transaction() as db:
        await db.execute(
            "DELETE FROM batches WHERE state = 'given_up'"
            " AND created_at < now() - $1 * interval '1 hour'",
            GIVEN_UP_HOURS,
        )
