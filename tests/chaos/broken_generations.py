"""The rules of indexes as a whole, each broken: reindexes, swaps, writers, servers put back."""

# ruff: noqa: E501 -- the texts are lines of other files

from tests.chaos.edits import Edit, Mutation

_GATE_BLIND = Edit(
    "indexer.reindex", "        if not faults and not differing:", "        if True:"
)
"""The gate compares every document: what a reindex loses is found there and sent again."""

_SLOWLY = '''
import asyncio

async def _slowly(*range_):
    """A range that is posted half a second after it was read."""
    ready = await documents.read_range(*range_)
    await asyncio.sleep(0.5)
    return ready
'''

GENERATIONS = {
    "followed-late": Mutation(
        "a generation is followed from the moment its row is inserted (gate blind)",
        code=(
            Edit(
                "indexer.claim",
                "        list(FOLLOWED),",
                "        [each for each in FOLLOWED if each != 'loading'],",
            ),
            _GATE_BLIND,
        ),
        acts=("reindex",),
    ),
    "loaded-after-pending": Mutation(
        "what is pending waits until all is loaded: newer lands after older (gate blind)",
        code=(
            Edit(
                "indexer.load",
                "            documents.read_range(self._lease.pool,",
                "            _slowly(self._lease.pool,",
            ),
            Edit("indexer.load", "", _SLOWLY),
            Edit(
                "indexer.sender",
                'generation.state == "loading" or not self.ready',
                "not self.ready",
            ),
            _GATE_BLIND,
        ),
        acts=("reindex",),
    ),
    "failed-load-forgotten": Mutation(
        "a load batch that is not done gives its documents to pending (gate blind)",
        code=(
            Edit(
                "indexer.batches",
                '    """Give a load batch that was not done its pending rows; others have theirs."""',
                "    return",
            ),
            _GATE_BLIND,
        ),
        acts=("poison", "reindex"),
    ),
    "sent-while-swapping": Mutation(
        "nothing is sent to two generations that exchange their names",
        code=(
            Edit(
                "indexer.sender",
                '        if any(generation.state == "swapping" for generation in generations):',
                "        if False:",
            ),
        ),
        acts=("reindex_slowly",),
        shows=("lost", "ghosts", "stale", "kept"),
    ),
    "swapped-blindly": Mutation(
        "`createdAt` tells whether a swap is still to be made, not an answer",
        code=(
            Edit(
                "indexer.swap",
                "        return None\n"
                "    if await indexes.created_at(engine, vertical.index) != coming.engine_created_at:",
                "        return None\n    if True:",
            ),
            Edit(
                "indexer.swap",
                "        if await indexes.created_at(engine, vertical.index)"
                " != coming.engine_created_at:\n            return None\n",
                "",
            ),
        ),
        acts=("swap_answer_lost",),
        shows=("lost", "ghosts", "stale", "generations"),
    ),
    "lease-for-ever": Mutation(
        "a writer that was replaced writes nothing (its clock, its connection and its epoch)",
        code=(
            Edit(
                "indexer.lease",
                "if self._connection.is_closed() or time.monotonic() - self._said"
                " > OWN_SILENCE_SECONDS:",
                "if False:",
            ),
            Edit(
                "indexer.lease",
                "            if mine != len(self._verticals):",
                "            if False:",
            ),
            Edit(
                "indexer.lease",
                "            except DATABASE_ERRORS as error:\n                raise LeaseLost(",
                "            except DATABASE_ERRORS as error:\n"
                "                await asyncio.sleep(3600)\n                raise LeaseLost(",
            ),
        ),
        acts=("stop_writer",),
        shows=("epochs",),
    ),
    "epoch-ignored": Mutation(
        "a writer that was replaced and was not told writes nothing (its epoch alone)",
        code=(
            Edit(
                "indexer.lease",
                "            if mine != len(self._verticals):",
                "            if False:",
            ),
        ),
        acts=("cut_lock_unheard",),
        shows=("epochs",),
    ),
    "old-not-followed": Mutation(
        "the index before the live one gets every change, too",
        code=(
            Edit(
                "indexer.claim",
                "        list(FOLLOWED),",
                "        [each for each in FOLLOWED if each != 'old'],",
            ),
        ),
        acts=("reindex",),
        shows=("kept",),
    ),
    "rolled-back-behind": Mutation(
        "an index comes back when it has nearly all that the live one has",
        code=(
            Edit(
                "indexer.reindex",
                "            if await self._drained(followed, coming):",
                "            if coming.comes_back or await self._drained(followed, coming):",
            ),
        ),
        acts=("roll_back_behind",),
        shows=("behind",),
    ),
    "live-behind": Mutation(
        "an index goes live when it has what came while it was compared, too",
        code=(
            Edit(
                "indexer.reindex",
                "            self._equal, self._look_after = coming.id, 0.0\n"
                "            return True\n",
                "            return await self._let_pass(coming)\n",
            ),
        ),
        acts=("reindex_behind",),
        shows=("behind",),
    ),
    "old-view": Mutation(
        "a changed view asks for a new index",
        code=(
            Edit(
                "indexer.watch",
                "        if (newest.view_digest, newest.settings_digest) == (view, wanted):",
                "        if newest.settings_digest == wanted:",
            ),
        ),
        acts=("another_view",),
        shows=("stale",),
    ),
    "engine-put-back": Mutation(
        "a search server that is put back is known by the last task that was done",
        code=(
            Edit(
                "indexer.rewound",
                '    return task is not None and last.last_task_at in (None, task["enqueuedAt"])',
                "    return True",
            ),
        ),
        acts=("put_search_back_unseen",),
    ),
    "database-put-back": Mutation(
        "a database that is put back is known by what the search server has done since",
        code=(Edit("indexer.rewound", "    if unknown:", "    if False:"),),
        acts=("put_database_back",),
    ),
}
