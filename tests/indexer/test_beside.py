"""Work beside the steps: one at a time, its result or its error taken once."""

import asyncio

import pytest

from indexer.beside import Beside


@pytest.fixture
def woken():
    return asyncio.Event()


@pytest.fixture
async def work(woken):
    made = Beside(woken.set)
    yield made
    await made.stop()


async def _ended(woken):
    async with asyncio.timeout(30):
        await woken.wait()
    woken.clear()


async def _one():
    return 1


async def _fails():
    raise ValueError("It failed.")


async def test_a_result_is_taken_once_and_another_may_begin(work, woken):
    for _ in range(2):
        work.start(_one())
        assert (work.busy, work.done) == (True, False)
        await _ended(woken)
        assert (work.busy, work.done) == (True, True)
        assert (work.take(), work.busy, work.done) == (1, False, False)


async def test_what_it_raised_is_raised_where_it_is_taken(work, woken):
    work.start(_fails())
    await _ended(woken)
    with pytest.raises(ValueError, match="It failed"):
        work.take()
    assert not work.busy


async def test_what_is_stopped_has_ended_and_is_forgotten(work):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def waits():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await work.stop()
    work.start(waits())
    await begun.wait()
    await work.stop()
    assert ended.is_set()
    assert not work.busy


async def test_an_error_that_nobody_takes_is_no_matter_of_the_stop(work, woken):
    work.start(_fails())
    await _ended(woken)
    await work.stop()
    assert not work.busy


async def test_there_is_one_at_a_time(work):
    another = _one()
    work.start(_one())
    with pytest.raises(AssertionError):
        work.start(another)
    another.close()
