"""A bound on the calls under way at once, and on those that wait for their turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Full(Exception):  # noqa: N818 - a state, as EngineAway is
    """As many calls as may wait do so already, or the turn did not come in time."""


class Gate:
    """Lets `at_once` callers in, has `waiting` more of them wait, refuses the others.

    `waiting` and `refused` are how many do and were.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self.waiting = 0
        self.refused = 0
        self._most_waiting = waiting
        self._free = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def turn(self, seconds: float) -> AsyncIterator[None]:
        """Be in, after at most so many seconds; raises Full."""
        if self._free.locked():
            await self._wait(seconds)
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self, seconds: float) -> None:
        if self.waiting >= self._most_waiting:
            self.refused += 1
            raise Full
        self.waiting += 1
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            self.refused += 1
            raise Full from None
        finally:
            self.waiting -= 1
