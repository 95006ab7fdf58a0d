"""Which documents go next, and with how many others."""

import pytest

from catalog.cars import CARS
from indexer import batches, generations, indexes, sender, settings
from indexer.claim import claim
from indexer.sender import SMALL_BATCH_DOCUMENTS, Sender


@pytest.fixture
async def sending(stage):
    """A sender with one empty live index."""
    created, _ = await indexes.create(stage.engine, "cars", settings.wanted("cars"))
    async with stage.leased() as lease:
        async with lease.transaction() as db:
            first = await generations.begin(db, CARS, "view", "settings", None)
            await generations.change(
                db, first.id, state="live", index_uid="cars", engine_created_at=created
            )
        yield lease, Sender(lease, stage.engine, stage.engine, CARS)


async def _claim_and_send(stage, lease, sender_):
    await claim(lease, CARS)
    followed = await generations.followed(stage.db, "cars")
    open_batches = await sender_.settle(followed)
    return await sender_.send(followed, open_batches)


async def _open(stage):
    followed = await generations.followed(stage.db, "cars")
    return [batch.count for batch in await batches.in_flight(stage.db, followed)]


async def test_a_document_on_its_way_waits_for_its_batch(stage, sending, monkeypatch):
    monkeypatch.setattr(sender, "LINGER_SECONDS", 0)
    lease, sender_ = sending
    await stage.add("A")
    assert await _claim_and_send(stage, lease, sender_) == 1
    ended = sender.tasks.ended
    monkeypatch.setattr(sender.tasks, "ended", lambda _: False)
    await stage.db.execute("UPDATE listings SET price = 7")
    assert await _claim_and_send(stage, lease, sender_) == 0
    monkeypatch.setattr(sender.tasks, "ended", ended)
    await stage.engine.wait(await stage.db.fetchval("SELECT task_uid FROM batches"))
    assert await _claim_and_send(stage, lease, sender_) == 1
    await stage.engine.wait(await stage.db.fetchval("SELECT task_uid FROM batches"))
    assert (await stage.indexed())["A"]["price"] == 7


async def test_what_was_touched_on_its_way_is_still_pending_when_the_task_succeeded(stage, sending):
    lease, sender_ = sending
    await stage.add("A", "B")
    await _claim_and_send(stage, lease, sender_)
    await stage.db.execute("UPDATE listings SET price = 7 WHERE key = 'A'")
    await claim(lease, CARS)
    await stage.engine.wait(await stage.db.fetchval("SELECT task_uid FROM batches"))
    await sender_.settle(await generations.followed(stage.db, "cars"))
    assert [row["document"] for row in await stage.db.fetch("SELECT document FROM pending")] == [
        "A"
    ]
    assert await _open(stage) == []


async def test_a_change_has_one_small_batch_of_a_dealers_many_cars_before_it(
    stage, sending, monkeypatch
):
    monkeypatch.setattr(sender, "BATCH_DOCUMENTS", SMALL_BATCH_DOCUMENTS)
    monkeypatch.setattr(sender, "LINGER_SECONDS", 0)
    lease, sender_ = sending
    await stage.add(*(f"K{n:04}" for n in range(SMALL_BATCH_DOCUMENTS * 3)))
    await stage.add("other", dealer=2)
    await stage.db.execute("DELETE FROM outbox")
    await stage.db.execute("UPDATE dealers SET name = 'Big' WHERE id = 1")
    assert await _claim_and_send(stage, lease, sender_) == SMALL_BATCH_DOCUMENTS
    await stage.db.execute("UPDATE listings SET price = 1 WHERE key = 'other'")
    await claim(lease, CARS)
    followed = await generations.followed(stage.db, "cars")
    assert await sender_.send(followed, await batches.in_flight(stage.db, followed)) == 1
    assert await _open(stage) == [SMALL_BATCH_DOCUMENTS, 1]
    assert await sender_.send(followed, await batches.in_flight(stage.db, followed)) == 0


async def test_a_dealers_many_cars_come_on_though_others_never_stop(stage, sending, monkeypatch):
    monkeypatch.setattr(sender, "LINGER_SECONDS", 0)
    monkeypatch.setattr(sender, "SMALL_BATCH_DOCUMENTS", 10)
    lease, sender_ = sending
    await stage.add(*(f"K{n}" for n in range(30)))
    await stage.add("other", dealer=2)
    await stage.db.execute("DELETE FROM outbox")
    await stage.db.execute("UPDATE dealers SET name = 'Big' WHERE id = 1")
    await claim(lease, CARS)
    await stage.db.execute("UPDATE pending SET bulk = true")
    sizes = []
    for price in range(3):
        await stage.db.execute("UPDATE listings SET price = $1 WHERE key = 'other'", price)
        await _claim_and_send(stage, lease, sender_)
        sizes += await _open(stage)
        for uid in await stage.db.fetch("SELECT task_uid FROM batches"):
            await stage.engine.wait(uid["task_uid"])
    assert sizes == [11, 11, 11]


async def test_a_batch_that_is_not_full_waits_a_moment_after_the_one_before(
    stage, sending, monkeypatch
):
    monkeypatch.setattr(sender, "LINGER_SECONDS", 60)
    monkeypatch.setattr(sender, "BATCH_DOCUMENTS", 5)
    lease, sender_ = sending
    await stage.add("A")
    assert await _claim_and_send(stage, lease, sender_) == 1
    await stage.add(*(f"K{n}" for n in range(4)))
    assert await _claim_and_send(stage, lease, sender_) == 0
    assert sender_.lingers
    await stage.add("K4")
    assert await _claim_and_send(stage, lease, sender_) == 5


async def test_no_more_is_posted_than_so_many_bytes(stage, sending, monkeypatch):
    monkeypatch.setattr(sender, "LINGER_SECONDS", 0)
    monkeypatch.setattr(sender.tasks, "ended", lambda _: False)
    monkeypatch.setattr(sender, "FLIGHT_BYTES", 1)
    lease, sender_ = sending
    await stage.add("A")
    assert await _claim_and_send(stage, lease, sender_) == 1
    await stage.add("B")
    assert await _claim_and_send(stage, lease, sender_) == 0


async def test_a_task_of_the_same_number_but_another_name_is_not_ours(stage, sending):
    lease, sender_ = sending
    await stage.add("A")
    await _claim_and_send(stage, lease, sender_)
    await stage.engine.wait(await stage.db.fetchval("SELECT task_uid FROM batches"))
    await stage.db.execute("UPDATE generations SET engine_created_at = 'of another life'")
    await sender_.settle(await generations.followed(stage.db, "cars"))
    assert await stage.db.fetchval("SELECT count(*) FROM pending WHERE batch_id IS NULL") == 1


async def test_nothing_is_sent_while_names_are_exchanged(stage, sending):
    lease, sender_ = sending
    await stage.db.execute("UPDATE generations SET state = 'swapping'")
    await stage.add("A")
    assert await _claim_and_send(stage, lease, sender_) == 0


async def test_too_many_dead_letters_stop_the_sender(stage, sending, monkeypatch):
    lease, sender_ = sending
    monkeypatch.setattr(sender.failures, "DEAD_LETTERS_ALLOWED", 1)
    await stage.add("A")
    await claim(lease, CARS)
    await stage.db.execute("UPDATE pending SET suspect = 1")
    await stage.db.execute(
        "INSERT INTO dead_letters (generation_id, document, error)"
        " SELECT id, 'bad', 'refused' FROM generations"
    )
    with pytest.raises(sender.failures.TooManyDeadLetters, match="refuses 1 documents"):
        await sender_.send(await generations.followed(stage.db, "cars"), [])
