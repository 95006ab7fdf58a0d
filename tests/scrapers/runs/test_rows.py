"""Runs: one at a time for a source, taken up again, counted exactly."""

import asyncio
from collections import Counter

import pytest

from jobs import reports
from scrapers.runs import rows as runs
from scrapers.runs.rows import Tally


@pytest.fixture
async def source(pool, add_source) -> str:
    await add_source("lot")
    return "lot"


async def test_a_job_that_was_killed_goes_on_with_its_run(pool, source):
    first = await runs.begin(pool, source, 7)
    assert await runs.begin(pool, source, 7) == first


async def test_another_job_closes_the_run_that_lost_its_own(pool, source):
    lost = await runs.begin(pool, source, 7)
    again = await runs.begin(pool, source, 8)
    assert again.id != lost.id
    row = await reports.run(pool, lost.id)
    assert row["state"] == "failed"
    assert "interrupted" in row["error"]


async def test_an_import_never_goes_on_with_a_run(pool, source):
    first = await runs.begin(pool, source)
    assert (await runs.begin(pool, source)).id != first.id


async def test_a_run_that_ended_is_not_taken_up(pool, source):
    first = await runs.begin(pool, source, 7)
    await runs.finish(pool, first, "failed", "The site was away.")
    assert (await runs.begin(pool, source, 7)).id != first.id


async def test_two_that_begin_at_once_leave_one_running(pool, source):
    await asyncio.gather(*(runs.begin(pool, source, job) for job in range(6)))
    assert await pool.fetchval("SELECT count(*) FROM runs WHERE state = 'running'") == 1


async def test_numbers_and_problems_add_up(pool, source):
    run = await runs.begin(pool, source)
    await runs.add(pool, run, Tally(items=2, new=1, problems=Counter({"fetch/503": 1})))
    told = await runs.add(
        pool, run, Tally(items=3, seconds=1.5, problems=Counter({"fetch/503": 2, "vin/form": 1}))
    )
    row = await runs.finish(pool, run, "done")
    assert told["items"] == row["items"] == 5
    assert (row["new"], row["seconds"]) == (1, 1.5)
    assert row["problems"] == {"fetch/503": 3, "vin/form": 1}
    assert row["finished_at"] is not None


def test_what_was_taken_is_not_counted_again():
    tally = Tally(pages=3, problems=Counter({"fetch/503": 1}))
    assert tally.take() == Tally(pages=3, problems=Counter({"fetch/503": 1}))
    assert tally == Tally()


async def test_the_newest_runs_come_first(pool, source):
    ids = [(await runs.begin(pool, source, job)).id for job in range(3)]
    assert [row["id"] for row in await reports.runs(pool, 2)] == ids[:0:-1]
