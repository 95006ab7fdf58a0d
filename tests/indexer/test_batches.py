"""What a batch does to pending rows, to dead letters and to what is known of its index."""

from dataclasses import replace

import pytest

from catalog.cars import CARS
from indexer import batches, dead_letters, failures, generations


@pytest.fixture
async def lease(stage):
    async with stage.leased() as lease:
        yield lease


async def _begin(lease, **values):
    """Another generation."""
    async with lease.transaction() as db:
        made = await generations.begin(db, CARS, "view", "settings", None)
        if values:
            await generations.change(db, made.id, **values)
    return replace(made, **values)


@pytest.fixture
async def live(lease):
    return await _begin(lease, state="live", index_uid="cars", engine_created_at="born", indexed=9)


async def _pending(stage, generation):
    """(document, touched, its batch, at most with how many) for each row."""
    rows = await stage.db.fetch(
        "SELECT document, touched, batch_id, suspect FROM pending WHERE generation_id = $1"
        " ORDER BY document",
        generation.id,
    )
    return [tuple(row) for row in rows]


async def _wait(stage, generation, *documents, touched=1, suspect=None):
    for document in documents:
        await stage.db.execute(
            "INSERT INTO pending (generation_id, document, since, touched, suspect)"
            " VALUES ($1, $2, now(), $3, $4)",
            generation.id,
            document,
            touched,
            suspect,
        )


async def _sent(stage, lease, generation, *documents, operation="upsert", task=5):
    """A batch that the engine took as this task."""
    number = await batches.make(lease, generation, operation, dict.fromkeys(documents, 1), 100)
    await batches.accepted(lease, number, task)
    found = await batches.in_flight(stage.db, [generation])
    return replace(next(one for one in found if one.id == number), task_at=f"at {task}")


async def _last(stage, generation):
    return tuple(
        await stage.db.fetchrow(
            "SELECT last_task, last_task_at, indexed FROM generations WHERE id = $1", generation.id
        )
    )


async def test_what_succeeded_goes_and_what_was_touched_since_waits_again(stage, lease, live):
    await _wait(stage, live, "A", "B", "other", suspect=2)
    batch = await _sent(stage, lease, live, "A", "B")
    await stage.db.execute("UPDATE pending SET touched = 2 WHERE document = 'B'")
    assert await batches.succeeded(lease, [batch]) is not None
    assert await _pending(stage, live) == [("B", 2, None, None), ("other", 1, None, 2)]
    assert await batches.in_flight(stage.db, [live]) == []


async def test_a_letter_goes_when_its_document_succeeds_in_its_own_generation(stage, lease, live):
    coming = await _begin(lease)
    for generation in (live, coming):
        await stage.db.execute(
            "INSERT INTO dead_letters (generation_id, document, error)"
            " SELECT $1, unnest(ARRAY['A', 'B']), 'refused'",
            generation.id,
        )
    await _wait(stage, live, "A", "B")
    await batches.succeeded(lease, [await _sent(stage, lease, live, "A")])
    left = await stage.db.fetch("SELECT generation_id, document FROM dead_letters ORDER BY 1, 2")
    assert [tuple(row) for row in left] == [(live.id, "B"), (coming.id, "A"), (coming.id, "B")]


async def test_only_what_changes_the_live_index_is_news(stage, lease, live):
    coming = await _begin(lease)
    before = await stage.db.fetchval("SELECT version FROM writers")
    assert await batches.succeeded(lease, [await _sent(stage, lease, coming, "A")]) is None
    assert await stage.db.fetchval("SELECT version FROM writers") == before
    both = [await _sent(stage, lease, each, "A") for each in (coming, live)]
    raised = await batches.succeeded(lease, both)
    assert raised == await stage.db.fetchval("SELECT version FROM writers") > before


async def test_the_newest_task_is_written_down_whatever_the_order(stage, lease, live):
    for tasks in ((7, 8, 6), (5,)):
        done = [await _sent(stage, lease, live, f"K{task}", task=task) for task in tasks]
        await batches.succeeded(lease, done)
        assert (await _last(stage, live))[:2] == (8, "at 8")


async def test_what_was_deleted_counts_as_gone_until_it_is_seen_again(stage, lease, live):
    await batches.succeeded(lease, [await _sent(stage, lease, live, "A", "B")])
    assert (await _last(stage, live))[2] == 9
    gone = await _sent(stage, lease, live, "A", "B", operation="delete", task=6)
    await batches.succeeded(lease, [gone])
    assert (await _last(stage, live))[2] == 7
    most = [f"K{n}" for n in range(8)]
    gone = await _sent(stage, lease, live, *most, operation="delete", task=7)
    await batches.succeeded(lease, [gone])
    assert (await _last(stage, live))[2] == 0


async def test_a_load_that_was_not_done_has_its_documents_wait(stage, lease, live):
    async with lease.transaction() as db:
        number = await batches.insert(db, lease.epoch, live, "upsert", ["A", "B"], 100)
    await _wait(stage, live, "B", touched=3)  # changed meanwhile
    (batch,) = await batches.in_flight(stage.db, [live])
    assert (batch.id, batch.count, batch.size) == (number, 2, 100)
    await batches.give_back(lease, batch)
    assert await _pending(stage, live) == [("A", 1, None, None), ("B", 3, None, None)]
    assert await stage.db.fetchval("SELECT count(*) FROM batches") == 0


async def test_a_batch_that_the_engine_does_not_know_may_still_arrive(stage, lease, live):
    await _wait(stage, live, "A")
    batch = await _sent(stage, lease, live, "A")
    await batches.give_up(lease, batch)
    assert await _pending(stage, live) == [("A", 1, None, None)]
    assert await batches.in_flight(stage.db, [live]) == []
    (late,) = await batches.in_flight(stage.db, [live], "given_up")
    assert late.id == batch.id


async def test_what_came_late_is_sent_again_to_all_that_are_followed(stage, lease, live):
    await stage.db.execute("UPDATE generations SET vertical = 'boats'")
    foreign = live
    gone = await _begin(lease, state="failed")
    first = await _begin(lease, state="live", index_uid="cars_live")
    coming = await _begin(lease)
    await _wait(stage, first, "A", touched=4)
    await batches.give_up(lease, await _sent(stage, lease, first, "A", "B", task=6))
    (late,) = await batches.in_flight(stage.db, [first], "given_up")
    await batches.came_late(lease, replace(late, task_uid=7, task_at="at 7"))
    assert await _pending(stage, first) == [("A", 5, None, None), ("B", 2, None, None)]
    assert await _pending(stage, coming) == [("A", 1, None, None), ("B", 1, None, None)]
    assert await _pending(stage, gone) == await _pending(stage, foreign) == []
    assert (await _last(stage, first))[:2] == (7, "at 7")
    assert await stage.db.fetchval("SELECT count(*) FROM batches") == 0


async def test_only_what_was_given_up_long_ago_is_forgotten(stage, lease, live):
    for age, state in ((59, "given_up"), (61, "given_up"), (61, "open")):
        await _sent(stage, lease, live, f"{state} {age}")
        await stage.db.execute(
            "UPDATE batches SET state = $1, created_at = now() - $2 * interval '1 min'"
            " WHERE documents = ARRAY[$3]",
            state,
            age,
            f"{state} {age}",
        )
    await batches.forget_old(lease)
    left = await stage.db.fetch("SELECT documents[1] AS one FROM batches ORDER BY id")
    assert [row["one"] for row in left] == ["given_up 59", "open 61"]


@pytest.mark.parametrize(
    ("documents", "suspect", "expected"), [("ABCDE", None, 3), ("AB", 3, 1), ("A", None, 1)]
)
async def test_a_group_that_failed_is_halved(stage, lease, live, documents, suspect, expected):
    await _wait(stage, live, *documents, suspect=suspect)
    await failures.single_out(lease, await _sent(stage, lease, live, *documents), "refused")
    assert await _pending(stage, live) == [(each, 1, None, expected) for each in documents]
    assert await dead_letters.count(stage.db, live.id) == 0


async def test_one_that_failed_alone_is_a_letter_unless_it_changed_meanwhile(stage, lease, live):
    await _wait(stage, live, "A", suspect=1)
    batch = await _sent(stage, lease, live, "A")
    await stage.db.execute("UPDATE pending SET touched = 2")
    await failures.single_out(lease, batch, "refused")
    assert await _pending(stage, live) == [("A", 2, None, 1)]
    await stage.db.execute("UPDATE pending SET touched = 1")
    await failures.single_out(lease, await _sent(stage, lease, live, "A"), "refused")
    assert await _pending(stage, live) == []
    assert await dead_letters.count(stage.db, live.id) == 1


async def test_a_generation_that_is_given_up_may_still_get_what_has_no_answer(stage, lease, live):
    await _wait(stage, live, "A", "B", "C")
    await _sent(stage, lease, live, "A")
    lost = await batches.make(lease, live, "upsert", {"B": 1}, 100)
    async with lease.transaction() as db:
        await generations.give_up(db, live.id, "failed", "why")
    assert await _pending(stage, live) == []
    (left,) = await stage.db.fetch("SELECT id, state FROM batches")
    assert tuple(left) == (lost, "given_up")
    assert (await _last(stage, live))[2] == 6  # nobody knows which of the three were deletions
