"""Batches that were given up are looked for among what is new, and found there."""

import pytest

from catalog.cars import CARS
from indexer import batches, late, tasks
from indexer.late import Late


async def _sent(stage, *numbers):
    """A task for each of these batches of the live index, None for a document of others."""
    live = await stage.live()
    for number in numbers:
        params = {"customMetadata": live.metadata(number)} if number else {}
        answer = await stage.engine.call(
            "POST", "/indexes/cars/documents", json=[{"id": "A"}], params=params
        )
        task = await stage.engine.wait(answer["taskUid"])
    return task["uid"]


async def _after(stage):
    return [row["after_task"] for row in await stage.db.fetch("SELECT * FROM batches ORDER BY id")]


@pytest.fixture
async def given_up(stage):
    """The number of a batch of the live index that is looked for among all tasks."""
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
    return await stage.db.fetchval(
        "INSERT INTO batches (generation_id, epoch, operation, documents, after_task, state)"
        " SELECT id, 1, 'upsert', '{A}', -1, 'given_up' FROM generations RETURNING id"
    )


@pytest.fixture
async def look(stage, given_up, monkeypatch):
    """Look once; how many times tasks were paged."""
    monkeypatch.setattr(late, "LOOK_SECONDS", 0)
    paged, search = [], tasks.search

    async def counted(*args):
        paged.append(args)
        return await search(*args)

    monkeypatch.setattr(tasks, "search", counted)
    async with stage.leased() as lease:
        looking = Late(lease, stage.engine, stage.engine, CARS)

        async def once():
            paged.clear()
            await looking.step([await stage.live()])
            return len(paged)

        yield once


async def test_what_was_looked_through_is_not_looked_through_again(stage, look):
    newest = await _sent(stage, None, None)
    assert await look() == 1
    assert await _after(stage) == [newest]
    assert await look() == 0
    assert await _sent(stage, None) > newest
    assert await look() == 1


async def test_one_that_arrives_after_some_looks_is_found(stage, look, given_up):
    await look()
    await _sent(stage, None, given_up, None)
    await look()
    assert await _after(stage) == []
    assert await stage.db.fetchval("SELECT document FROM pending") == "A"


async def test_another_that_is_found_does_not_hide_it(stage, look, given_up):
    other = await stage.db.fetchval(
        "INSERT INTO batches (generation_id, epoch, operation, documents, after_task, state)"
        " SELECT generation_id, 1, 'upsert', '{A}', -1, 'given_up' FROM batches RETURNING id"
    )
    newest = await _sent(stage, other)
    await look()
    assert await _after(stage) == [newest]
    await _sent(stage, given_up)
    await look()
    assert await _after(stage) == []


async def test_one_whose_engine_was_lost_since_it_was_read_is_looked_for_in_all_tasks(
    stage, given_up
):
    await stage.db.execute("UPDATE batches SET after_task = 3")
    read = await batches.in_flight(stage.db, [await stage.live()], "given_up")
    await stage.db.execute("UPDATE batches SET after_task = -1")
    async with stage.leased() as lease:
        await batches.not_up_to(lease, read, 10)
    assert await _after(stage) == [-1]
