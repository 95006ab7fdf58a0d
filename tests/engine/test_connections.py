"""Connections for searches against servers that behave in all the ways HTTP allows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine import connections
from engine.connections import Connections

OK = b"HTTP/1.1 200 OK\r\n"


class Server:
    """Answers each request with the next of `answers`, in the given pieces; None hangs up."""

    def __init__(self, *answers: tuple[bytes, ...] | None) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.opened = 0
        self.url = ""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        while self.answers and (head := await _head(reader)):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            self.requests.append(head + await reader.readexactly(length))
            self.asked.set()
            answer = self.answers.pop(0)
            for piece in answer or ():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.005)
            if answer is None or b"close" in answer[0]:
                break
        writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@asynccontextmanager
async def serving(*answers: tuple[bytes, ...] | None) -> AsyncIterator[Server]:
    server = Server(*answers)
    listening = await asyncio.start_server(server.take, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


async def answers(url: str, count: int) -> list[tuple[int, bytes]]:
    own = Connections(url, {"Authorization": "Bearer secret"})
    try:
        return [await own.post("/multi-search", b'{"n":1}') for _ in range(count)]
    finally:
        own.close()


@pytest.mark.parametrize(
    "pieces",
    [
        (OK + b"Content-Length: 5\r\n\r\nhello",),
        (OK + b"Content-", b"Length: 5\r\n\r\n", b"hel", b"lo"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", b"3\r\nllo\r\n0\r\n", b"\r\n"),
    ],
    ids=["whole", "pieces", "chunked"],
)
async def test_an_answer_is_read_however_it_comes_and_the_connection_used_again(pieces):
    async with serving(pieces, pieces) as server:
        assert await answers(server.url, 2) == [(200, b"hello")] * 2
        assert server.opened == 1
    head, body = server.requests[1].split(b"\r\n\r\n")
    assert head.startswith(b"POST /multi-search HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Authorization: Bearer secret" in head
    assert body == b'{"n":1}'


async def test_a_connection_that_the_server_closes_is_not_used_again():
    last = (OK + b"Connection: close\r\nContent-Length: 1\r\n\r\na",)
    async with serving(last, last) as server:
        assert await answers(server.url, 2) == [(200, b"a")] * 2
        assert server.opened == 2


@pytest.mark.parametrize("answer", [None, (b"SSH-2.0-OpenSSH\r\n\r\n",)], ids=["silence", "other"])
async def test_what_is_no_answer_is_an_error(answer):
    async with serving(answer) as server:
        with pytest.raises(OSError, match=r"closed|not HTTP"):
            await answers(server.url, 1)


async def test_an_answer_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(connections, "MOST_BYTES", 10)
    async with serving((OK + b"Content-Length: 20\r\n\r\n" + b"x" * 20,)) as server:
        with pytest.raises(OSError, match="longer"):
            await answers(server.url, 1)


async def test_a_connection_whose_answer_nobody_waits_for_is_not_used_again():
    late = (OK + b"Content-Length: 3\r\n\r\n", b"old")
    async with serving(late, (OK + b"Content-Length: 3\r\n\r\nnew",)) as server:
        own = Connections(server.url, {})
        first = asyncio.create_task(own.post("/", b"{}"))

        async with asyncio.timeout(30):
            await server.asked.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert await own.post("/", b"{}") == (200, b"new")
        own.close()
