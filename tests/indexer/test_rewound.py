"""A search server that was put back from a copy is noticed, and its indexes are made anew.

Its tasks have smaller numbers then than those that are written down.
"""

import asyncio

from indexer import watch


async def _forget_what_was_done(stage):
    """As if the search server had done many tasks more, and lost them."""
    await stage.db.execute("UPDATE generations SET last_task = last_task + 1000")


async def _another_is_live(stage, first):
    end = asyncio.get_running_loop().time() + 20
    while (now := await stage.live()) is None or now.id == first.id:
        assert asyncio.get_running_loop().time() < end, "no other generation is live"
        await asyncio.sleep(0.05)
    await stage.settled()


async def test_it_is_noticed_while_nothing_changes(stage, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        await _forget_what_was_done(stage)
        await _another_is_live(stage, first)
        assert set(await stage.indexed()) == {"A"}
        error = await stage.db.fetchval("SELECT error FROM generations WHERE id = $1", first.id)
        assert error.startswith("The search server was put back to an earlier state")


async def test_it_is_noticed_by_the_number_of_the_next_task(stage, monkeypatch):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        monkeypatch.setattr(watch.rewound, "look", _sees_nothing)
        await _forget_what_was_done(stage)
        await stage.add("B")
        await _another_is_live(stage, first)
        assert set(await stage.indexed()) == {"A", "B"}


async def _sees_nothing(*_):
    """Nobody has looked at the tasks since."""
