import asyncio

import pytest

from service.caching.flights import Flights


class Call:
    """A call that ends when it is told to; counts how often it was begun and dropped."""

    def __init__(self) -> None:
        self.begun = self.dropped = 0
        self.end = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        try:
            await self.end.wait()
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        if self.error:
            raise self.error
        return self.begun


async def test_equal_questions_at_once_are_one_call():
    flights, call = Flights(), Call()
    joined = [flights.join("a", call) for _ in range(5)]
    waiting = asyncio.gather(*(flight.result() for flight, _ in joined))
    await asyncio.sleep(0)
    call.end.set()
    assert await waiting == [1] * 5
    assert [new for _, new in joined] == [True, False, False, False, False]
    assert len(flights) == 0


async def test_the_next_question_is_a_new_call():
    flights, call = Flights(), Call()
    call.end.set()
    assert [await flights.join("a", call)[0].result() for _ in range(2)] == [1, 2]


async def test_everybody_is_told_of_an_error():
    flights, call = Flights(), Call()
    waiting = [asyncio.create_task(flights.join("a", call)[0].result()) for _ in range(3)]
    await asyncio.sleep(0)
    call.error = ValueError("no")
    call.end.set()
    assert [str(e) for e in await asyncio.gather(*waiting, return_exceptions=True)] == ["no"] * 3


async def leave(waiting: list[asyncio.Task]) -> None:
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0)


async def test_a_call_is_dropped_when_the_last_who_waits_left():
    flights, call = Flights(), Call()
    waiting = [asyncio.create_task(flights.join("a", call)[0].result()) for _ in range(3)]
    await asyncio.sleep(0.01)
    await leave(waiting[:2])
    assert (call.dropped, len(flights)) == (0, 1)
    await leave(waiting[2:])
    assert (call.dropped, len(flights)) == (1, 0)


async def test_a_call_that_is_being_dropped_is_not_joined():
    flights, call = Flights(), Call()

    async def ask() -> int:
        return await flights.join("a", call)[0].result()

    left = asyncio.create_task(ask())
    await asyncio.sleep(0.01)
    left.cancel()
    asking = asyncio.create_task(ask())  # its turn comes when the call is canceled and not yet gone
    await asyncio.wait({left})
    call.end.set()
    assert await asking == 2


async def test_a_call_that_shall_go_on_does():
    flights, call = Flights(), Call()
    flight, _ = flights.join("a", call)
    flight.go_on()
    waiting = asyncio.create_task(flight.result())
    await asyncio.sleep(0.01)
    await leave([waiting])
    call.end.set()
    assert await flight.task == 1


async def test_a_call_that_began_too_long_ago_is_not_joined():
    flights, call = Flights(), Call()
    first, _ = flights.join("a", call, within=0)
    await asyncio.sleep(0.01)
    second, new = flights.join("a", call, within=0)
    assert new
    assert second is not first
    call.end.set()
    assert sorted([await first.result(), await second.result()]) == [2, 2]
    assert len(flights) == 0


@pytest.mark.parametrize("times", [3])
async def test_what_nobody_waits_for_any_more_may_fail(times: int, caplog):
    flights = Flights()
    for _ in range(times):
        call = Call()
        flight, _new = flights.join("a", call)
        flight.go_on()
        await asyncio.sleep(0)
        call.error = ValueError("no")
        call.end.set()
        await asyncio.wait({flight.task})
    assert caplog.text == ""
