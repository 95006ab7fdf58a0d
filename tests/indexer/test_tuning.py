"""Settings that change in place, those that need a new index, and those changed by hand."""

import asyncio
import json
from dataclasses import replace

import pytest

from indexer import reindex, settings, watch
from jobs import rows
from stack.overview import overview

SYNONYMS = {"synonyms": {"van": ["bus"]}}
STOP_WORDS = {"stopWords": ["the"]}


@pytest.fixture
async def first(stage, monkeypatch):
    """The number of the live generation of two cars."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
    return (await stage.live()).id


@pytest.fixture
def file(monkeypatch):
    """Change what the file says: `file(stopWords=[…])`."""
    original = settings.wanted("cars")

    def change(**changed):
        monkeypatch.setattr(settings, "wanted", lambda index: original | changed)

    return change


async def _live(stage):
    return await stage.engine.call("GET", "/indexes/cars/settings")


async def _by_hand(stage, **changed):
    task = await stage.engine.call("PATCH", "/indexes/cars/settings", json=changed)
    await stage.engine.wait(task["taskUid"])


async def test_a_changed_file_is_applied_in_place_at_the_next_start(stage, first, file):
    file(**SYNONYMS)
    async with stage.indexing():
        digest = settings.digest(settings.wanted("cars"))
        known = "SELECT count(*) FROM generations WHERE state = 'live' AND settings_digest = $1"
        await stage.until(lambda: stage.db.fetchval(known, digest))
        assert (await _live(stage))["synonyms"] == SYNONYMS["synonyms"]
    assert (await stage.live()).id == first
    assert await stage.db.fetchval("SELECT count(*) FROM generations") == 1


async def test_a_request_reads_the_file_again_and_applies_it_in_place(stage, first, file):
    async with stage.indexing():
        await stage.settled()
        file(**SYNONYMS)
        job = await stage.ended(await rows.enqueue(stage.db, "settings", "cars"))
        assert (job["state"], job["result"]["reindex"]) == ("done", None)
        assert [each["name"] for each in job["result"]["changes"]] == ["synonyms"]
        assert (await _live(stage))["synonyms"] == SYNONYMS["synonyms"]
    assert (await stage.live()).id == first


async def test_a_request_that_needs_a_new_index_starts_one_that_has_all(stage, first, file):
    async with stage.indexing():
        await stage.settled()
        file(**SYNONYMS, **STOP_WORDS)
        job = await stage.ended(await rows.enqueue(stage.db, "settings", "cars"))
        assert (await stage.ended(job["result"]["reindex"]))["state"] == "done"
        assert (await stage.live()).id > first
        live = await _live(stage)
        assert (live["stopWords"], live["synonyms"]) == (["the"], SYNONYMS["synonyms"])
        uid = await stage.db.fetchval("SELECT index_uid FROM generations WHERE id = $1", first)
        before = await stage.engine.call("GET", f"/indexes/{uid}/settings")
        assert before["synonyms"] != SYNONYMS["synonyms"], "a rollback goes back in everything"


async def test_settings_that_may_have_met_another_index_are_not_noted(stage, first, file):
    """As when a swap gave the name away while the request was on its way."""
    file(**SYNONYMS)
    before = await stage.live()
    async with stage.leased() as lease:
        tuning = stage.writer(lease)._tuning
        changes = await tuning.changes(before)
        await tuning._apply(replace(before, engine_created_at="then"), changes)
        assert (await stage.live()).settings_digest == before.settings_digest
        await tuning._apply(before, changes)
        assert (await stage.live()).settings_digest != before.settings_digest


async def test_what_the_engine_refuses_in_place_is_told_and_sending_goes_on(stage, first, file):
    file(rankingRules=["nonsense"])
    async with stage.indexing():
        job = await stage.ended(await rows.enqueue(stage.db, "settings", "cars"))
        assert job["state"] == "failed"
        assert "nonsense" in job["error"]
        await stage.add("C")
        await stage.settled()
        assert set(await stage.indexed()) == {"A", "B", "C"}
    assert (await stage.live()).id == first


async def test_a_change_by_hand_is_shown_and_taken_back_by_apply(stage, first, showroom):
    assert await showroom("settings", "diff", "cars") == (
        0,
        "The live index of cars has the settings of the file.\n",
    )
    await _by_hand(stage, synonyms={"by": ["hand"]}, searchCutoffMs=50)
    status, said = await showroom("settings", "diff", "cars", "--json")
    told = {each["name"]: (each["live"], each["in_place"]) for each in json.loads(said)}
    assert (status, told["searchCutoffMs"]) == (1, (50, True))
    assert told["synonyms"] == ({"by": ["hand"]}, True)
    async with stage.indexing():
        status, said = await showroom("settings", "apply", "cars", "--wait")
        assert status == 0
        assert "All of this can be applied in place." in said
    assert (await showroom("settings", "diff", "cars"))[0] == 0


async def test_apply_says_that_a_new_index_is_needed_and_waits_for_it(stage, first, file, showroom):
    file(**STOP_WORDS)
    status, said = await showroom("settings", "diff", "cars")
    assert status == 1
    assert "This needs a new index: stopWords cannot change in place." in said
    async with stage.indexing():
        await stage.settled()
        status, said = await showroom("settings", "apply", "cars", "--wait")
        assert status == 0, said
    assert (await stage.live()).id > first
    assert (await _live(stage))["stopWords"] == ["the"]


async def test_without_an_index_there_is_nothing_to_compare(stage, showroom):
    status, said = await showroom("settings", "diff", "cars")
    assert status == 1
    assert "There is no live index of cars yet" in said


async def test_status_shows_what_was_changed_by_hand_and_the_last_comparison(stage, first):
    await _by_hand(stage, searchCutoffMs=50)
    async with stage.indexing():
        await stage.ended(await rows.enqueue(stage.db, "verify", "cars"))
    [cars] = (await overview(stage.settings)).stock
    assert cars.health.settings == ["searchCutoffMs"]
    assert (cars.health.dead_letters, cars.health.verified.differing) == (0, 0)
    assert cars.health.verified.documents == 2


@pytest.mark.parametrize(("changed", "made"), [(SYNONYMS, 1), (STOP_WORDS, 2)])
async def test_apply_just_before_the_gate_of_a_reindex_does_not_fail_it(
    stage, first, file, changed, made, monkeypatch
):
    """Nobody looked after the settings of the new index since the file was read again."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 60)
    gate, reached, may_go = reindex.Reindex._gate, asyncio.Event(), asyncio.Event()

    async def waits(*args):
        reached.set()
        await may_go.wait()
        return await gate(*args)

    async with stage.indexing():
        await stage.settled()
        monkeypatch.setattr(reindex.Reindex, "_gate", waits)
        job = await rows.enqueue(stage.db, "reindex", "cars")
        await asyncio.wait_for(reached.wait(), 20)
        file(**changed)
        applied = await stage.ended(await rows.enqueue(stage.db, "settings", "cars"))
        assert applied["state"] == "done"
        may_go.set()
        ended = await stage.ended(job)
        assert (ended["state"], ended["attempts"]) == ("done", 1)
        assert (await stage.live()).id > first
        others = "SELECT count(*) FROM generations WHERE id > $1"
        assert await stage.db.fetchval(others, first) == made, "only what needs it is made anew"
        [(name, value)] = changed.items()
        assert (await _live(stage))[name] == value
