"""What is published of a coming generation: done, of how many, how fast, how long still."""

from dataclasses import replace

import pytest

from catalog.cars import CARS
from indexer import generations, progress
from indexer.progress import Progress
from jobs import rows


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the test sets: `clock[0] = 5`."""
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


@pytest.fixture
async def coming(stage):
    await stage.add(*(f"K{n}" for n in range(10)))
    async with stage.db.acquire() as db:
        return await generations.begin(db, CARS, "view", "settings", None)


async def test_what_is_on_its_way_is_not_done(stage, coming):
    await stage.db.execute(
        "INSERT INTO batches (generation_id, epoch, operation, documents, after_task)"
        " VALUES ($1, 1, 'upsert', '{A,B}', -1)",
        coming.id,
    )
    told = await Progress(stage.db).look(replace(coming, documents=5), "a task")
    assert (told["documents"], told["total"], told["waits_for"]) == (3, 10, "a task")
    assert (told["documents_per_second"], told["eta_seconds"]) == (None, None)


async def test_the_rate_is_that_of_the_last_seconds(stage, coming, clock):
    look = Progress(stage.db).look
    await look(coming, None)
    clock[0] = 10
    told = await look(replace(coming, documents=2), None)
    assert (told["documents_per_second"], told["eta_seconds"]) == (0.2, 40.0)
    clock[0] = 24
    told = await look(replace(coming, documents=9), None)
    assert (told["documents_per_second"], told["eta_seconds"]) == (0.5, 2.0)


async def test_a_reindex_publishes_it_in_its_jobs_row(stage, monkeypatch):
    await stage.add("A")
    job = await rows.enqueue(stage.db, "reindex", "cars")
    async with stage.indexing():
        await stage.ended(job)
    told = await stage.db.fetchval("SELECT progress FROM jobs WHERE id = $1", job)
    assert set(told) == {
        *("generation", "state", "documents", "total"),
        *("documents_per_second", "eta_seconds", "waits_for"),
    }
    [row] = await generations.listed(stage.db, "cars", 10)
    assert (row["state"], row["progress"]) == ("live", None)
