"""The child processes as the front uses them: some that read, one that writes, one that checks."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.processes.channel import Channel, ChildGoneError
from meililite.processes.nursery import Nursery

log = logging.getLogger("meililite")

_QUEUE_LIMIT = 1000  # Meilisearch's: more searches than this waiting are refused
_RESPAWN_PAUSE = 0.2  # seconds, so that a child that cannot start does not eat a core,
_LONGEST_PAUSE = 10.0  # nor the log: the pauses are doubled while there is no room for it
_ATTEMPTS = 2


async def connect(nursery: Nursery, kind: str, directory: str) -> Channel:
    """The channel of a new process."""
    connection = nursery.spawn(kind, directory)
    loop = asyncio.get_running_loop()
    _, channel = await loop.create_unix_connection(Channel, sock=connection)
    return channel


class Child:
    """One process of a kind, started again when it ends."""

    def __init__(self, nursery: Nursery, kind: str, directory: str) -> None:
        self._nursery = nursery
        self._kind = kind
        self._directory = directory
        self._channel: Channel | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._channel = await self._connect()
        self._watch = asyncio.create_task(self._keep_alive())

    async def _connect(self) -> Channel:
        return await connect(self._nursery, self._kind, self._directory)

    async def _keep_alive(self) -> None:
        while self._channel is not None:
            await asyncio.shield(self._channel.closed)
            log.warning("A %s process ended; starting another.", self._kind)
            self._channel = await self._connect_when_possible()

    async def _connect_when_possible(self) -> Channel:
        """As `_connect`, however long there are too many open files for it, say."""
        pause = _RESPAWN_PAUSE
        while True:
            await asyncio.sleep(pause)
            try:
                return await self._connect()
            except OSError as error:
                log.warning("A %s process cannot be started yet: %s.", self._kind, error)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def call(self, operation: str, *arguments: Any) -> bytes:
        """As Channel.call, and again when the process ended meanwhile: nothing harms done twice.

        ApiError `internal` when it keeps ending.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if self._channel is not None:
                    return await self._channel.call(operation, *arguments)
            except ChildGoneError:
                log.warning("A %s process ended during `%s`.", self._kind, operation)
            await asyncio.sleep(2 * _RESPAWN_PAUSE * attempt)
        raise ApiError(
            "internal", f"A {self._kind} process of the server ended during `{operation}`."
        )

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._channel is not None:
            self._channel.close()


class Readers:
    """The processes that answer searches; each has one at a time, the rest wait in order."""

    def __init__(self, spawn: Callable[[], Child], count: int) -> None:
        self._children = [spawn() for _ in range(count)]
        self._idle: deque[Child] = deque(self._children)
        self._waiting: deque[asyncio.Future[Child]] = deque()
        self._wanted: dict[Child, deque[asyncio.Future[Child]]] = {
            c: deque() for c in self._children
        }

    async def start(self) -> None:
        for child in self._children:
            await child.start()

    async def call(self, operation: str, arguments: Callable[[], Sequence[Any]]) -> bytes:
        """Let the first idle process do this; `arguments` are made when it is its turn.

        ApiError `too_many_search_requests` when too many wait.
        """
        child = await self._take()
        try:
            return await child.call(operation, *arguments())
        finally:
            self._give_back(child)

    async def each(self, operation: str, *arguments: Any, together: bool = False) -> None:
        """Have every process do this, while it gets no search.

        One after another, so that the others go on answering; or together, when it takes no longer
        than a search.
        """
        work = [self._alone(child, operation, arguments) for child in self._children]
        if together:
            await asyncio.gather(*work)
        else:
            for one in work:
                await one

    async def in_pieces(self, operation: str, *arguments: Any) -> None:
        """Have one process after the other do this, again and again until its answer is `false`.

        Searches come between the pieces.
        """
        for child in self._children:
            while orjson.loads(await self._alone(child, operation, arguments)):
                pass

    async def _alone(self, child: Child, operation: str, arguments: Sequence[Any]) -> bytes:
        if child in self._idle:
            self._idle.remove(child)
        else:
            await self._next(self._wanted[child])
        try:
            return await child.call(operation, *arguments)
        finally:
            self._give_back(child)

    async def _take(self) -> Child:
        if self._idle:
            return self._idle.popleft()
        if len(self._waiting) >= _QUEUE_LIMIT:
            raise ApiError(
                "too_many_search_requests",
                f"Too many search requests running at the same time: {_QUEUE_LIMIT}. "
                "Retry after 10s.",
            )
        return await self._next(self._waiting)

    async def _next(self, queue: deque[asyncio.Future[Child]]) -> Child:
        """Wait in a queue for a process."""
        future: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        queue.append(future)
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._give_back(future.result())
            raise

    def _give_back(self, child: Child) -> None:
        for queue in (self._wanted[child], self._waiting):
            while queue:
                future = queue.popleft()
                if not future.done():
                    future.set_result(child)
                    return
        self._idle.append(child)

    def close(self) -> None:
        for child in self._children:
            child.close()


class Fleet:
    """All child processes of one server."""

    def __init__(self, nursery: Nursery, directory: str, readers: int) -> None:
        def spawn(kind: str) -> Child:
            return Child(nursery, kind, directory)

        self._nursery = nursery
        self._directory = directory
        self.readers = Readers(lambda: spawn("reader"), readers)
        self.writer = spawn("writer")
        self.intake = spawn("intake")

    async def start(self) -> None:
        await self.readers.start()
        await self.writer.start()
        await self.intake.start()

    async def merge(self, uuid: str, names: list[str], *, oldest: bool) -> str:
        """Merge segments in a process that ends with it; the path of what it made.

        Raises as Channel.call.
        """
        channel = await connect(self._nursery, "merger", self._directory)
        try:
            path: str = orjson.loads(await channel.call("merge", uuid, names, oldest))
            return path
        finally:
            channel.close()

    def close(self) -> None:
        self.readers.close()
        self.writer.close()
        self.intake.close()
