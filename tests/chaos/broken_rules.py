"""The rules that guard data, each broken: of changes, documents and batches.

A mutation whose rule is guarded twice breaks both guards, and says so.
"""

from tests.chaos.broken_generations import GENERATIONS
from tests.chaos.edits import Edit, Mutation

_OLD_SNAPSHOT = '''
_open: dict[str, object] = {}


async def _from_before(pool):
    """A connection whose transaction sees the state of up to half a second ago."""
    import time

    if time.monotonic() - _open.get("at", -1.0) > 0.5:
        if "db" in _open:
            await _open["transaction"].rollback()
            await pool.release(_open["db"])
        _open["db"] = await pool.acquire()
        _open["transaction"] = _open["db"].transaction(isolation="repeatable_read")
        await _open["transaction"].start()
        await _open["db"].fetchval("SELECT count(*) FROM listings")
        _open["at"] = time.monotonic()
    return _open["db"]
'''

CHANGES = {
    "outbox-up-to-n": Mutation(
        "exactly the rows that were read are deleted: numbers commit out of order",
        code=(
            Edit(
                "indexer.claim",
                "DELETE FROM outbox WHERE seq = ANY (ARRAY(",
                "SELECT seq, kind, key, at FROM outbox WHERE seq = ANY (ARRAY(",
            ),
            Edit("indexer.claim", "                RETURNING kind, key, at\n", ""),
            Edit("indexer.claim", "min(at) AS since\n", "min(at) AS since, max(seq) AS last\n"),
            Edit(
                "indexer.claim",
                "        pending = sum([await _expand(db, vertical, row) for row in taken])\n",
                "        pending = sum([await _expand(db, vertical, row) for row in taken])\n"
                "        await __import__('asyncio').sleep(0.05)\n"
                "        for row in taken:\n"
                "            await db.execute('DELETE FROM outbox WHERE seq <= $1', row['last'])\n",
            ),
        ),
        acts=("patience", "patience", "patience"),
    ),
    "claim-in-two": Mutation(
        "what is taken from the outbox is pending in the same transaction",
        code=(
            Edit(
                "indexer.claim",
                "        pending = sum([await _expand(db, vertical, row) for row in taken])\n",
                "    await __import__('asyncio').sleep(0.1)\n"
                "    async with lease.transaction() as db:\n"
                "        pending = sum([await _expand(db, vertical, row) for row in taken])\n",
            ),
        ),
        acts=("kill_writer_in_claim",),
    ),
    "fan-out-at-write": Mutation(
        "a dealer is expanded to its cars when it is claimed, not when it was written",
        functions=(
            Edit(
                "dealers_updated",
                "SELECT 'dealer', n.id::text\n    FROM old_rows o JOIN new_rows n USING (id)",
                "SELECT 'listing', l.key\n    FROM old_rows o JOIN new_rows n USING (id)"
                " JOIN listings l ON l.dealer_id = n.id",
            ),
        ),
        acts=("rename_while_cars_move",),
    ),
    "column-not-watched": Mutation(
        "every column that a document shows is watched by the triggers",
        functions=(
            Edit("listings_updated", "o.engine, o.mileage,", "o.engine,"),
            Edit("listings_updated", "n.engine, n.mileage,", "n.engine,"),
        ),
    ),
    "deletes-not-watched": Mutation(
        "what is deleted is in the outbox",
        functions=(
            Edit("listings_deleted", "FROM old_rows WHERE active", "FROM old_rows WHERE false"),
        ),
        shows=("ghosts",),
    ),
    "old-snapshot": Mutation(
        "a document is read when it is sent, after its change was claimed",
        code=(
            Edit(
                "indexer.documents",
                'await _fetch(db, vertical, "id = ANY ($1::text[])", ids)',
                'await _fetch(await _from_before(pool), vertical, "id = ANY ($1::text[])", ids)',
            ),
            Edit("indexer.documents", "", _OLD_SNAPSHOT),
        ),
    ),
    "lost-answer-is-done": Mutation(
        "after a lost answer the engine is asked whether the task exists",
        code=(
            Edit(
                "indexer.sender",
                "                await batches.give_up(self._lease, batch)",
                "                await batches.succeeded(self._lease, [batch])",
            ),
        ),
        acts=("cut_before",),
    ),
    "late-task-forgotten": Mutation(
        "a task that appears after its batch was given up puts its documents back into pending",
        code=(
            Edit(
                "indexer.batches",
                "\"UPDATE batches SET state = 'given_up' WHERE id = $1\"",
                '"DELETE FROM batches WHERE id = $1"',
            ),
        ),
        acts=("post_arrives_late",),
    ),
    "dropped-is-forgotten": Mutation(
        "a request may arrive late also when the index that it was meant for is gone",
        code=(
            Edit(
                "indexer.generations",
                " WHERE generation_id = $1 AND task_uid IS NOT NULL",
                " WHERE generation_id = $1",
            ),
        ),
        acts=("post_outlives_its_index",),
    ),
    "accepted-is-done": Mutation(
        "202 means accepted: a pending row goes when its task succeeded",
        code=(
            Edit(
                "indexer.sender",
                '            await batches.accepted(self._lease, batch, answer["taskUid"])',
                "            sent = Batch(batch, generation, 'open', -1, None, count, 0)\n"
                "            await batches.succeeded(self._lease, [sent])",
            ),
        ),
        acts=("poison",),
    ),
    "failed-is-done": Mutation(
        "a failed or canceled task is not done",
        code=(
            Edit(
                "indexer.sender",
                'elif task is not None and task["status"] == "succeeded":',
                "elif task is not None:",
            ),
        ),
        acts=("poison",),
    ),
    "touched-is-forgotten": Mutation(
        "a pending row stays that was touched since its document was read",
        code=(Edit("indexer.batches", ' AND touched = sent", ids', '", ids'),),
    ),
    "poison-spreads": Mutation(
        "of a task that failed only the bad document is a dead letter",
        code=(
            Edit("indexer.failures", " if batch.count == 1 else None", ""),
            Edit(
                "indexer.dead_letters", " AND suspect = 1 AND touched = sent", " AND touched = sent"
            ),
        ),
        acts=("poison",),
    ),
    "gone-unchecked": Mutation(
        "what is absent from the view while it is active in the table is not deleted",
        code=(Edit("indexer.documents", "    if documents.gone:", "    if False:"),),
        acts=("wrong_view",),
        shows=("lost",),
    ),
}

MUTATIONS = CHANGES | GENERATIONS
