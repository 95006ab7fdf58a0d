"""A new generation: what it misses, what it waits for, when it is swapped in."""

import asyncio
import random

import pytest

from indexer import generations, reindex, settings, swap, watch
from indexer.lease import LeaseLost
from jobs import rows
from tests.indexer.proxy import proxy


async def _swaps(stage):
    answer = await stage.engine.call("GET", "/tasks", params={"types": "indexSwap", "limit": 1000})
    return len(answer["results"])


async def _change(stage, seconds):
    """Insert, update, delete, move and rename, about 200 times a second."""
    chance, end = random.Random(7), asyncio.get_running_loop().time() + seconds
    number = 0
    while asyncio.get_running_loop().time() < end:
        number += 1
        key = f"K{chance.randrange(400)}"
        match chance.randrange(6):
            case 0:
                await stage.add(f"N{number}", dealer=chance.randint(1, 2))
            case 1:
                await stage.db.execute("DELETE FROM listings WHERE key = $1", key)
            case 2:
                dealer = chance.randint(1, 2)
                await stage.db.execute(
                    "UPDATE listings SET dealer_id = $2 WHERE key = $1", key, dealer
                )
            case 3 if number % 10 == 0:
                await stage.db.execute("UPDATE dealers SET name = $1", f"Name {number}")
            case _:
                await stage.db.execute("UPDATE listings SET price = $2 WHERE key = $1", key, number)
        await asyncio.sleep(0.005)


async def _another_is_live(stage, before, seconds=20):
    """Wait until a generation after `before` is live and everything has arrived."""
    end = asyncio.get_running_loop().time() + seconds
    while (live := await stage.live()) is None or live.id <= before.id:
        assert asyncio.get_running_loop().time() < end, "no other generation is live"
        await asyncio.sleep(0.05)
    await stage.settled()


async def test_a_reindex_while_changes_go_on_ends_equal(stage):
    await stage.add(*(f"K{n}" for n in range(400)))
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        job = await rows.enqueue(stage.db, "reindex", "cars")
        await _change(stage, 3)
        await stage.settled()
        assert (await stage.live()).id > first.id
        assert await stage.differing() == {}
        result = await stage.db.fetchval("SELECT result FROM jobs WHERE id = $1", job)
        assert result["generation"] == (await stage.live()).id
        old = await stage.db.fetchrow("SELECT * FROM generations WHERE id = $1", first.id)
        assert (old["state"], old["index_uid"]) == ("old", f"cars_g{result['generation']}")


async def test_the_index_before_is_kept_in_step(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        await rows.enqueue(stage.db, "reindex", "cars")
        await stage.settled()
        await stage.add("B")
        await stage.settled()
        for _ in range(100):
            if not await stage.db.fetchval("SELECT count(*) FROM pending"):
                break
            await asyncio.sleep(0.05)
        uid = await stage.db.fetchval("SELECT index_uid FROM generations WHERE state = 'old'")
        page = await stage.engine.call("POST", f"/indexes/{uid}/documents/fetch", json={})
        assert {each["id"] for each in page["results"]} == {"A", "B"}


async def test_the_index_before_is_dropped_in_time(stage, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)
    await stage.add("A")
    async with stage.indexing(reindex_keep=1e-6):
        await stage.settled()
        first = await stage.live()
        await rows.enqueue(stage.db, "reindex", "cars")
        await _another_is_live(stage, first)
        for _ in range(100):
            indexes = (await stage.engine.call("GET", "/indexes"))["results"]
            if len(indexes) == 1:
                break
            await asyncio.sleep(0.05)
        assert [each["uid"] for each in indexes] == ["cars"]
        state = await stage.db.fetchval("SELECT state FROM generations WHERE id = $1", first.id)
        assert state == "dropped"


async def test_a_job_of_a_writer_that_died_is_taken_up_at_once(stage):
    job = await rows.enqueue(stage.db, "reindex", "cars")
    assert (await rows.claim(stage.db, ["reindex"], "a dead indexer")).id == job
    async with stage.indexing():
        await stage.settled(45)  # a lease lasts longer
        state = await stage.db.fetchval("SELECT state FROM jobs WHERE id = $1", job)
        assert state == "done"


@pytest.mark.parametrize("fault", ["lose", "cut"])
async def test_a_swap_whose_answer_is_lost_is_done_once(stage, fault):
    await stage.add("A")
    before = await _swaps(stage)
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        between.once(fault, "POST /swap-indexes")
        await stage.settled()
        assert between.met.is_set()
        assert set(await stage.indexed()) == {"A"}
        assert await _swaps(stage) == before + 1


async def test_a_swap_that_arrives_late_and_undoes_the_next_is_healed(stage, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.5)
    await stage.add("A")
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        await stage.settled()
        between.once("hold", "POST /swap-indexes")
        await rows.enqueue(stage.db, "reindex", "cars")
        await asyncio.wait_for(between.met.wait(), 10)
        await stage.settled()
        swapped = await stage.live()
        await between.release()
        await stage.add("B")
        await _another_is_live(stage, swapped)
        assert await stage.differing() == {}


async def test_a_crash_after_the_swap_and_before_its_commit_does_not_swap_again(stage, monkeypatch):
    await stage.add("A")
    commit, crashes = swap._commit, []

    async def crash_once(*args):
        if not crashes:
            crashes.append(args)
            raise LeaseLost("crashed here")
        return await commit(*args)

    monkeypatch.setattr(swap, "_commit", crash_once)
    before = await _swaps(stage)
    async with stage.indexing():
        await stage.settled()
        assert crashes
        assert set(await stage.indexed()) == {"A"}
        assert await _swaps(stage) == before + 1


async def test_a_swap_that_still_waits_in_the_engine_is_not_asked_for_again(stage):
    await stage.add("A")
    before = await _swaps(stage)
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await stage.step_until(writer, "swapping")
        uid = await stage.db.fetchval("SELECT index_uid FROM generations")
        busy = [{"id": n, "text": f"word{n} other{n}"} for n in range(10_000)]
        for _ in range(3):
            await stage.engine.call("POST", "/indexes/busy/documents", json=busy)
        await stage.engine.call("POST", "/swap-indexes", json=[{"indexes": ["cars", uid]}])
        await stage.step_until(writer, "live")
        assert set(await stage.indexed()) == {"A"}
        assert await _swaps(stage) == before + 1


async def test_an_index_that_is_lost_before_the_swap_fails_the_generation(stage):
    await stage.add("A")
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await stage.step_until(writer, "swapping")
        uid = await stage.db.fetchval("SELECT index_uid FROM generations")
        await stage.engine.wait((await stage.engine.call("DELETE", f"/indexes/{uid}"))["taskUid"])
        await stage.step_until(writer, "failed")
        error = await stage.db.fetchval("SELECT error FROM generations WHERE state = 'failed'")
        assert error == f"The search server has lost the index {uid}."


async def test_a_live_name_that_is_lost_before_the_swap_does_not_stop_it(stage):
    await stage.add("A")
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await stage.step_until(writer, "swapping")
        await stage.engine.wait((await stage.engine.call("DELETE", "/indexes/cars"))["taskUid"])
        await stage.step_until(writer, "live")
        assert set(await stage.indexed()) == {"A"}


async def test_changed_settings_make_a_new_generation_at_the_next_start(stage, monkeypatch):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
    wanted = settings.wanted("cars") | {"stopWords": ["the"]}
    monkeypatch.setattr(settings, "wanted", lambda index: wanted)
    async with stage.indexing():
        await _another_is_live(stage, first)
        actual = await stage.engine.call("GET", "/indexes/cars/settings")
        assert actual["stopWords"] == ["the"]


async def test_a_changed_view_makes_a_new_generation(stage):
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
    await stage.db.execute("UPDATE generations SET view_digest = 'another'")
    async with stage.indexing():
        await _another_is_live(stage, first)


async def test_an_emptied_search_server_is_filled_again(stage, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.5)
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        task = await stage.engine.call("DELETE", "/indexes/cars")
        await stage.engine.wait(task["taskUid"])
        await stage.add("C")
        await _another_is_live(stage, first)
        assert set(await stage.indexed()) == {"A", "B", "C"}
        assert await stage.differing() == {}


async def test_the_gate_sends_again_what_differs(stage):
    await stage.add("A", "B")
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await stage.step_until(writer, "draining")
        uid = await stage.db.fetchval("SELECT index_uid FROM generations")
        for method, path, body in (
            ("POST", "documents", [{"id": "ghost", "digest": "x"}, {"id": "A", "digest": "old"}]),
            ("POST", "documents/delete-batch", ["B"]),
        ):
            task = await stage.engine.call(method, f"/indexes/{uid}/{path}", json=body)
            await stage.engine.wait(task["taskUid"])
        await stage.step_until(writer, "live")
        assert set(await stage.indexed()) == {"A", "B"}
        assert await stage.differing() == {}


async def test_what_falls_behind_while_it_is_compared_goes_live_when_it_is_not_behind(
    stage, monkeypatch
):
    """As when the live one got many changes meanwhile, which are always sent to it first."""
    await stage.add("A")
    compare = reindex.verify.compare

    async def behind_then(*args):
        found = await compare(*args)
        await stage.db.execute(
            "INSERT INTO pending (generation_id, document, since)"
            " SELECT max(g.id), 'D' || n, now() FROM generations g, generate_series(1, 2000) n"
            " GROUP BY n"
        )
        return found

    async def state():
        return await stage.db.fetchval("SELECT state FROM generations")

    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await stage.step_until(writer, "draining")
        monkeypatch.setattr(reindex, "LOOK_SECONDS", 0)
        monkeypatch.setattr(reindex.verify, "compare", behind_then)
        async with asyncio.timeout(20):  # nothing is sent meanwhile
            while writer._reindex._equal is None and await state() == "draining":
                await _step_reindex(stage, writer)
        monkeypatch.setattr(reindex.verify, "compare", None)
        for _ in range(5):
            await _step_reindex(stage, writer)
            assert await state() == "draining"
        assert "2,000 documents to be sent" in writer._reindex.waits_for
        await stage.db.execute("DELETE FROM pending WHERE document LIKE 'D%'")
        await _step_reindex(stage, writer)
        assert await state() == "swapping", "without another comparison"


async def _step_reindex(stage, writer):
    await writer._reindex.step(await generations.followed(stage.db, "cars"), [])
    await asyncio.sleep(0.01)


@pytest.mark.parametrize("fault", ["lose", "cut"])
async def test_a_load_whose_answer_is_lost_is_complete_before_the_gate(stage, fault, caplog):
    await stage.add(*(f"K{n}" for n in range(50)))
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        between.once(fault, "POST /indexes/cars_g")
        await stage.settled()
        assert between.met.is_set()
        assert len(await stage.indexed()) == 50
        assert "is not ready" not in caplog.text


async def test_an_index_that_nobody_owns_is_deleted(stage):
    task = await stage.engine.call("POST", "/indexes", json={"uid": "cars_g0"})
    await stage.engine.wait(task["taskUid"])

    async def only_ours_is_there():
        index = await stage.engine.call("GET", "/indexes", params={"limit": 100})
        return [each["uid"] for each in index["results"]] == ["cars"]

    async with stage.indexing():
        await stage.until(only_ours_is_there)


async def test_a_reindex_of_what_is_not_there_fails_with_a_sentence(stage):
    job = await rows.enqueue(stage.db, "reindex", "boats")
    async with stage.indexing():
        ended = await stage.ended(job)
    assert ended["error"] == "There is no vertical boats; there is: cars."


async def test_settings_that_the_engine_refuses_fail_the_reindex_and_leave_the_live_one(
    stage, monkeypatch
):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
    wanted = settings.wanted("cars") | {"proximityPrecision": "nonsense"}
    monkeypatch.setattr(settings, "wanted", lambda index: wanted)
    failed = "SELECT error FROM jobs WHERE state = 'failed'"
    async with stage.indexing():
        await stage.until(lambda: stage.db.fetchval(failed))
        assert "nonsense" in await stage.db.fetchval(failed)
        assert (await stage.live()).id == first.id
        assert set(await stage.indexed()) == {"A"}
