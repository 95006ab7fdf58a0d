"""A refused reindex is not made again before the table has changed, and then it is."""

from types import SimpleNamespace

import pytest

from catalog.cars import CARS
from engine.client import EngineAway
from indexer import emptied, generations, refusals, watch
from indexer.refusals import PAUSES, Refusals
from jobs import rows, unmade
from tests.indexer.test_emptied import KEYS, OTHERS, _unseen

REFUSED = (
    "INSERT INTO generations (vertical, state, view_digest, settings_digest, refused, finished_at)"
    " VALUES ('cars', 'failed', '', '', true, now()) RETURNING id"
)
FAILED = "SELECT count(*) FROM generations WHERE state = 'failed'"
BACK = (
    "DELETE FROM listings; INSERT INTO listings (key, active, dealer_id, price, make)"
    " SELECT 'K' || n, true, 1, 5, 'Kia' FROM generate_series(0, 24) n"
)
ANOTHER_VIEW = "UPDATE generations SET view_digest = 'another' WHERE state = 'live'"


async def _refused(stage):
    """The number of the newest one, if it stands refused."""
    last = (await unmade.unmade(stage.db)).get("cars")
    return last.generation if last and last.refused else None


@pytest.fixture
async def looks(stage, monkeypatch):
    """The live generation of 30 cars; each look of the watch is in the list that it returns."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0)
    monkeypatch.setattr(unmade, "PAUSE_SECONDS", (0, 0))
    monkeypatch.setattr(refusals, "PAUSES", 0)
    await stage.add(*KEYS)
    async with stage.indexing():
        await stage.settled()
    looked = []
    refusal = emptied.refusal_by_ids

    async def counted(*args):
        looked.append(await refusal(*args))
        return looked[-1]

    monkeypatch.setattr(emptied, "refusal_by_ids", counted)
    return looked


async def test_one_that_the_ids_refused_is_loaded_once_and_again_when_the_rows_are_back(
    stage, looks
):
    first = await stage.live()
    await _unseen(stage, OTHERS)
    await stage.db.execute(ANOTHER_VIEW)

    async def looked_often():
        return len(looks) > 5

    for _ in range(2):  # the second indexer knows it from the row
        looks.clear()
        async with stage.indexing():
            await stage.until(looked_often)
            assert all("30 of the 30" in said for said in looks)
            assert await stage.db.fetchval(FAILED) == 1
            assert await stage.db.fetchval("SELECT count(*) FROM generations") == 2
    await _unseen(stage, BACK)

    async def is_made_anew():
        live = await stage.live()
        return live.id > first.id

    async with stage.indexing():
        await stage.until(is_made_anew)
    assert await stage.db.fetchval(FAILED) == 1
    assert set(await stage.indexed()) == set(KEYS[:25])


@pytest.mark.parametrize("emptied_by", [OTHERS, "DELETE FROM listings"], ids=["ids", "counts"])
async def test_what_a_person_asked_for_is_refused_until_the_rows_are_back(stage, looks, emptied_by):
    """Nothing else asks for an index: the row says what is so all the same."""
    await _unseen(stage, emptied_by)
    async with stage.indexing():
        job = await stage.ended(await rows.enqueue(stage.db, "reindex", "cars"))
        refused = await _refused(stage)
        assert (job["attempts"], refused is None) == (1, False)
        await _unseen(stage, BACK)

        async def is_over():
            return await _refused(stage) is None

        await stage.until(is_over)
    assert await stage.db.fetchval(FAILED) == 1
    (row,) = [each for each in await generations.listed(stage.db, "cars", 10) if each["error"]]
    assert (row["number"], row["refused"]) == (refused, False)


@pytest.fixture
async def slow(stage, monkeypatch):
    """A refused generation, and looks that take 30 s by a clock that the test winds."""
    clock = SimpleNamespace(now=0.0, looks=0, raises=None, live=1)

    async def takes_long(*_):
        clock.now += 30
        clock.looks += 1
        if clock.raises is not None:
            raise clock.raises
        return "It looks emptied."

    monkeypatch.setattr(emptied, "refusal_by_ids", takes_long)
    monkeypatch.setattr(refusals, "time", SimpleNamespace(monotonic=lambda: clock.now))
    await stage.db.execute(REFUSED)
    async with stage.leased() as lease:
        clock.refusals = Refusals(lease, stage.engine, CARS)
        yield clock
        await clock.refusals.stop()


async def _ended(stage, slow, look):
    """Hold until that look was made and its result read."""

    async def is_read():
        assert await slow.refusals.hold(await _refused(stage), slow.live)
        return slow.looks == look and not slow.refusals._work.busy

    await stage.until(is_read)


@pytest.mark.parametrize("error", [None, TimeoutError()])
async def test_looks_take_a_twentieth_of_the_time(stage, slow, error):
    slow.raises = error
    await _ended(stage, slow, 1)
    slow.now += 30 * PAUSES - 1
    await _ended(stage, slow, 1)
    slow.now += 1
    await _ended(stage, slow, 2)
    assert slow.now == 30 + 30 * PAUSES + 30


async def test_a_search_server_that_is_away_ends_nothing(stage, slow):
    slow.raises = EngineAway("It is away.")
    with pytest.raises(EngineAway):
        await _ended(stage, slow, 1)
    assert await _refused(stage) is not None


@pytest.mark.parametrize("changed", ["refused", "live"])
async def test_what_is_another_one_is_looked_at_at_once(stage, slow, changed):
    await _ended(stage, slow, 1)
    if changed == "refused":
        await stage.db.execute(REFUSED)
    else:
        slow.live = None
    await _ended(stage, slow, 2)
    assert slow.now == 60


async def test_a_live_index_that_is_lost_meanwhile_is_made_anew(stage, looks, monkeypatch):
    """After the gate the watch has looked once, and the next look is far away."""
    first = await stage.live()
    await _unseen(stage, OTHERS)
    await stage.db.execute(ANOTHER_VIEW)

    async def is_refused():
        return len(looks) > 1 and await _refused(stage)

    async def is_made_anew():
        live = await stage.live()
        return live is not None and live.id > first.id

    async with stage.indexing():
        looks.clear()
        monkeypatch.setattr(refusals, "PAUSES", 1_000_000)
        await stage.until(is_refused)
        task = await stage.engine.call("DELETE", "/indexes/cars")
        await stage.engine.wait(task["taskUid"])
        await stage.until(is_made_anew)
    assert len(await stage.indexed()) == 20
