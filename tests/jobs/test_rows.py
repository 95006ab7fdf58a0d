import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import rows
from jobs.rows import LeaseLost


async def state(pool, number):
    return await pool.fetchrow("SELECT * FROM jobs WHERE id = $1", number)


async def run_out(pool, number):
    await pool.execute("UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id=$1", number)


async def test_a_second_request_finds_the_first_job(pool):
    first = await rows.enqueue(pool, "crawl", "market", {"pages": 3})
    assert await rows.enqueue(pool, "crawl", "market") == first
    assert await rows.enqueue(pool, "crawl", "other") != first
    job = await rows.claim(pool, ["crawl"], "me")
    assert job is not None
    assert (job.id, job.key, job.args, job.attempts) == (first, "market", {"pages": 3}, 1)
    assert await rows.enqueue(pool, "crawl", "market") == first
    await rows.finish(pool, job, {"items": 1})
    assert await rows.enqueue(pool, "crawl", "market") != first


async def test_a_request_for_now_moves_a_waiting_job_forward(pool):
    later = datetime.now(UTC) + timedelta(hours=1)
    number = await rows.enqueue(pool, "crawl", "market", run_at=later)
    assert await rows.claim(pool, ["crawl"], "me") is None
    await rows.enqueue(pool, "crawl", "market")
    job = await rows.claim(pool, ["crawl"], "me")
    assert job is not None
    assert job.id == number


async def test_each_job_is_claimed_once_by_many_claimers(pool):
    numbers = {await rows.enqueue(pool, "crawl", str(key)) for key in range(20)}
    claims = await asyncio.gather(*(rows.claim(pool, ["crawl"], f"w{n}") for n in range(30)))
    taken = [job.id for job in claims if job is not None]
    assert len(taken) == len(set(taken))
    # One that was just being claimed is skipped, not waited for; it is there the next time.
    while job := await rows.claim(pool, ["crawl"], "last"):
        taken.append(job.id)
    assert sorted(taken) == sorted(numbers)


async def test_the_higher_priority_goes_first_and_a_request_can_raise_it(pool):
    scheduled = [await rows.enqueue(pool, "crawl", key) for key in ("a", "b")]
    asked = await rows.enqueue(pool, "crawl", "c", priority=rows.ASKED)
    assert await rows.enqueue(pool, "crawl", "b", priority=rows.ASKED) == scheduled[1]
    assert await rows.enqueue(pool, "crawl", "b") == scheduled[1]
    claimed = [(await rows.claim(pool, ["crawl"], "me")).id for _ in range(3)]
    assert claimed == [scheduled[1], asked, scheduled[0]]


async def test_only_the_asked_kinds_are_claimed(pool):
    await rows.enqueue(pool, "reindex", "cars")
    assert await rows.claim(pool, ["crawl"], "me") is None
    assert await rows.claim(pool, ["crawl", "reindex"], "me") is not None


async def test_a_lease_that_ran_out_is_taken_and_its_old_holder_is_told(pool):
    number = await rows.enqueue(pool, "crawl", "market")
    old = await rows.claim(pool, ["crawl"], "old")
    assert await rows.claim(pool, ["crawl"], "new") is None
    await run_out(pool, number)
    new = await rows.claim(pool, ["crawl"], "new")
    assert (new.id, new.attempts) == (number, 2)
    for too_late in (
        rows.heartbeat(pool, old),
        rows.finish(pool, old, {}),
        rows.fail(pool, old, "late"),
        rows.hand_back(pool, old),
    ):
        with pytest.raises(LeaseLost):
            await too_late
    assert (await state(pool, number))["lease_owner"] == "new"


async def test_the_same_owner_cannot_end_its_own_later_attempt(pool):
    number = await rows.enqueue(pool, "crawl", "market")
    first = await rows.claim(pool, ["crawl"], "me")
    await run_out(pool, number)
    await rows.claim(pool, ["crawl"], "me")
    with pytest.raises(LeaseLost):
        await rows.finish(pool, first, {})


async def test_a_heartbeat_keeps_the_lease_and_publishes_progress(pool):
    number = await rows.enqueue(pool, "crawl", "market")
    job = await rows.claim(pool, ["crawl"], "me")
    await run_out(pool, number)
    await rows.heartbeat(pool, job, {"pages": 7})
    assert await rows.claim(pool, ["crawl"], "other") is None
    await rows.heartbeat(pool, job)
    row = await state(pool, number)
    assert row["progress"] == {"pages": 7}
    left = row["lease_until"] - datetime.now(UTC)
    assert timedelta(seconds=50) < left <= timedelta(seconds=61)


async def test_retries_wait_longer_and_end(pool):
    number = await rows.enqueue(pool, "crawl", "market")
    waits = []
    for _ in range(5):
        await pool.execute("UPDATE jobs SET run_at = now()")
        await rows.fail(pool, await rows.claim(pool, ["crawl"], "me"), "no answer")
        row = await state(pool, number)
        waits.append((row["run_at"] - datetime.now(UTC)).total_seconds())
    assert (row["state"], row["error"], row["attempts"]) == ("failed", "no answer", 5)
    assert row["finished_at"] is not None
    assert 2 < waits[0] <= 5
    assert 17 < waits[3] <= 40
    await pool.execute("UPDATE jobs SET run_at = now()")
    assert await rows.claim(pool, ["crawl"], "me") is None


async def test_a_retry_comes_no_sooner_than_it_was_told_whoever_asks(pool):
    number = await rows.enqueue(pool, "crawl", "market")
    await rows.fail(pool, await rows.claim(pool, ["crawl"], "me"), "busy", wait=3600)
    assert await rows.enqueue(pool, "crawl", "market") == number
    assert (await state(pool, number))["run_at"] - datetime.now(UTC) > timedelta(minutes=59)


async def test_a_job_handed_back_has_lost_no_attempt(pool):
    number = await rows.enqueue(pool, "crawl", "market")
    await rows.hand_back(pool, await rows.claim(pool, ["crawl"], "me"))
    row = await state(pool, number)
    assert (row["state"], row["attempts"], row["lease_owner"]) == ("queued", 0, None)
    assert (await rows.claim(pool, ["crawl"], "you")).id == number


async def test_who_handed_a_job_back_cannot_end_its_next_holders_attempt(pool):
    await rows.enqueue(pool, "crawl", "market")
    first = await rows.claim(pool, ["crawl"], "first")
    await rows.hand_back(pool, first)
    second = await rows.claim(pool, ["crawl"], "second")
    assert second.attempts == first.attempts
    with pytest.raises(LeaseLost):
        await rows.finish(pool, first, {})
    await rows.finish(pool, second, {})


async def test_release_hands_back_what_runs_and_nothing_else(pool):
    number = await rows.enqueue(pool, "crawl", "running")
    job = await rows.claim(pool, ["crawl"], "killed")
    done = await rows.enqueue(pool, "crawl", "done")
    await rows.finish(pool, await rows.claim(pool, ["crawl"], "me"), {})
    assert await rows.release(pool) == 1
    row = await state(pool, number)
    assert (row["state"], row["attempts"], row["lease_owner"]) == ("queued", 0, None)
    assert (await state(pool, done))["state"] == "done"
    with pytest.raises(LeaseLost):
        await rows.finish(pool, job, {})
    assert (await rows.claim(pool, ["crawl"], "new")).id == number


@given(st.integers(1, 2000), st.floats(0, 1, exclude_max=True))
def test_backoff_is_bounded_and_never_falls(attempts, chance):
    wait = rows.backoff(attempts, chance).total_seconds()
    assert 2.5 <= wait <= 900
    assert rows.backoff(attempts + 1, chance).total_seconds() >= wait
