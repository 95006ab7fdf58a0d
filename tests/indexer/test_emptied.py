"""No reindex takes most of a catalog out of search because the table looks emptied."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import CARS
from indexer import emptied, reindex, requests, verify, watch
from jobs import rows, unmade

KEYS = [f"K{n}" for n in range(30)]


async def _unseen(stage, statement):
    """Change the table as a restore does, which no trigger sees."""
    async with stage.db.acquire() as db, db.transaction():
        await db.execute("SET LOCAL session_replication_role = 'replica'")
        await db.execute(statement)


async def _reindexed(stage, **args):
    return await stage.ended(await rows.enqueue(stage.db, "reindex", "cars", args))


@pytest.fixture
async def first(stage, monkeypatch):
    """A running indexer that looks often; the live generation of 30 cars."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    await stage.add(*KEYS)
    async with stage.indexing():
        await stage.settled()
        yield await stage.live()


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_more_than_half_and_at_least_ten_are_many(gone, indexed):
    many = emptied.looks_emptied(gone, indexed)
    assert many == (gone >= 10 and gone > indexed / 2)


@pytest.mark.parametrize("left", [0, 14])
async def test_an_emptied_table_does_not_empty_the_search(stage, first, left):
    await _unseen(stage, f"DELETE FROM listings WHERE substr(key, 2)::int >= {left}")
    job = await _reindexed(stage)
    assert (job["state"], job["attempts"]) == ("failed", 1)
    assert job["error"] == (
        f"The live index has 30 documents and a new one would have {left}: it is not swapped in,"
        " for the table listings looks emptied. If that is meant,"
        " `showroom reindex cars --allow-fewer` makes it so."
    )
    failed = await stage.db.fetchrow("SELECT * FROM generations ORDER BY id DESC LIMIT 1")
    assert (failed["state"], failed["index_uid"]) == ("failed", None)
    assert (failed["error"], failed["engine_created_at"]) == (job["error"], None)
    assert (await stage.live()).id == first.id
    assert len(await stage.indexed()) == 30


OTHERS = (
    "DELETE FROM listings; INSERT INTO listings (key, active, dealer_id, price, make)"
    " SELECT 'N' || n, true, 1, 5, 'Kia' FROM generate_series(1, 20) n"
)


async def test_other_rows_do_not_make_up_for_those_that_are_gone(stage, first):
    await _unseen(stage, OTHERS)
    job = await _reindexed(stage)
    assert job["error"] == (
        "30 of the 30 documents of the live index are not in listings: no new one is swapped in,"
        " for the table looks emptied. If that is meant, `showroom reindex cars --allow-fewer`"
        " makes it so."
    )
    assert set(await stage.indexed()) == set(KEYS)


async def test_what_came_and_went_unseen_explains_nothing(stage):
    await stage.add(*KEYS)
    async with stage.indexing():
        await stage.settled()
    await stage.add(*(f"M{n}" for n in range(25)))
    await stage.db.execute("DELETE FROM listings WHERE key LIKE 'M%'")
    await _unseen(stage, "DELETE FROM listings")
    assert "30 of the 30" in await emptied.refusal_by_ids(stage.db, stage.engine, CARS)


async def test_what_is_sold_while_the_ids_are_read_does_not_look_lost(stage, first, monkeypatch):
    """What was read leaves the index, and what comes behind it moves to pages that were read."""
    page, reads = verify._page, []

    async def sold_after_half(engine, uid, offset):
        reads.append(offset)
        if reads.count(15) == 1 and offset == 15:
            await stage.db.execute(
                "DELETE FROM listings WHERE key IN (SELECT key FROM listings ORDER BY key LIMIT 20)"
            )
            await stage.settled()
        return await page(engine, uid, offset)

    monkeypatch.setattr(verify, "PAGE", 5)
    monkeypatch.setattr(verify, "_page", sold_after_half)
    assert await emptied.refusal_by_ids(stage.db, stage.engine, CARS) is None
    assert 15 in reads
    await _unseen(stage, OTHERS)
    assert "10 of the 10" in await emptied.refusal_by_ids(stage.db, stage.engine, CARS)


async def test_another_attempt_is_not_allowed_to_lose_most(stage):
    job = await rows.enqueue(stage.db, "reindex", "cars", {"allow_fewer": True})
    async with stage.db.acquire() as db:
        numbers = [
            await db.fetchval(
                "INSERT INTO generations (vertical, state, view_digest, settings_digest, job_id)"
                " VALUES ('elsewhere', 'failed', '', '', $1) RETURNING id",
                job,
            )
            for _ in range(2)
        ]
    allowed = [await requests.allows_fewer(stage.db, each) for each in numbers]
    assert allowed == [True, False]


async def test_half_of_the_documents_may_go(stage, first):
    await _unseen(stage, "DELETE FROM listings WHERE substr(key, 2)::int >= 15")
    assert (await _reindexed(stage))["state"] == "done"
    assert len(await stage.indexed()) == 15


async def test_a_person_may_say_that_it_is_meant(stage, first):
    await _unseen(stage, "DELETE FROM listings")
    assert (await _reindexed(stage, allow_fewer=True))["state"] == "done"
    assert (await stage.live()).id > first.id
    assert await stage.indexed() == {}


async def test_a_table_that_is_emptied_during_the_load_is_noticed_at_the_gate(
    stage, first, monkeypatch
):
    gate, uids = reindex.Reindex._gate, []

    async def emptied_before(self, coming):
        uids.append(coming.index_uid)
        await _unseen(stage, "DELETE FROM listings")
        return await gate(self, coming)

    async def is_deleted():
        indexes = (await stage.engine.call("GET", "/indexes"))["results"]
        return [each["uid"] for each in indexes] == ["cars"]

    monkeypatch.setattr(reindex.Reindex, "_gate", emptied_before)
    job = await _reindexed(stage)
    assert "a new one would have 0" in job["error"]
    assert len(uids) == 1
    assert len(await stage.indexed()) == 30
    await stage.until(is_deleted)


async def test_a_new_database_does_not_empty_the_search_either(stage, first, monkeypatch):
    """It knows of no live index; when it is filled, all goes on by itself."""
    monkeypatch.setattr(unmade, "WITHOUT_SECONDS", (0.1, 0.1))
    await _unseen(stage, "DELETE FROM listings; DELETE FROM generations")
    refused = "SELECT error FROM jobs WHERE kind = 'reindex' AND state = 'failed'"
    await stage.until(lambda: stage.db.fetchval(refused))
    assert "a new one would have 0" in await stage.db.fetchval(refused)
    assert len(await stage.indexed()) == 30
    await stage.add(*KEYS[:20])
    await stage.settled()
    assert set(await stage.indexed()) == set(KEYS[:20])


async def test_with_none_live_a_refused_one_is_not_made_again_and_again(stage, first, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0)
    monkeypatch.setattr(unmade, "WITHOUT_SECONDS", (0, 0))
    await _unseen(stage, "DELETE FROM listings; DELETE FROM generations")
    asked = "SELECT count(*) FROM jobs WHERE kind = 'reindex' AND state = 'failed'"
    await stage.until(lambda: stage.db.fetchval(asked))
    looks = []
    want = watch.Watch._want_one

    async def counted(*args):
        await want(*args)
        looks.append(1)

    monkeypatch.setattr(watch.Watch, "_want_one", counted)

    async def looked_often():
        return len(looks) > 5

    await stage.until(looked_often)
    assert await stage.db.fetchval(asked) == 1


@pytest.mark.parametrize("state", ["outbox", "pending"])
async def test_what_is_on_its_way_out_is_not_missed(stage, first, state):
    """Deletions that the live index has not had yet, since it is far behind."""
    await _unseen(stage, "DELETE FROM listings")
    assert "would have 0" in await emptied.refusal(stage.db, stage.engine, CARS)
    async with stage.db.acquire() as db:
        transaction = db.transaction()
        await transaction.start()
        if state == "outbox":
            await db.execute(
                "INSERT INTO outbox (kind, key) SELECT 'listing', unnest($1::text[])", KEYS
            )
        else:
            await db.execute(
                "INSERT INTO pending (generation_id, document, since)"
                " SELECT $1, unnest($2::text[]), now()",
                first.id,
                KEYS,
            )
        assert await emptied.refusal(db, stage.engine, CARS) is None
        await transaction.rollback()


async def _put_back(stage, copy):
    """The search server has the index as it was once: another one of that name."""
    task = await stage.engine.call("DELETE", "/indexes/cars")
    await stage.engine.wait(task["taskUid"])
    path = "/indexes/cars/documents?primaryKey=id"
    task = await stage.engine.call("POST", path, json=list(copy.values()))
    assert (await stage.engine.wait(task["taskUid"]))["status"] == "succeeded"


@pytest.mark.parametrize("sold", ["before", "just before", "while nothing was sent"])
async def test_an_old_copy_of_the_index_is_made_anew_though_most_is_sold(stage, monkeypatch, sold):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    sell = "DELETE FROM listings WHERE substr(key, 2)::int >= 10"
    await stage.add(*KEYS)

    async def is_seen():
        return (await stage.live()).indexed == len(await stage.indexed())

    async with stage.indexing():
        await stage.settled()
        await stage.until(is_seen)
        copy = await stage.indexed()
        if sold == "just before":
            monkeypatch.setattr(watch, "LOOK_SECONDS", 3600)
            await asyncio.sleep(0.5)  # a look that was due has been
        if sold != "while nothing was sent":
            await stage.db.execute(sell)
            await stage.settled()
        if sold == "before":
            await stage.until(is_seen)
        first = await stage.live()
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    if sold == "while nothing was sent":
        await stage.db.execute(sell)
    await _put_back(stage, copy)

    async def is_made_anew():
        now = await stage.live()
        return now is not None and now.id > first.id

    async with stage.indexing():
        await stage.until(is_made_anew)
        assert set(await stage.indexed()) == set(KEYS[:10])


async def test_an_old_copy_of_the_index_stays_when_the_table_was_emptied_too(stage, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    await stage.add(*KEYS)

    async def is_seen():
        return (await stage.live()).indexed == 30

    async with stage.indexing():
        await stage.settled()
        await stage.until(is_seen)
        copy = await stage.indexed()
    await _unseen(stage, "DELETE FROM listings")
    await _put_back(stage, copy)
    refused = "SELECT error FROM jobs WHERE kind = 'reindex' AND state = 'failed'"
    async with stage.indexing():
        await stage.until(lambda: stage.db.fetchval(refused))
        assert "looks emptied" in await stage.db.fetchval(refused)
        assert len(await stage.indexed()) == 30


async def test_an_old_copy_of_the_index_of_which_nothing_is_known_is_made_anew(stage):
    await stage.add(*KEYS)
    async with stage.indexing():
        await stage.settled()
    await stage.db.execute("UPDATE generations SET state = 'failed', indexed = NULL")
    await _unseen(stage, "DELETE FROM listings")
    assert await emptied.refusal(stage.db, stage.engine, CARS) is None


async def test_where_no_index_is_none_can_be_emptied(stage):
    assert await emptied.refusal(stage.db, stage.engine, CARS) is None


async def test_the_first_index_and_one_that_lost_all_are_not_hindered(stage, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)
    async with stage.indexing():
        await stage.settled()
        await stage.add("A")
        await stage.settled()
        first = await stage.live()
        task = await stage.engine.call("DELETE", "/indexes/cars")
        await stage.engine.wait(task["taskUid"])

        async def another():
            live = await stage.live()
            return live is not None and live.id > first.id

        await stage.until(another)
        await stage.settled()
        assert set(await stage.indexed()) == {"A"}


async def test_the_command_says_both_counts_and_what_to_type(stage, first, showroom):
    await _unseen(stage, "DELETE FROM listings")
    status, said = await showroom("reindex", "cars", "--wait")
    assert status == 1
    assert "The reindex failed: The live index has 30 documents and a new one would have 0" in said
    assert "makes it so. Else put the rows back" in (await showroom("generations", "cars"))[1]
    assert "cars: the table looks emptied, so no new index" in (await showroom("status"))[1]
    typed = said.partition("`showroom ")[2].partition("`")[0].split()
    assert (await showroom(*typed, "--wait"))[0] == 0
    assert await stage.indexed() == {}


async def test_a_reindex_under_way_is_not_told_afterwards_that_it_may(stage, showroom):
    assert (await showroom("reindex", "cars"))[0] == 0
    status, said = await showroom("reindex", "cars", "--allow-fewer", "--wait")
    assert (status, said) == (
        1,
        "A reindex of cars is under way already; end it first with `showroom cancel cars`.\n",
    )
