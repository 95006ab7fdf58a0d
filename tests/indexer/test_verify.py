"""The comparison finds what is missing, what is too much and what is old, and nothing else."""

import pytest

from catalog.cars import CARS
from indexer import verify


@pytest.fixture
async def broken(stage):
    """An index in which A is missing, B old, and a ghost."""
    await stage.add("A", "B", *(f"K{n}" for n in range(20)))
    async with stage.indexing():
        await stage.settled()
    for path, body in (
        ("documents/delete-batch", ["A"]),
        ("documents", [{"id": "B", "digest": "old"}, {"id": "ghost"}]),
    ):
        task = await stage.engine.call("POST", f"/indexes/cars/{path}", json=body)
        await stage.engine.wait(task["taskUid"])
    return {"A": "missing", "B": "stale", "ghost": "ghost"}


@pytest.mark.parametrize("page", [5_000, 3])
async def test_every_difference_is_found_whatever_the_page(stage, broken, monkeypatch, page):
    monkeypatch.setattr(verify, "PAGE", page)
    found = await verify.compare(stage.db, stage.engine, CARS, "cars")
    assert found.differing == broken
    assert (found.documents, found.indexed, found.count) == (22, 22, 3)


async def test_what_was_on_two_pages_counts_once(stage, broken, monkeypatch):
    """As when documents move from page to page while they are read."""
    read = verify._read_index

    async def read_twice(db, *args):
        await read(db, *args)
        return await read(db, *args)

    monkeypatch.setattr(verify, "_read_index", read_twice)
    found = await verify.compare(stage.db, stage.engine, CARS, "cars")
    assert found.differing == broken
    assert (found.documents, found.count) == (22, 3)


@pytest.mark.parametrize("page", [500, 3])
async def test_a_second_look_by_id_finds_the_same(stage, broken, monkeypatch, page):
    monkeypatch.setattr(verify, "LOOK_AGAIN_PAGE", page)
    ids = [*(f"K{n}" for n in range(20)), *broken, "nowhere"]  # more than the engine shows unasked
    assert await verify.look_again(stage.db, stage.engine, CARS, "cars", ids) == broken


async def test_what_is_pending_or_a_dead_letter_explains_itself(stage, broken, monkeypatch):
    monkeypatch.setattr(verify, "LOOK_SECONDS", 0)
    live = (await stage.live()).id
    await stage.db.execute(
        "INSERT INTO pending (generation_id, document, since) VALUES ($1, 'A', now())", live
    )
    await stage.db.execute(
        "INSERT INTO dead_letters (generation_id, document, error) VALUES ($1, 'B', 'bad')", live
    )
    other = await stage.db.fetchval(
        "INSERT INTO generations (vertical, state, view_digest, settings_digest)"
        " VALUES ('cars', 'failed', '', '') RETURNING id"
    )
    await stage.db.execute(
        "INSERT INTO pending (generation_id, document, since) VALUES ($1, 'ghost', now())", other
    )
    await stage.db.execute(
        "INSERT INTO dead_letters (generation_id, document, error) VALUES ($1, 'ghost', '')", other
    )
    left = await verify.wait_until_equal(stage.db, stage.engine, CARS, "cars", live, broken)
    assert left == {"ghost": "ghost"}


@pytest.mark.parametrize(("equal_at", "looks"), [(3, 3), (99, verify.LOOKS)])
async def test_what_is_on_its_way_is_waited_for_but_not_for_ever(
    stage, monkeypatch, equal_at, looks
):
    monkeypatch.setattr(verify, "LOOK_SECONDS", 0)
    seen = []

    async def look(*args):
        seen.append(args)
        return {} if len(seen) == equal_at else {"A": "stale"}

    monkeypatch.setattr(verify, "look_again", look)
    left = await verify.wait_until_equal(stage.db, stage.engine, CARS, "cars", 1, {"A": "stale"})
    assert (len(seen), left) == (looks, {} if equal_at == looks else {"A": "stale"})


def test_what_arrived_meanwhile_is_taken_off_its_count():
    found = verify.Comparison(
        counts={"missing": 2, "ghost": 0, "stale": 1},
        differing={"A": "missing", "B": "missing", "C": "stale"},
    )
    found.settle({"B": "missing"})
    assert found.counts == {"missing": 1, "ghost": 0, "stale": 0}
    assert (found.count, found.on_their_way, found.differing) == (1, 2, {"B": "missing"})


async def test_many_differences_are_counted_and_the_first_listed(stage, broken, monkeypatch):
    monkeypatch.setattr(verify, "LISTED", 2)
    found = await verify.compare(stage.db, stage.engine, CARS, "cars")
    assert (found.count, len(found.differing)) == (3, 2)
