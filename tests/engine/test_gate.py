import asyncio

import pytest

from engine.client import Engine, EngineAway, EngineFull
from engine.gate import Full, Gate


async def stand(gate: Gate, seconds: float, leave: asyncio.Event, inside: list[int]) -> None:
    async with gate.turn(seconds):
        inside.append(1)
        await leave.wait()


async def until(holds) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_so_many_are_in_so_many_wait_and_the_rest_is_refused():
    gate, leave, inside = Gate(2, 3), asyncio.Event(), []
    tasks = [asyncio.create_task(stand(gate, 60, leave, inside)) for _ in range(5)]
    await until(lambda: len(inside) == 2 and gate.waiting == 3)
    with pytest.raises(Full):
        await stand(gate, 60, leave, inside)
    leave.set()
    await asyncio.gather(*tasks)
    assert (len(inside), gate.waiting) == (5, 0)


async def test_a_turn_that_does_not_come_in_time_is_refused():
    gate, leave, inside = Gate(1, 1), asyncio.Event(), []
    first = asyncio.create_task(stand(gate, 60, leave, inside))
    await until(lambda: len(inside) == 1)
    with pytest.raises(Full):
        await stand(gate, 0.02, leave, inside)
    assert gate.waiting == 0
    leave.set()
    await first


async def test_who_leaves_the_queue_leaves_no_gap():
    gate, leave, inside = Gate(1, 1), asyncio.Event(), []
    first = asyncio.create_task(stand(gate, 60, leave, inside))
    await until(lambda: len(inside) == 1)
    waiting = asyncio.create_task(stand(gate, 60, leave, inside))
    await until(lambda: gate.waiting == 1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    leave.set()
    await first
    await stand(gate, 60, leave, inside)
    assert (len(inside), gate.waiting) == (2, 0)


@pytest.fixture
async def silent():
    """A server that takes connections and says nothing; how many were closed by the client."""
    closed = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(10_000):
            pass
        closed.append(1)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", closed
    server.close()


async def test_an_engine_refuses_searches_beyond_its_gate_and_drops_what_nobody_waits_for(silent):
    url, closed = silent
    gate = Gate(1, 1)
    async with Engine(url, None, gate=gate) as engine:
        first = asyncio.create_task(engine.multi_search([]))
        second = asyncio.create_task(engine.search_raw("/multi-search", b"{}", timeout=0.2))
        await until(lambda: gate.waiting == 1)
        with pytest.raises(EngineFull):
            await engine.multi_search([])
        with pytest.raises(EngineFull):  # the wait for its turn was part of its time
            await second
        assert not closed
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await until(lambda: len(closed) == 1)
        with pytest.raises(EngineAway):
            await engine.search_raw("/multi-search", b"{}", timeout=0.05)
