"""Very many changes at once: what is sent, and what waits for what."""

import asyncio
import time

import pytest

from indexer import sender
from indexer.sender import SMALL_BATCH_DOCUMENTS


async def _tasks_since(stage, uid):
    """The document tasks after this one, oldest first."""
    answer = await stage.engine.call(
        "GET", "/tasks", params={"types": "documentAdditionOrUpdate", "limit": 1000}
    )
    return [task for task in reversed(answer["results"]) if task["uid"] > uid]


async def _newest_task(stage):
    answer = await stage.engine.call("GET", "/tasks", params={"limit": 1})
    return answer["results"][0]["uid"]


async def _document(stage, key):
    return await stage.engine.call("GET", f"/indexes/cars/documents/{key}")


async def test_a_listing_that_is_changed_a_thousand_times_is_sent_a_few_times(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        before, began = await _newest_task(stage), time.monotonic()
        for price in range(1_000):
            await stage.db.execute("UPDATE listings SET price = $1", price)
        await stage.settled()
        seconds = time.monotonic() - began
        sent = await _tasks_since(stage, before)
        assert 1 <= len(sent) <= seconds / sender.LINGER_SECONDS + 1
        assert (await stage.indexed())["A"]["price"] == 999


async def test_who_renames_a_dealer_of_many_cars_pays_one_row(stage):
    await stage.db.execute(
        "INSERT INTO listings (key, active, dealer_id)"
        " SELECT 'K' || n, true, 1 FROM generate_series(1, 20000) n; DELETE FROM outbox"
    )
    await stage.db.execute("UPDATE dealers SET name = 'Big' WHERE id = 1")
    rows = await stage.db.fetch("SELECT kind, key FROM outbox")
    assert [tuple(row) for row in rows] == [("dealer", "1")]


@pytest.mark.prove
@pytest.mark.timeout(300)
async def test_a_change_has_at_most_one_batch_of_a_dealers_20_000_cars_before_it(stage):
    await stage.db.execute(
        "INSERT INTO listings (key, active, dealer_id)"
        " SELECT 'K' || n, true, 1 FROM generate_series(1, 20000) n; DELETE FROM outbox"
    )
    await stage.add("other", dealer=2)
    async with stage.indexing():
        await stage.settled(120)
        before = await _newest_task(stage)
        await stage.db.execute("UPDATE dealers SET name = 'Big' WHERE id = 1")
        async with asyncio.timeout(60):
            while not await _tasks_since(stage, before):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        seen = await _newest_task(stage)
        await stage.db.execute("UPDATE listings SET price = 7 WHERE key = 'other'")
        async with asyncio.timeout(60):
            while (await _document(stage, "other"))["price"] != 7:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        later = [task["details"]["receivedDocuments"] for task in await _tasks_since(stage, seen)]
        waiting = await stage.db.fetchval("SELECT count(*) FROM pending WHERE bulk")
        assert waiting > 10_000, "it did not wait for the dealer's cars"
        assert max(later) <= SMALL_BATCH_DOCUMENTS + 1
        await stage.settled(120)
        assert await stage.differing() == {}
