"""What a claim takes, and what it makes of it."""

import pytest

from catalog.cars import CARS
from indexer import generations
from indexer.claim import BULK_DOCUMENTS, MANY_DOCUMENTS, Claimed, claim, next_fan_out
from jobs.sync_reports import behind


@pytest.fixture
async def lease(stage):
    """A lease, and one generation that is followed."""
    async with stage.leased() as lease:
        async with lease.transaction() as db:
            await generations.begin(db, CARS, "view", "settings", None)
        await stage.db.execute("UPDATE generations SET engine_created_at = 'then'")
        yield lease


async def _pending(stage):
    rows = await stage.db.fetch("SELECT document, touched, bulk FROM pending ORDER BY document")
    return [tuple(row) for row in rows]


async def test_changes_of_one_document_become_one_row_that_counts_claims(stage, lease):
    await stage.add("A", "B")
    await stage.db.execute("UPDATE listings SET price = 1 WHERE key = 'A'")
    assert (await claim(lease, CARS)).changes == 3
    assert await _pending(stage) == [("A", 1, False), ("B", 1, False)]
    await stage.db.execute("UPDATE listings SET price = 2 WHERE key = 'A'")
    await claim(lease, CARS)
    assert await _pending(stage) == [("A", 2, False), ("B", 1, False)]
    assert await stage.db.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_row_that_is_not_visible_yet_is_left_for_later(stage, lease):
    async with stage.db.acquire() as slow, slow.transaction():
        await slow.execute("INSERT INTO outbox (seq, kind, key) VALUES (-5, 'listing', 'slow')")
        await stage.add("fast")
        await claim(lease, CARS)
        assert await _pending(stage) == [("fast", 1, False)]
    await claim(lease, CARS)
    assert await _pending(stage) == [("fast", 1, False), ("slow", 1, False)]


async def test_a_dealers_many_cars_are_marked_so_that_others_go_first(stage, lease):
    keys = [f"K{n:04}" for n in range(BULK_DOCUMENTS + 1)]
    await stage.add(*keys)
    await stage.db.execute("DELETE FROM outbox")
    await stage.db.execute("UPDATE dealers SET name = 'Big' WHERE id = 1")
    assert (await claim(lease, CARS)).pending == len(keys)
    assert {bulk for _, _, bulk in await _pending(stage)} == {True}
    await stage.db.execute("UPDATE listings SET price = 1 WHERE key = 'K0000'")
    await claim(lease, CARS)
    assert (await _pending(stage))[:2] == [("K0000", 2, False), ("K0001", 1, True)]


async def test_every_followed_generation_gets_the_change(stage, lease):
    async with lease.transaction() as db:
        await generations.change(db, (await _only(stage)).id, state="live")
        await generations.begin(db, CARS, "view", "settings", None)
    await stage.add("A")
    assert (await claim(lease, CARS)).pending == 2


async def _only(stage):
    return (await generations.followed(stage.db, "cars"))[0]


async def test_no_other_generation_gets_it(stage, lease):
    for change in ("vertical = 'boats'", "state = 'dropped' WHERE vertical = 'cars'"):
        await stage.db.execute(f"UPDATE generations SET {change}")
        async with lease.transaction() as db:
            await generations.begin(db, CARS, "view", "settings", None)
    await stage.add("A")
    assert await claim(lease, CARS) == Claimed(changes=1, pending=1)
    followed = await stage.db.fetchval("SELECT generation_id FROM pending")
    assert followed == (await _only(stage)).id


async def test_what_an_index_refused_is_tried_alone_there_and_nowhere_else(stage, lease):
    async with lease.transaction() as db:
        await generations.change(db, (await _only(stage)).id, state="live")
        await generations.begin(db, CARS, "view", "settings", None)
    refusing, other = await generations.followed(stage.db, "cars")
    await stage.db.execute(
        "INSERT INTO dead_letters (generation_id, document, error) VALUES ($1, 'A', 'refused')",
        refusing.id,
    )
    await stage.add("A", "B")
    await claim(lease, CARS)
    rows = await stage.db.fetch(
        "SELECT generation_id, document, suspect FROM pending ORDER BY generation_id, document"
    )
    assert [tuple(row) for row in rows] == [
        (refusing.id, "A", 1),
        (refusing.id, "B", None),
        (other.id, "A", None),
        (other.id, "B", None),
    ]


async def test_lag_is_the_age_of_the_oldest_change_claimed_or_not(stage, lease):
    await stage.add("A")
    await stage.db.execute("UPDATE outbox SET at = now() - interval '60 s'")
    await stage.db.execute("UPDATE listings SET price = 1")
    (unclaimed,) = await behind(stage.db)
    assert (unclaimed["unclaimed"], unclaimed["pending"]) == (2, 0)
    assert 60 <= unclaimed["lag_seconds"] < 70
    await claim(lease, CARS)
    (pending,) = await behind(stage.db)
    assert (pending["unclaimed"], pending["pending"]) == (0, 1)
    assert 60 <= pending["lag_seconds"] < 70


async def test_a_change_of_all_dealers_is_claimed_in_pieces_and_holds_no_car_back(stage, lease):
    await stage.db.execute(
        "INSERT INTO dealers (id, source, external_id, name)"
        " SELECT n, 'lot', 'e' || n, 'Many' FROM generate_series(11, 15) n"
    )
    for dealer in range(11, 16):
        await stage.add(f"of-{dealer}", dealer=dealer)
    await stage.db.execute("DELETE FROM outbox")
    await stage.db.execute("UPDATE dealers SET name = 'All' WHERE id > 10")
    await stage.add("A")
    assert await claim(lease, CARS, fan_out=2) == Claimed(changes=3, pending=3)
    assert await _pending(stage) == [(key, 1, False) for key in ("A", "of-11", "of-12")]
    assert await claim(lease, CARS, fan_out=2) == Claimed(changes=2, pending=2)
    assert await claim(lease, CARS, fan_out=2) == Claimed(changes=1, pending=1)
    assert await stage.db.fetchval("SELECT count(*) FROM outbox") == 0


def test_the_next_claim_takes_fewer_dealers_after_one_of_very_many_cars():
    few, many = Claimed(10, 10), Claimed(10, MANY_DOCUMENTS + 1)
    assert [next_fan_out(10, few), next_fan_out(80, few)] == [20, 100]
    assert [next_fan_out(10, many), next_fan_out(1, many)] == [5, 1]
