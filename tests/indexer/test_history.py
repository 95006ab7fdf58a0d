"""The history of tasks is cut behind what a batch may still be matched with."""

import pytest

from catalog.cars import CARS
from indexer import history
from indexer.history import History
from tests.indexer.proxy import proxy


@pytest.fixture
async def tasks(stage, monkeypatch):
    """An index that was filled by a few tasks."""
    monkeypatch.setattr(history, "KEPT_TASKS", 2)
    async with stage.indexing():
        for key in "ABCD":
            await stage.add(key)
            await stage.settled()

    async def uids():
        answer = await stage.engine.call(
            "GET",
            "/tasks",
            params={"indexUids": "cars", "types": "documentAdditionOrUpdate", "limit": 100},
        )
        return sorted(task["uid"] for task in answer["results"])

    return uids


async def _trim(stage):
    trimmed = await History(stage.db, stage.engine, CARS).trim()
    newest = (await stage.engine.call("GET", "/tasks", params={"limit": 1}))["results"][0]
    await stage.engine.wait(newest["uid"])
    return trimmed


async def test_what_was_matched_goes_but_the_last(stage, tasks):
    before = await tasks()
    assert len(before) >= 4
    assert await _trim(stage) >= 3
    assert await tasks() == before[-1:]


async def test_what_a_batch_may_still_find_stays(stage, tasks):
    before = await tasks()
    await stage.db.execute(
        "INSERT INTO batches (generation_id, epoch, operation, documents, after_task, state)"
        " SELECT id, 1, 'upsert', '{A}', $1, 'given_up' FROM generations",
        before[-3],
    )
    await _trim(stage)
    assert await tasks() == before[-3:]


async def test_a_short_history_is_left_alone(stage, tasks, monkeypatch):
    monkeypatch.setattr(history, "KEPT_TASKS", 1_000)
    before = await tasks()
    assert await _trim(stage) == 0
    assert await tasks() == before


async def test_tasks_of_others_are_left_alone(stage, tasks):
    for _ in range(3):
        answer = await stage.engine.call("POST", "/indexes/other/documents", json=[{"id": 1}])
        await stage.engine.wait(answer["taskUid"])
    await stage.add("E")
    async with stage.indexing():
        await stage.settled()
    await _trim(stage)
    others = await stage.engine.call("GET", "/tasks", params={"indexUids": "other"})
    assert others["total"] == 3


async def test_with_no_index_there_is_nothing_to_trim(stage):
    assert await History(stage.db, stage.engine, CARS).trim() == 0


async def test_a_request_that_is_lost_is_not_looked_for_in_what_its_index_came_after(stage):
    """It is looked for every second, for an hour: not in years of tasks."""
    answer = await stage.engine.call("POST", "/indexes/other/documents", json=[{"id": 1}])
    await stage.add("A")
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        between.once("cut", "POST /indexes/cars_g")
        await stage.settled()
        assert between.met.is_set()
    row = await stage.db.fetchrow("SELECT state, after_task FROM batches")
    assert (row["state"], row["after_task"] > answer["taskUid"]) == ("given_up", True)
