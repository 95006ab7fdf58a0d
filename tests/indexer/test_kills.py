"""kill -9 between any two steps: the next start makes the index equal to the view."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from jobs import rows

REQUESTS = ["reindex", "verify", "rollback", "reindex", "cancel", "rollback", "settings"]
DIES = str(Path(__file__).with_name("dies.py"))


async def _change(stage, chance, number):
    """A few changes of every kind."""
    key = f"K{chance.randrange(30)}"
    await stage.db.execute("UPDATE listings SET price = $2 WHERE key = $1", key, number)
    await stage.add(f"N{number}", dealer=2)
    await stage.db.execute("DELETE FROM listings WHERE key = $1", f"N{number - 3}")
    await stage.db.execute("UPDATE dealers SET name = $1 WHERE id = 2", f"Name {number}")


async def _dies_at(stage, step):
    """Start an indexer that dies at this step; False if there was nothing left for it to do."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, DIES, str(step), env=stage.environment()
    )
    waiting = asyncio.create_task(process.wait())
    settling = asyncio.create_task(stage.settled(60))
    await asyncio.wait([waiting, settling], return_when="FIRST_COMPLETED", timeout=60)
    died = waiting.done()
    if not died:
        process.kill()
    settling.cancel()
    await asyncio.gather(waiting, settling, return_exceptions=True)
    return died


async def _survives(stage, steps):
    chance = random.Random(11)
    await stage.add(*(f"K{n}" for n in range(30)))
    deaths = 0
    for number, step in enumerate(steps):
        await _change(stage, chance, number)
        await rows.enqueue(stage.db, REQUESTS[number % len(REQUESTS)], "cars")
        await stage.db.execute("UPDATE jobs SET attempts = 1")
        deaths += await _dies_at(stage, step)
    assert deaths > len(steps) // 2
    await stage.db.execute("UPDATE jobs SET attempts = 1")
    async with stage.indexing():
        await asyncio.sleep(0.5)
        await stage.settled(30)
        assert await stage.differing() == {}
        assert len(await stage.indexed()) == await stage.db.fetchval(
            "SELECT count(*) FROM listings WHERE active"
        )


async def test_an_indexer_that_is_killed_now_and_then_loses_nothing(stage):
    await _survives(stage, [9, 30, 61, 47])


@pytest.mark.prove
@pytest.mark.timeout(900)
async def test_an_indexer_can_be_killed_at_every_step(stage):
    await _survives(stage, list(range(1, 120, 4)))
