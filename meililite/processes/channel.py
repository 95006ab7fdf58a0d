"""The front's end of a child process's socket: calls in, answers out, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

import orjson

from meililite.errors import ApiError
from meililite.processes.frames import BROKEN, LENGTH, REFUSED


class ChildGoneError(Exception):
    """The process ended before it answered."""


class Channel(asyncio.Protocol):
    """One child process. Calls are answered in the order in which they were made."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(ChildGoneError())
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= LENGTH.size:
            size = LENGTH.unpack_from(self._buffer)[0]
            end = LENGTH.size + size
            if len(self._buffer) < end:
                return
            answer = bytes(memoryview(self._buffer)[LENGTH.size : end])
            del self._buffer[:end]
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(answer)

    async def call(self, operation: str, *arguments: Any) -> bytes:
        """The child's answer to one operation.

        Raises ApiError as the child raised it, ChildGoneError when it ended, RuntimeError for a
        fault of its own.
        """
        if self._transport is None or self.closed.done():
            raise ChildGoneError
        frame = orjson.dumps([operation, *arguments])
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._transport.writelines([LENGTH.pack(len(frame)), frame])
        return _body(await future)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _body(answer: bytes) -> bytes:
    kind, body = answer[:1], answer[1:]
    if kind == REFUSED:
        code, message = orjson.loads(body)
        raise ApiError(code, message)
    if kind == BROKEN:
        raise RuntimeError(body.decode())
    return body
