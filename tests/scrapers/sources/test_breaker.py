"""Breakers of sources: when they open, for how long, and who closes them."""

import asyncio

import pytest

from jobs import rows
from scrapers.sources import breaker
from scrapers.sources.breaker import SourcePaused

HOUR = 3600.0


@pytest.fixture(autouse=True)
async def _source(add_source) -> None:
    await add_source("lot", "http://lot.example/")


async def passes(pool) -> bool:
    try:
        await breaker.admit(pool, "lot")
    except SourcePaused:
        return False
    return True


async def wait_out(pool) -> None:
    await pool.execute("UPDATE breakers SET until = now() - interval '1 s'")


async def test_it_opens_after_three_failures_in_a_row(pool):
    waits = [await breaker.fail(pool, "lot", "It is away.") for _ in range(2)]
    assert waits == [0, 0]
    assert await passes(pool)
    assert await breaker.fail(pool, "lot", "It is away.") == pytest.approx(HOUR / 4, abs=1)
    assert not await passes(pool)


async def test_a_success_between_failures_counts_anew(pool):
    for _ in range(2):
        await breaker.fail(pool, "lot", "It is away.")
    assert await breaker.close(pool, "lot")
    assert not await breaker.close(pool, "lot")
    for _ in range(2):
        await breaker.fail(pool, "lot", "It is away.")
    assert await passes(pool)


async def test_a_block_opens_it_at_once(pool):
    assert await breaker.block(pool, "lot", "Cloudflare.") == pytest.approx(6 * HOUR, abs=1)
    with pytest.raises(SourcePaused, match=r"left alone until .* UTC: Cloudflare\. `showroom resu"):
        await breaker.admit(pool, "lot")


async def test_after_its_time_one_more_failure_opens_it_for_twice_as_long(pool):
    for _ in range(3):
        await breaker.fail(pool, "lot", "It is away.")
    seen = []
    for _ in range(14):
        await wait_out(pool)
        assert await passes(pool)
        seen.append(await breaker.fail(pool, "lot", "It is away.") / HOUR)
        assert not await passes(pool)
    assert seen[:3] == pytest.approx([0.5, 1, 2], abs=0.01)
    assert seen[-1] == pytest.approx(7 * 24, abs=0.01)


async def test_the_next_crawl_is_not_due_before(pool):
    await breaker.block(pool, "lot", "Cloudflare.")
    assert await pool.fetchval("SELECT next_run_at > now() + interval '5 h' FROM sources")


async def test_a_person_can_let_it_be_asked_at_once(pool):
    number = await rows.enqueue(pool, "crawl", "lot")
    job = await rows.claim(pool, ["crawl"], "tester")
    await rows.fail(pool, job, "SourcePaused", await breaker.block(pool, "lot", "Cloudflare."))
    assert await breaker.resume(pool, "lot")
    assert await passes(pool)
    assert (await rows.claim(pool, ["crawl"], "tester")).id == number
    assert await pool.fetchval("SELECT next_run_at <= now() FROM sources")
    assert not await breaker.resume(pool, "lot")


async def test_failures_at_the_same_moment_all_count(pool):
    waits = await asyncio.gather(*(breaker.fail(pool, "lot", "Away.") for _ in range(3)))
    assert sorted(waits)[:2] == [0, 0]
    assert max(waits) > 0


async def test_what_is_held_against_one_source_is_no_others(pool, add_source):
    await add_source("other", "http://other.example/")
    await breaker.block(pool, "other", "Cloudflare.")
    assert await passes(pool)
