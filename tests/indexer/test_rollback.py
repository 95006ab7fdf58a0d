"""Back to the index before the live one: the same swap, nothing lost, nothing old."""

import asyncio

import pytest

from indexer import generations, requests, settings, swap, watch
from indexer.lease import LeaseLost
from jobs import rows


async def _reindexed(stage):
    """Two generations: (the old one's number, the live one's)."""
    await stage.settled()
    first = await stage.live()
    assert (await stage.ended(await rows.enqueue(stage.db, "reindex", "cars")))["state"] == "done"
    return first.id, (await stage.live()).id


async def test_the_one_before_is_live_again_with_all_that_changed_since(stage):
    await stage.add("A", "B")
    async with stage.indexing():
        first, second = await _reindexed(stage)
        await stage.add("C")
        await stage.db.execute("UPDATE listings SET price = 7 WHERE key = 'A'")
        await stage.db.execute("DELETE FROM listings WHERE key = 'B'")
        job = await stage.ended(await rows.enqueue(stage.db, "rollback", "cars"))
        assert (job["state"], job["result"]) == ("done", {"generation": first})
        assert (await stage.live()).id == first
        await stage.settled()
        assert await stage.differing() == {}
        assert (await stage.indexed())["A"]["price"] == 7
        newer = await stage.db.fetchrow("SELECT * FROM generations WHERE id = $1", second)
        assert (newer["state"], newer["rejected"]) == ("old", True)
        assert newer["kept_until"] is not None


async def test_a_second_rollback_brings_the_newer_one_back(stage):
    await stage.add("A")
    async with stage.indexing():
        _, second = await _reindexed(stage)
        await stage.ended(await rows.enqueue(stage.db, "rollback", "cars"))
        await stage.add("B")
        job = await stage.ended(await rows.enqueue(stage.db, "rollback", "cars"))
        assert job["result"] == {"generation": second}
        await stage.settled()
        assert await stage.differing() == {}
        assert not await stage.db.fetchval(
            "SELECT bool_or(rejected) FROM generations WHERE state = 'live'"
        )


async def test_a_crash_after_the_swap_does_not_swap_again(stage, monkeypatch):
    await stage.add("A")
    commit, crashes = swap._commit, []

    async def crash_once(*args):
        if not crashes:
            crashes.append(args)
            raise LeaseLost("crashed here")
        return await commit(*args)

    async with stage.indexing():
        first, _ = await _reindexed(stage)
        monkeypatch.setattr(swap, "_commit", crash_once)
        job = await stage.ended(await rows.enqueue(stage.db, "rollback", "cars"))
        assert crashes
        assert job["result"] == {"generation": first}
        assert set(await stage.indexed()) == {"A"}
        await stage.settled()
        assert await stage.differing() == {}


async def test_it_is_told_no_when_nothing_or_nothing_any_more_is_kept(stage, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)
    async with stage.indexing():
        await stage.settled()
        job = await stage.ended(await rows.enqueue(stage.db, "rollback", "cars"))
        assert "There is no index of cars before the live one" in job["error"]
    async with stage.indexing(reindex_keep=1e-6):
        first, _ = await _reindexed(stage)
        dropped = "SELECT count(*) FROM generations WHERE state = 'dropped'"
        await stage.until(lambda: stage.db.fetchval(dropped))
        job = await stage.ended(await rows.enqueue(stage.db, "rollback", "cars"))
        assert f"is gone: generation {first} was dropped at" in job["error"]


async def test_during_a_reindex_it_is_told_to_cancel_that_first(stage, monkeypatch):
    async with stage.indexing():
        await stage.settled()
    await stage.db.execute(
        "INSERT INTO generations (vertical, state, view_digest, settings_digest, index_uid)"
        " SELECT 'cars', 'loading', view_digest, settings_digest, 'cars_g9999' FROM generations"
    )
    job = await rows.enqueue(stage.db, "rollback", "cars")
    async with stage.leased() as lease:
        await stage.writer(lease).step()
    job = await stage.ended(job)
    assert "end it first with `showroom cancel cars`" in job["error"]


@pytest.mark.parametrize("kind", ["reindex", "rollback"])
async def test_a_rollback_that_is_canceled_leaves_both_as_they_are(stage, kind, monkeypatch):
    monkeypatch.setattr(requests, "LOOK_SECONDS", 0)
    await stage.add("A")
    async with stage.indexing():
        first, second = await _reindexed(stage)
    job = await rows.enqueue(stage.db, "rollback", "cars")
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        assert await writer.step()
        state = await stage.db.fetchval("SELECT state FROM generations WHERE id = $1", first)
        assert state == "draining"
        await rows.enqueue(stage.db, "cancel", "cars")
        await writer.step()
    assert (await stage.ended(job))["error"] == "Canceled by request."
    async with stage.indexing():
        await stage.settled()
        assert (await stage.live()).id == second
        job = await stage.ended(await rows.enqueue(stage.db, kind, "cars"))
        assert job["state"] == "done"


async def test_going_back_to_other_settings_is_not_undone_unasked(stage, monkeypatch):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = (await stage.live()).id
    wanted = settings.wanted("cars") | {"stopWords": ["the"]}
    monkeypatch.setattr(settings, "wanted", lambda index: wanted)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)
    async with stage.indexing():
        another = "SELECT count(*) FROM generations WHERE state = 'live' AND id > $1"
        await stage.until(lambda: stage.db.fetchval(another, first))
        await stage.settled()
        await stage.ended(await rows.enqueue(stage.db, "rollback", "cars"))
        looked = asyncio.Event()
        reason = watch.Watch._reason

        async def watched(*args):
            told = await reason(*args)
            looked.set()
            return told

        monkeypatch.setattr(watch.Watch, "_reason", watched)
        await asyncio.wait_for(looked.wait(), 20)
        await stage.settled()
        assert (await stage.live()).id == first


async def test_it_waits_for_what_only_the_live_one_has_on_its_way(stage):
    """Those end before the swap: the one that comes back would lack them when it is live."""
    await stage.add("A")
    async with stage.indexing():
        old, live = await _reindexed(stage)
    await stage.db.execute("UPDATE generations SET state = 'draining' WHERE id = $1", old)
    batch = await stage.db.fetchval(
        "INSERT INTO batches (generation_id, epoch, operation, documents, after_task)"
        " VALUES ($1, 1, 'upsert', '{}', 0) RETURNING id",
        live,
    )
    await stage.db.execute(
        "INSERT INTO pending (generation_id, document, since, batch_id)"
        " SELECT g, 'D' || n, now(), CASE WHEN g = $2 THEN $3::bigint END"
        " FROM unnest(ARRAY[$1, $2]::bigint[]) g, generate_series(1, 2000) n",
        old,
        live,
        batch,
    )
    assert not await _is_drained(stage)
    await stage.db.execute("UPDATE pending SET batch_id = NULL")
    assert await _is_drained(stage)


async def _is_drained(stage):
    followed = await generations.followed(stage.db, "cars")
    coming = next(each for each in followed if each.state == "draining")
    async with stage.leased() as lease:
        return await stage.writer(lease)._reindex._drained(followed, coming)
