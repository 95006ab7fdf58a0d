"""Keep-alive HTTP/1.1 connections that cost the machine as little as can be."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.status = 0
        self.head = b""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[None] | None = None
        self._buffer = bytearray()
        self._left = -1  # bytes of the body; -1 while the head is not whole

    async def ask(self, request: bytes) -> int:
        """Send a whole request; the status of its answer, whose head is kept, its body is not."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answer
        return self.status

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._buffer += data
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.head = bytes(self._buffer[:end]).lower()
            self._left = _length(self.head) - (len(self._buffer) - end - 4)
            self._buffer.clear()
        else:
            self._left -= len(data)
        if self._left == 0:
            self._left = -1
            self.status = int(self.head[9:12])
            self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("The connection was closed."))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _end(self, error: Exception | None) -> None:
        if self._answer is None or self._answer.done():
            return
        if error:
            self._answer.set_exception(error)
        else:
            self._answer.set_result(None)


def _length(head: bytes) -> int:
    at = head.find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def connect(url: str) -> Connection:
    """A connection to the host and port of a URL."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, parts.hostname, parts.port or 80)
    return connection


def get(url: str) -> bytes:
    """A GET of a URL as bytes to send."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()


def post(url: str, key: str, body: bytes) -> bytes:
    """A POST of JSON with a bearer key as bytes to send."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Outcome:
    """What a number of requests gave: milliseconds of each, statuses, seconds of all."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    fresh: int = 0  # answers that a cache had
    seconds: float = 0.0

    @property
    def each_second(self) -> float:
        return len(self.times) / self.seconds

    def note(self, connection: Connection, began: float) -> None:
        self.times.append((time.perf_counter() - began) * 1e3)
        self.statuses[connection.status] = self.statuses.get(connection.status, 0) + 1
        self.fresh += b"cache-status: showroom; hit" in connection.head


async def drive(url: str, requests: Iterator[bytes], width: int, into: Outcome) -> None:
    """Send the requests with so many open at once, each connection's next after its last."""

    async def work() -> None:
        connection = await connect(url)
        for request in requests:
            began = time.perf_counter()
            await connection.ask(request)
            into.note(connection, began)
        connection.close()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(width):
            group.create_task(work())
    into.seconds += time.perf_counter() - started
