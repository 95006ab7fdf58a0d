"""A search server or a database that was put back from a copy is noticed, whatever happened since.

All indexes are made anew then.
"""

from dataclasses import replace

import pytest

from catalog.cars import CARS
from indexer import batches, rewound, watch
from indexer.claim import claim
from indexer.sender import Sender


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)


async def _error(stage, generation):
    return await stage.db.fetchval("SELECT error FROM generations WHERE id = $1", generation.id)


async def _another_is_live(stage, first):
    async def is_live():
        now = await stage.live()
        return now is not None and now.id != first.id

    await stage.until(is_live)
    await stage.settled()


async def _others_tasks(stage, number):
    """Somebody else has the search server do so many tasks, on an index of their own."""
    for n in range(number):
        body = [{"id": n}]
        task = await stage.engine.call("POST", "/indexes/others/documents", json=body)
    await stage.engine.wait(task["taskUid"])


async def test_a_task_of_anothers_under_the_number_of_our_last_one_is_noticed(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        await stage.db.execute("UPDATE generations SET last_task = last_task + 2")
        await _others_tasks(stage, 3)
        await _another_is_live(stage, first)
        assert set(await stage.indexed()) == {"A"}
    assert (await _error(stage, first)).startswith("The search server was put back")


async def test_it_is_noticed_before_what_was_sent_since_is_forgotten(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
    async with stage.leased() as lease:
        sender = Sender(lease, stage.engine, stage.engine, CARS)
        await stage.db.execute("UPDATE generations SET last_task = last_task + 2")
        await _others_tasks(stage, 3)
        await stage.add("B")
        await claim(lease, CARS)
        assert await sender.send([await stage.live()], []) == 1
        await stage.engine.wait(await stage.db.fetchval("SELECT task_uid FROM batches"))
        with pytest.raises(rewound.Rewound):
            await sender.settle([await stage.live()])


async def test_a_number_that_was_not_reached_again_is_noticed(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        await stage.db.execute("UPDATE generations SET last_task = last_task + 1000")
        await _another_is_live(stage, first)


async def test_a_history_that_somebody_deleted_is_no_reason_to_begin_anew(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        await _others_tasks(stage, 1)
        answer = await stage.engine.call("DELETE", "/tasks", params={"statuses": "succeeded"})
        await stage.engine.wait(answer["taskUid"])
        await stage.add("B")
        await stage.settled()
        await stage.add("C")
        await stage.settled()
        assert set(await stage.indexed()) == {"A", "B", "C"}
        assert (await stage.live()).id == first.id


async def test_an_index_that_knows_more_than_the_database_is_noticed(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        await stage.add("B")
        await stage.settled()
    await stage.db.execute("DELETE FROM listings WHERE key = 'B'; DELETE FROM outbox")
    await stage.db.execute(
        "UPDATE generations SET last_task = $1, last_task_at = $2",
        first.last_task,
        first.last_task_at,
    )
    async with stage.indexing():
        await _another_is_live(stage, first)
        assert set(await stage.indexed()) == {"A"}
    assert (await _error(stage, first)).startswith("The search server has done what the database")


async def test_a_batch_that_came_late_is_known(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        live = await stage.live()
    number = await stage.db.fetchval(
        "INSERT INTO batches (generation_id, epoch, operation, documents, after_task, state)"
        " VALUES ($1, 1, 'upsert', '{A}', $2, 'given_up') RETURNING id",
        live.id,
        live.last_task,
    )
    answer = await stage.engine.call(
        "POST",
        "/indexes/cars/documents",
        json=[{"id": "A"}],
        params={"customMetadata": live.metadata(number)},
    )
    task = await stage.engine.wait(answer["taskUid"])
    (late,) = await batches.in_flight(stage.db, [live], "given_up")
    late = replace(late, task_uid=task["uid"], task_at=task["enqueuedAt"])
    async with stage.leased() as lease:
        await batches.came_late(lease, late)
        await rewound.look_behind(lease, stage.engine, [await stage.live()])
