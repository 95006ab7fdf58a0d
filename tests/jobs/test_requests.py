import asyncio

import pytest

from jobs import rows
from jobs.requests import KeyReusedError, RequestError, ask, drop, retry


async def dead(pool, key="market") -> int:
    number = await rows.enqueue(pool, "crawl", key)
    await rows.refuse(pool, await rows.claim(pool, ["crawl"], "me"), "It was away.")
    return number


async def test_what_a_person_asks_for_goes_before_the_schedule(pool):
    await rows.enqueue(pool, "crawl", "scheduled")
    asked = await ask(pool, "crawl", "asked")
    assert asked.is_new
    assert (await rows.claim(pool, ["crawl"], "me")).id == asked.id


async def test_a_request_with_the_same_key_gets_the_job_of_the_first_also_when_it_ended(pool):
    first = await ask(pool, "crawl", "market", once="monday")
    await rows.finish(pool, await rows.claim(pool, ["crawl"], "me"), {})
    assert await ask(pool, "crawl", "market", once="monday") == (first.id, False)
    assert (await ask(pool, "crawl", "market", once="tuesday")).is_new


async def test_requests_that_come_at_once_with_one_key_are_one(pool):
    asked = await asyncio.gather(*(ask(pool, "crawl", "market", once="now") for _ in range(8)))
    assert len({job.id for job in asked}) == 1
    assert sum(job.is_new for job in asked) == 1


async def test_a_key_of_another_request_is_refused(pool):
    await ask(pool, "crawl", "market", once="monday")
    with pytest.raises(RequestError, match="another request, crawl market"):
        await ask(pool, "crawl", "other", once="monday")


async def test_a_request_that_says_more_than_the_job_that_waits_is_refused(pool):
    more = {"allow_fewer": True}
    waiting = await ask(pool, "reindex", "cars", once="monday")
    for once in (None, "tuesday", "monday"):
        with pytest.raises(RequestError, match=r"without allow_fewer|another request"):
            await ask(pool, "reindex", "cars", more, once)
    assert await pool.fetchval("SELECT count(*) FROM job_requests") == 1
    await drop(pool, waiting.id)
    asked = await ask(pool, "reindex", "cars", more | {"reason": "It is meant."})
    assert await ask(pool, "reindex", "cars", more) == (asked.id, False)


async def test_a_key_may_not_be_used_again_to_ask_for_less(pool):
    more = {"allow_fewer": True}
    first = await ask(pool, "reindex", "cars", more, "monday")
    told = (
        r"was used for another request, reindex cars with {\"allow_fewer\": true} \(job"
        rf" {first.id}\), and not for reindex cars: take a new one"
    )
    with pytest.raises(KeyReusedError, match=told):
        await ask(pool, "reindex", "cars", once="monday")


async def test_a_key_is_of_what_was_asked_not_of_what_the_job_says(pool):
    said = await ask(pool, "reindex", "cars", {"allow_fewer": True})
    for _ in range(2):
        assert await ask(pool, "reindex", "cars", once="monday") == (said.id, False)


async def test_a_dead_job_is_tried_again_as_if_for_the_first_time(pool):
    number = await dead(pool)
    await retry(pool, number)
    job = await rows.claim(pool, ["crawl"], "me")
    assert (job.id, job.attempts) == (number, 1)


async def test_a_dead_job_whose_work_is_asked_for_again_need_not_be_tried(pool):
    number = await dead(pool)
    await rows.enqueue(pool, "crawl", "market")
    with pytest.raises(RequestError, match="another one of its kind and key"):
        await retry(pool, number)


async def test_a_dead_job_and_one_that_waits_can_be_dropped(pool):
    waiting = (await ask(pool, "crawl", "waiting", once="x")).id
    for number in (waiting, await dead(pool)):
        await drop(pool, number)
    assert await pool.fetchval("SELECT count(*) FROM jobs") == 0
    assert await pool.fetchval("SELECT count(*) FROM job_requests") == 0


@pytest.mark.parametrize("change", [retry, drop])
async def test_what_runs_or_is_not_there_is_told(pool, change):
    number = await rows.enqueue(pool, "crawl", "market")
    await rows.claim(pool, ["crawl"], "me")
    with pytest.raises(RequestError, match=f"Job {number} is running"):
        await change(pool, number)
    with pytest.raises(RequestError, match="There is no job 0"):
        await change(pool, 0)
