"""Child processes: asked, at fault, ended, replaced."""

import asyncio
import errno
import os
import socket
import time
from typing import Any

import orjson
import pytest

from meililite.errors import ApiError
from meililite.processes import fleet
from meililite.processes.fleet import Child, Readers
from meililite.processes.frames import serve
from meililite.processes.nursery import Entry, Nursery


def _refuse() -> bytes:
    raise ApiError("bad_request", "no")


def _fail() -> bytes:
    raise ValueError("oops")


def _sleep(seconds: float) -> bytes:
    time.sleep(seconds)
    return orjson.dumps(os.getpid())


def _serve(connection: socket.socket, directory: str) -> None:
    operations = {
        "echo": lambda *values: orjson.dumps([directory, *values]),
        "refuse": _refuse,
        "fail": _fail,
        "sleep": _sleep,
    }
    serve(connection, operations, limit=1)


@pytest.fixture
def nursery():
    nursery = Nursery(lambda: {"kind": _serve})
    yield nursery
    nursery.close()
    with pytest.raises(ProcessLookupError):
        os.kill(nursery.pid, 0)


@pytest.fixture
async def child(nursery: Nursery):
    child = Child(nursery, "kind", "folder")
    await child.start()
    yield child
    child.close()


async def test_calls_are_answered_in_their_order(child: Child):
    answers = await asyncio.gather(*(child.call("echo", n) for n in range(50)))
    assert [orjson.loads(answer) for answer in answers] == [["folder", n] for n in range(50)]


async def test_long_answers_arrive_whole(child: Child):
    text = "é" * 2_000_000
    assert orjson.loads(await child.call("echo", text))[1] == text


async def test_errors_come_back_as_they_are(child: Child):
    with pytest.raises(ApiError, match="no") as raised:
        await child.call("refuse")
    assert raised.value.code == "bad_request"
    with pytest.raises(RuntimeError, match="ValueError: oops"):
        await child.call("fail")
    assert await child.call("echo") == b'["folder"]'


async def test_what_takes_too_long_ends_the_process_and_another_follows(child: Child):
    with pytest.raises(ApiError, match="ended during `sleep`"):
        await child.call("sleep", 30)
    assert await child.call("echo") == b'["folder"]'


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls wait for a process for as long as it takes, and it is tried often."""
    monkeypatch.setattr(fleet, "_RESPAWN_PAUSE", 0.01)
    monkeypatch.setattr(fleet, "_ATTEMPTS", 1000)


@pytest.mark.usefixtures("patient")
async def test_a_process_that_cannot_be_started_is_started_when_it_can(
    child: Child, monkeypatch: pytest.MonkeyPatch
):
    spawn, refusals = child._nursery.spawn, [1, 2]

    def refuse_twice(kind: str, directory: str) -> socket.socket:
        if refusals:
            refusals.pop()
            raise OSError(errno.EMFILE, "Too many open files")
        return spawn(kind, directory)

    monkeypatch.setattr(child._nursery, "spawn", refuse_twice)
    child._channel.close()
    await child._channel.closed
    async with asyncio.timeout(20):
        assert await child.call("echo") == b'["folder"]'
    assert not refusals


@pytest.mark.usefixtures("patient")
async def test_a_process_that_cannot_be_forked_is_forked_when_it_can():
    def entries() -> dict[str, Entry]:  # called in the process that forks
        fork, refusals = os.fork, [1, 2]

        def refuse_twice() -> int:
            if refusals:
                refusals.pop()
                raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
            return fork()

        os.fork = refuse_twice
        return {"kind": _serve}

    nursery = Nursery(entries)
    child = Child(nursery, "kind", "folder")
    try:
        await child.start()
        async with asyncio.timeout(20):
            assert await child.call("echo") == b'["folder"]'
    finally:
        child.close()
        nursery.close()


async def test_searches_wait_for_an_idle_process(nursery: Nursery):
    readers = Readers(lambda: Child(nursery, "kind", "folder"), 2)
    await readers.start()
    began = time.monotonic()
    pids = await asyncio.gather(*(readers.call("sleep", lambda: [0.2]) for _ in range(4)))
    assert time.monotonic() - began > 0.35
    assert len(set(pids)) == 2
    readers.close()


async def test_arguments_are_made_when_it_is_their_turn(nursery: Nursery):
    readers = Readers(lambda: Child(nursery, "kind", "folder"), 1)
    await readers.start()
    state = {"version": 1}
    first = asyncio.create_task(readers.call("sleep", lambda: [0.2]))
    second = asyncio.create_task(readers.call("echo", lambda: [state["version"]]))
    await asyncio.sleep(0.05)
    state["version"] = 2
    assert orjson.loads(await second) == ["folder", 2]
    await first
    readers.close()


class _Watched(Child):
    """Does nothing for a moment; `open` notes how many others do the same then."""

    def __init__(self, opening: list[int]) -> None:
        self.busy = False
        self.opening = opening

    async def call(self, operation: str, *arguments: Any) -> bytes:
        assert not self.busy, "one would wait for the other"
        self.busy = True
        if operation == "open":
            self.opening.append(self.opening[-1] + 1)
        await asyncio.sleep(0.01)
        if operation == "open":
            self.opening.append(self.opening[-1] - 1)
        self.busy = False
        return b""


@pytest.mark.parametrize(("together", "most"), [(False, 1), (True, 3)])
async def test_a_process_that_opens_a_version_gets_no_search(together: bool, most: int):
    opening = [0]
    readers = Readers(lambda: _Watched(opening), 3)
    searches = [asyncio.create_task(readers.call("search", list)) for _ in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await readers.each("open", together=together)
        await asyncio.gather(*searches)
        again = asyncio.create_task(readers.each("open", together=together))
        await asyncio.sleep(0)
        await asyncio.gather(*(readers.call("search", list) for _ in range(3)))
        await again
    assert max(opening) == most


class _Warmed(_Watched):
    """Has three pieces of work; notes whose turn it is."""

    def __init__(self, turns: list[tuple[int, str]]) -> None:
        super().__init__([0])
        self.turns = turns
        self.left = 3

    async def call(self, operation: str, *arguments: Any) -> bytes:
        await super().call(operation, *arguments)
        self.turns.append((id(self), operation))
        self.left -= operation == "warm"
        return orjson.dumps(self.left > 0)


async def test_searches_come_between_the_pieces_of_other_work():
    turns: list[tuple[int, str]] = []
    readers = Readers(lambda: _Warmed(turns), 2)
    searches = [asyncio.create_task(readers.call("search", list)) for _ in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await readers.in_pieces("warm")
        await asyncio.gather(*searches)
    warmed = [child for child, operation in turns if operation == "warm"]
    first, last = warmed[0], warmed[-1]
    assert warmed == [first] * 3 + [last] * 3
    for child in {first, last}:
        own = "".join(operation[0] for which, operation in turns if which == child)
        assert "wsw" in own, own
        assert "ww" not in own, own


async def test_too_many_searches_are_refused(nursery: Nursery, monkeypatch):
    monkeypatch.setattr("meililite.processes.fleet._QUEUE_LIMIT", 2)
    readers = Readers(lambda: Child(nursery, "kind", "folder"), 1)
    await readers.start()
    waiting = [asyncio.create_task(readers.call("sleep", lambda: [0.3])) for _ in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(ApiError, match="Too many search requests") as raised:
        await readers.call("echo", list)
    assert raised.value.status == 503
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await readers.call("echo", list) == b'["folder"]'
    readers.close()
