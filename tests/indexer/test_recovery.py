"""Answers that are lost, requests that arrive late: nothing is lost, nothing stays old."""

import asyncio
from typing import Any

from jobs import rows
from tests.indexer.proxy import proxy

POST = "POST /indexes/cars/documents?"


async def _document_tasks(stage: Any) -> list[dict[str, Any]]:
    answer = await stage.engine.call(
        "GET", "/tasks", params={"types": "documentAdditionOrUpdate", "limit": 1000}
    )
    return answer["results"]


async def _names(stage: Any) -> list[str]:
    """The names of the batches; tasks of other tests may have none."""
    tasks = await _document_tasks(stage)
    return [task["customMetadata"] for task in tasks if "customMetadata" in task]


async def _is_after(stage: Any, first: Any) -> bool:
    live = await stage.live()
    return live is not None and live.id > first.id


async def _arrives(stage: Any, between: Any) -> None:
    """What was held arrives and is done; then somebody looks for it, and mends what it did."""

    async def is_known() -> bool:
        return not await stage.db.fetchval("SELECT count(*) FROM batches")

    released = await between.release()
    assert released
    for uid in released:
        await stage.engine.wait(uid)
    await stage.until(is_known)
    await stage.settled()


async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(stage):
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        await stage.settled()
        before = set(await _names(stage))
        between.once("lose", POST)
        await stage.add("A", "B")
        await stage.settled()
        assert between.met.is_set()
        assert set(await stage.indexed()) == {"A", "B"}
        assert len(set(await _names(stage)) - before) == 1
        assert await stage.db.fetchval("SELECT count(*) FROM batches") == 0


async def test_a_request_that_never_arrived_is_sent_again(stage):
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        await stage.settled()
        between.once("cut", POST)
        await stage.add("A")
        await stage.settled()
        assert between.met.is_set()
        assert set(await stage.indexed()) == {"A"}


async def test_a_request_that_arrives_late_may_land_in_the_next_generation(stage):
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        await stage.settled()
        first = await stage.live()
        between.once("hold", POST)
        await stage.add("A", price=1)
        await asyncio.wait_for(between.met.wait(), 5)
        await stage.db.execute("UPDATE listings SET price = 2")
        await rows.enqueue(stage.db, "reindex", "cars")
        await stage.until(lambda: _is_after(stage, first))
        await stage.settled()
        await _arrives(stage, between)
        assert (await stage.live()).id > first.id
        assert (await stage.indexed())["A"]["price"] == 2


async def test_a_request_that_arrives_late_does_not_bring_old_values_back(stage):
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        await stage.settled()
        between.once("hold", POST)
        await stage.add("A", price=1)
        await asyncio.wait_for(between.met.wait(), 5)
        await stage.db.execute("UPDATE listings SET price = 2")
        await stage.settled()
        assert (await stage.indexed())["A"]["price"] == 2
        await _arrives(stage, between)
        assert (await stage.indexed())["A"]["price"] == 2


async def test_a_request_that_arrives_after_its_generation_was_dropped_does_no_harm(stage):
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        await stage.settled()
        between.once("hold", POST)
        await stage.add("A", price=1)
        await asyncio.wait_for(between.met.wait(), 5)
        await stage.db.execute("UPDATE listings SET price = 2")
        for _ in range(2):
            job = await rows.enqueue(stage.db, "reindex", "cars")
            await stage.settled()
            assert await stage.db.fetchval("SELECT state FROM jobs WHERE id = $1", job) == "done"
        assert await stage.db.fetchval("SELECT count(*) FROM generations WHERE state = 'dropped'")
        await _arrives(stage, between)
        assert (await stage.indexed())["A"]["price"] == 2
