"""The load of a new generation: how much it reads, when it waits, that it loses no place."""

import asyncio

import pytest

from catalog.cars import CARS
from indexer import batches, generations, indexes, load, settings
from indexer.load import Load
from indexer.sender import SMALL_BATCH_DOCUMENTS, Sender


@pytest.fixture
def woken():
    return asyncio.Event()


@pytest.fixture
async def loading(stage, woken):
    """A generation whose index is made and still empty, and what loads it."""
    created, _ = await indexes.create(stage.engine, "cars_load", settings.wanted("cars"))
    async with stage.leased() as lease:
        async with lease.transaction() as db:
            coming = await generations.begin(db, CARS, "view", "settings", None)
            await generations.change(
                db, coming.id, index_uid="cars_load", engine_created_at=created
            )
        loader = Load(lease, Sender(lease, stage.engine, stage.engine, CARS), CARS, woken.set)
        yield loader
        await loader.stop()


async def _coming(stage):
    return (await generations.followed(stage.db, "cars"))[-1]


async def _open(stage):
    return await batches.in_flight(stage.db, await generations.followed(stage.db, "cars"))


async def _post_next(stage, loader, open_batches, *, steps=6_000):
    """Step until a range is posted; how many documents it has."""
    before = (await _coming(stage)).documents
    for _ in range(steps):
        await loader.step(await _coming(stage), open_batches)
        if posted := (await _coming(stage)).documents - before:
            return posted
        await asyncio.sleep(0.01)
    return 0


async def test_it_reads_as_much_as_the_engine_has_to_do_meanwhile(stage, loading, monkeypatch):
    monkeypatch.setattr(load, "FIRST_DOCUMENTS", 2)
    monkeypatch.setattr(load, "BATCH_DOCUMENTS", 7)
    await stage.add(*(f"K{n:02}" for n in range(30)))
    sizes = [await _post_next(stage, loading, await _open(stage)) for _ in range(5)]
    assert sizes == [2, 6, 7, 7, 7]


async def test_it_wakes_the_loop_when_a_range_was_read(stage, loading, woken):
    await loading.step(await _coming(stage), [])
    async with asyncio.timeout(30):
        await woken.wait()


async def test_no_more_is_posted_than_so_many_bytes(stage, loading, monkeypatch):
    monkeypatch.setattr(load, "FIRST_DOCUMENTS", 2)
    monkeypatch.setattr(load, "FLIGHT_BYTES", 1)
    await stage.add(*(f"K{n}" for n in range(9)))
    assert await _post_next(stage, loading, []) == 2
    assert await _post_next(stage, loading, await _open(stage), steps=20) == 0
    assert await _post_next(stage, loading, []) == 6


async def test_a_change_of_the_live_index_has_one_small_batch_before_it(stage, loading):
    await stage.add(*(f"K{n:04}" for n in range(SMALL_BATCH_DOCUMENTS + 500)))
    live = await _live_batch(stage)
    assert await _post_next(stage, loading, [live]) == SMALL_BATCH_DOCUMENTS
    assert await _post_next(stage, loading, [live, *await _open(stage)], steps=20) == 0
    assert await _post_next(stage, loading, [live]) == 500


async def test_a_large_range_that_was_read_before_is_read_again_small(stage, loading, monkeypatch):
    monkeypatch.setattr(load, "FIRST_DOCUMENTS", 10)
    monkeypatch.setattr(load, "SMALL_BATCH_DOCUMENTS", 3)
    await stage.add(*(f"K{n:02}" for n in range(40)))
    assert await _post_next(stage, loading, []) == 10
    assert await _post_next(stage, loading, [await _live_batch(stage)]) == 3
    assert (await _coming(stage)).loaded_until == "K12"


async def test_what_is_inserted_behind_the_last_range_is_not_chased(stage, loading):
    await stage.add("A")
    assert await _post_next(stage, loading, []) == 1
    await stage.add("B")
    assert await _post_next(stage, loading, await _open(stage), steps=20) == 0
    assert await loading.step(await _coming(stage), [])
    assert (await _coming(stage)).state == "draining"


async def _live_batch(stage):
    """A batch of a live index, as if on its way."""
    coming = await _coming(stage)
    live = generations.Generation(**{**vars(coming), "id": 0, "state": "live"})
    return batches.Batch(0, live, "open", -1, 0, 1, 100)
