"""Verifying as a job: its result, its repair, what it refuses, its night."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalog.cars import CARS
from indexer import verification, verify
from indexer.documents import ViewIsWrong
from jobs import rows


@pytest.fixture(autouse=True)
def _look_again_soon(monkeypatch):
    monkeypatch.setattr(verify, "LOOK_SECONDS", 0.05)


async def _run(stage, kind="verify"):
    return await stage.ended(await rows.enqueue(stage.db, kind, "cars"))


async def _change_index(stage, path, body):
    task = await stage.engine.call("POST", f"/indexes/cars/{path}", json=body)
    await stage.engine.wait(task["taskUid"])


@pytest.fixture
async def broken(stage):
    """A running indexer, and an index in which A is missing, B old, and a ghost."""
    await stage.add("A", "B", *(f"K{n}" for n in range(20)))
    async with stage.indexing():
        await stage.settled()
        await _change_index(stage, "documents/delete-batch", ["A"])
        await _change_index(stage, "documents", [{"id": "B", "digest": "old"}, {"id": "ghost"}])
        yield


async def test_the_result_has_counts_and_examples_and_stays_in_its_row(stage, broken):
    job = await _run(stage)
    assert job["state"] == "done"
    result = dict(job["result"])
    assert result.pop("seconds") > 0
    assert result == {
        "generation": (await stage.live()).id,
        "documents": 22,
        "indexed": 22,
        "differing": 3,
        "missing": 1,
        "ghost": 1,
        "stale": 1,
        "on_their_way": 0,
        "examples": {"missing": ["A"], "ghost": ["ghost"], "stale": ["B"]},
    }


async def test_a_repair_sends_all_that_differs_again(stage, broken):
    job = await _run(stage, "repair")
    assert (job["result"]["repaired"], job["result"]["refused"]) == (3, None)
    await stage.settled()
    assert await stage.differing() == {}
    assert (await _run(stage))["result"]["differing"] == 0


async def test_what_waits_for_a_long_comparison_keeps_its_lease(stage, broken, monkeypatch):
    """Else it is claimed again and again, until its attempts are spent."""
    monkeypatch.setattr(rows, "HEARTBEAT_SECONDS", 0.1)
    wait, ended = verify.wait_until_equal, asyncio.Event()

    async def takes_long(*args):
        await ended.wait()
        return await wait(*args)

    monkeypatch.setattr(verify, "wait_until_equal", takes_long)
    lease = "SELECT lease_until FROM jobs WHERE id = $1"
    for kind in ("verify", "repair"):
        job = await rows.enqueue(stage.db, kind, "cars")
        await stage.until(lambda job=job: stage.db.fetchval(lease, job))
    first = await stage.db.fetchval(lease, job)

    async def is_kept():
        return await stage.db.fetchval(lease, job) > first

    await stage.until(is_kept)
    ended.set()
    done = await stage.ended(job)
    assert (done["state"], done["attempts"]) == ("done", 1)


async def test_a_repair_reaches_also_what_is_not_listed(stage, broken, monkeypatch):
    monkeypatch.setattr(verify, "LISTED", 1)
    job = await _run(stage, "repair")
    assert job["result"]["repaired"] == 3
    await stage.settled()
    assert await stage.differing() == {}


async def test_an_index_is_not_emptied_because_the_table_is(stage, broken):
    async with stage.db.acquire() as db, db.transaction():
        await db.execute("SET LOCAL session_replication_role = 'replica'")  # as a restore does
        await db.execute("DELETE FROM listings WHERE key <> 'A'")
    job = await _run(stage, "repair")
    assert job["result"]["repaired"] == 1, "A, which is missing"
    assert "are not deleted, for the table looks emptied" in job["result"]["refused"]
    await stage.settled()
    assert len(await stage.indexed()) == 23


@pytest.fixture
async def indexed(stage):
    """The right to write, and an index with twenty cars."""
    await stage.add(*(f"K{n}" for n in range(20)))
    async with stage.indexing():
        await stage.settled()
    async with stage.leased() as lease:
        yield lease


async def test_what_is_on_its_way_out_is_not_taken_for_lost(stage, indexed, monkeypatch):
    monkeypatch.setattr(verify, "LISTED", 1)  # what is listed is explained by the second look
    await stage.db.execute("DELETE FROM listings")
    repair = stage.writer(indexed)._verification._repair
    async with verify.compared(stage.db, stage.engine, CARS, "cars") as (found, db):
        assert (await repair(db, found))["refused"] is None


async def test_a_view_that_hides_active_rows_repairs_nothing(stage, indexed):
    await stage.db.execute(
        "CREATE OR REPLACE VIEW half AS SELECT * FROM cars_documents WHERE id <> 'K1'"
    )
    half = replace(CARS, view="half")
    repair = stage.writer(indexed, half)._verification._repair
    async with verify.compared(stage.db, stage.engine, half, "cars") as (found, db):
        assert found.differing == {"K1": "ghost"}
        with pytest.raises(ViewIsWrong, match="K1"):
            await repair(db, found)
    assert not await stage.db.fetchval("SELECT count(*) FROM outbox")


async def test_a_few_ghosts_are_deleted_whatever_their_share(stage):
    async with stage.indexing():
        await stage.settled()
        await _change_index(stage, "documents", [{"id": "ghost"}])
        assert (await _run(stage, "repair"))["result"]["repaired"] == 1
        await stage.settled()
        assert await stage.indexed() == {}


async def test_without_an_index_it_is_told_no(stage):
    job = await rows.enqueue(stage.db, "verify", "cars")
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await writer._verification.step([])
    assert (await stage.ended(job))["error"] == "There is no live index of cars yet."


@pytest.mark.parametrize(
    ("live_for", "verified", "asked"),
    [
        ("2 days", None, True),
        ("2 days", "2 days", True),
        ("2 days", "0 s", False),
        ("0 s", None, False),  # the gate compared it when it came
    ],
)
async def test_every_night_has_one(stage, live_for, verified, asked, monkeypatch):
    noon = (datetime.now(UTC).hour + 12) % 24  # the night began half a day ago
    monkeypatch.setattr(verification, "NIGHT_HOUR", noon)
    async with stage.indexing():
        await stage.settled()
    await stage.db.execute(f"UPDATE generations SET live_at = now() - interval '{live_for}'")
    await stage.db.execute("DELETE FROM jobs")
    if verified is not None:
        await stage.db.execute(
            "INSERT INTO jobs (kind, key, state, created_at, finished_at)"
            f" VALUES ('verify', 'cars', 'done', now() - interval '{verified}', now())"
        )
    live = await stage.live()
    async with stage.leased() as lease:
        verification_ = stage.writer(lease)._verification
        await verification_._ask_at_night(live)
        verification_._look_after = 0
        await verification_._ask_at_night(live)
    queued = await stage.db.fetchval("SELECT count(*) FROM jobs WHERE state = 'queued'")
    assert queued == asked


async def test_an_index_that_is_replaced_meanwhile_is_compared_again(stage, indexed, monkeypatch):
    monkeypatch.setattr(verification.indexes, "created_at", _another)
    job = await rows.enqueue(stage.db, "verify", "cars")
    live, verification_ = await stage.live(), stage.writer(indexed)._verification

    async def is_told():
        await verification_.step([live])
        return await stage.db.fetchval("SELECT error IS NOT NULL FROM jobs WHERE id = $1", job)

    await stage.until(is_told)
    told = await stage.db.fetchrow("SELECT state, error FROM jobs WHERE id = $1", job)
    assert tuple(told) == ("queued", "Another index went live during the comparison.")


async def _another(*_):
    return "another moment"


async def test_nothing_is_left_on_the_connection(stage):
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
    async with verify.compared(stage.db, stage.engine, CARS, "cars") as (found, db):
        assert found.count == 0
        assert await db.fetchval("SELECT count(*) FROM pg_temp.indexed") == 1
    for _ in range(10):
        async with stage.db.acquire() as db:
            assert await db.fetchval("SELECT to_regclass('pg_temp.indexed')") is None
