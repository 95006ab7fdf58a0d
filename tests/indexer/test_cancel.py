"""A reindex can be canceled until it is swapped in; the live index notices nothing."""

import asyncio

import pytest

from indexer import requests, settings
from jobs import rows


async def _step_until(writer, reached, seconds=20):
    end = asyncio.get_running_loop().time() + seconds
    while not await reached():
        assert asyncio.get_running_loop().time() < end
        await writer.step()
        await asyncio.sleep(0.01)


async def _job(stage, job):
    return await stage.db.fetchrow("SELECT state, error, result FROM jobs WHERE id = $1", job)


@pytest.fixture
async def first(stage, monkeypatch):
    """The live generation before anything else is asked for; requests are seen at once."""
    monkeypatch.setattr(requests, "LOOK_SECONDS", 0)
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
    return await stage.live()


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("state", ["loading", "draining"])
async def test_what_is_coming_ends_in_each_state_before_the_swap(stage, first, state, made):
    reindex = await rows.enqueue(stage.db, "reindex", "cars")

    async def reached():
        return await stage.db.fetchval(
            "SELECT count(*) FROM generations WHERE state = $1"
            " AND (engine_created_at IS NOT NULL) >= $2",
            state,
            made,
        )

    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await _step_until(writer, reached)
        cancel = await rows.enqueue(stage.db, "cancel", "cars")

        async def answered():
            return (await _job(stage, cancel))["state"] == "done"

        await _step_until(writer, answered)
        coming = await stage.db.fetchrow("SELECT * FROM generations ORDER BY id DESC LIMIT 1")
        assert (coming["state"], coming["index_uid"]) == ("canceled", None)
        assert (await _job(stage, cancel))["result"] == {"generation": coming["id"]}
        assert tuple(await _job(stage, reindex))[:2] == ("failed", "Canceled by request.")
        assert await stage.db.fetchval("SELECT count(*) FROM batches") == 0
    async with stage.indexing():
        await stage.add("C")
        await stage.settled()
        assert (await stage.live()).id == first.id
        assert set(await stage.indexed()) == {"A", "B", "C"}


async def test_a_cancellation_is_done_while_the_search_server_is_away(stage, first):
    nowhere = "http://127.0.0.1:9"
    async with stage.indexing(meili_url=nowhere):
        await rows.enqueue(stage.db, "reindex", "cars")
        coming = "SELECT count(*) FROM generations WHERE live_at IS NULL"
        await stage.until(lambda: stage.db.fetchval(coming))
        cancel = await rows.enqueue(stage.db, "cancel", "cars")
        assert (await stage.ended(cancel))["state"] == "done"
    assert (await stage.live()).id == first.id


async def test_what_is_being_swapped_in_is_not_canceled(stage, first):
    await stage.db.execute(
        "INSERT INTO generations (vertical, state, engine_created_at, view_digest, settings_digest)"
        " VALUES ('cars', 'swapping', 'then', '', '')"
    )
    cancel = await rows.enqueue(stage.db, "cancel", "cars")
    async with stage.leased() as lease:
        await stage.writer(lease).step()
    state, error, _ = await _job(stage, cancel)
    assert state == "failed"
    assert "is being swapped in and cannot be canceled any more" in error
    states = await stage.db.fetch("SELECT state FROM generations ORDER BY id")
    assert [row["state"] for row in states] == ["live", "swapping"]


async def test_with_nothing_under_way_a_cancellation_is_told_no(stage):
    cancel = await rows.enqueue(stage.db, "cancel", "cars")
    async with stage.leased() as lease:
        await stage.writer(lease).step()
    assert tuple(await _job(stage, cancel))[:2] == ("failed", "No reindex of cars is under way.")


async def test_a_reindex_that_waits_for_its_next_attempt_is_canceled_too(stage, first):
    reindex = await rows.enqueue(stage.db, "reindex", "cars")
    await stage.db.execute("UPDATE jobs SET attempts = 1, run_at = now() + interval '1 h'")
    cancel = await rows.enqueue(stage.db, "cancel", "cars")
    async with stage.leased() as lease:
        await stage.writer(lease).step()
    assert (await _job(stage, cancel))["state"] == "done"
    assert (await _job(stage, reindex))["state"] == "failed"


async def test_what_was_canceled_is_not_made_again_unasked(stage, first, monkeypatch):
    wanted = settings.wanted("cars") | {"stopWords": ["the"]}
    monkeypatch.setattr(settings, "wanted", lambda index: wanted)
    await stage.db.execute(
        "INSERT INTO generations (vertical, state, view_digest, settings_digest, rejected)"
        " SELECT 'cars', 'canceled', view_digest, $1, true FROM generations",
        settings.digest(wanted),
    )
    async with stage.indexing():
        await stage.add("C")
        await stage.settled()
        assert await stage.db.fetchval("SELECT count(*) FROM jobs WHERE state = 'queued'") == 0
        assert (await stage.live()).id == first.id
        await rows.enqueue(stage.db, "reindex", "cars")  # a person may still ask for it
        await stage.settled()
        assert (await stage.live()).id > first.id
