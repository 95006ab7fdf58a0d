"""What the indexer asks for by itself."""

import pytest

from indexer import reindex, watch
from jobs import rows, unmade

ENDED = """
    INSERT INTO generations (vertical, state, view_digest, settings_digest, finished_at)
    SELECT vertical, $1, view_digest, settings_digest, now() FROM generations WHERE state = 'live'
"""


@pytest.mark.parametrize("state", ["canceled", "failed"])
async def test_a_lost_index_is_made_again_soon_after_a_reindex_that_failed(
    stage, monkeypatch, state
):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(unmade, "WITHOUT_SECONDS", (0.5, 0.5))
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        await stage.db.execute(ENDED, state)
        task = await stage.engine.call("DELETE", "/indexes/cars")
        await stage.engine.wait(task["taskUid"])

        async def is_made_anew():
            now = await stage.live()
            return now is not None and now.id > first.id

        await stage.until(is_made_anew, 60)
        await stage.settled()
        assert set(await stage.indexed()) == {"A"}


@pytest.fixture
async def failing(stage, monkeypatch):
    """A live index of another view, and a gate that lets nothing pass; each look is counted."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0)
    monkeypatch.setattr(reindex, "GATE_ROUNDS", 1)
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
    await stage.db.execute("UPDATE generations SET view_digest = 'another'")
    monkeypatch.setattr(reindex.settings, "differences", lambda *_: ["stopWords"])
    looks, want = [], watch.Watch._want_one

    async def counted(*args):
        await want(*args)
        looks.append(1)

    monkeypatch.setattr(watch.Watch, "_want_one", counted)
    return looks


async def _failed(stage, looks, count):
    """Wait until so many have failed, and the watch has looked often since."""

    async def is_so():
        failed = "SELECT count(*) FROM generations WHERE state = 'failed'"
        asked = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
        return await stage.db.fetchval(failed) == count and not await stage.db.fetchval(asked)

    async def was_looked_at():
        return len(looks) > 10

    await stage.until(is_so, 60)
    looks.clear()
    await stage.until(was_looked_at, 60)
    assert await stage.db.fetchval("SELECT count(*) FROM generations") == 1 + count


async def _ended(stage, ago):
    """Let the last one have ended so many seconds ago."""
    await stage.db.execute(
        "UPDATE generations SET finished_at = now() - $1 * interval '1 s'"
        " WHERE id = (SELECT max(id) FROM generations)",
        ago,
    )


async def test_what_fails_for_a_lasting_reason_is_tried_again_after_pauses_that_grow(
    stage, failing
):
    async with stage.indexing():
        await _failed(stage, failing, 1)
    async with stage.indexing():  # the next indexer knows it from the rows
        await _failed(stage, failing, 1)
        await _ended(stage, 301)
        await _failed(stage, failing, 2)
        await _ended(stage, 301)
        await _failed(stage, failing, 2)
        await _ended(stage, 601)
        await _failed(stage, failing, 3)


async def test_a_person_does_not_wait_for_the_pause(stage, failing):
    async with stage.indexing():
        await _failed(stage, failing, 1)
        job = await rows.enqueue(stage.db, "reindex", "cars", priority=rows.ASKED)
        begun = "SELECT count(*) FROM generations WHERE job_id = $1"
        await stage.until(lambda: stage.db.fetchval(begun, job), 60)


async def test_another_view_does_not_wait_for_the_pause(stage, failing):
    async with stage.indexing():
        await _failed(stage, failing, 1)
        await stage.db.execute(
            "UPDATE generations SET view_digest = 'of then' WHERE state = 'failed'"
        )
        await _failed(stage, failing, 2)
