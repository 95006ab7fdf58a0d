"""Merges of segments, which run beside the tasks: no task waits for one."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from meililite.errors import ApiError
from meililite.processes.channel import ChildGoneError
from meililite.processes.fleet import Fleet

log = logging.getLogger("meililite")

_AT_ONCE = 2  # one that takes long, and a small one beside it
_FIRST_PAUSE = 1.0  # seconds before a merge that failed is tried again, doubled at each attempt
_LONGEST_PAUSE = 600.0


@dataclass(frozen=True, slots=True)
class Merged:
    """Segments of an index, and the file that may take their place; None if that was not made."""

    uuid: str
    names: list[str]
    path: str | None


class Merges:
    """Starts merges, and keeps what they made until somebody has time for it."""

    def __init__(self, fleet: Fleet, wake: Callable[[], None]) -> None:
        """`wake` is called when there is something to take or to start."""
        self._fleet = fleet
        self._wake = wake
        self._running: dict[asyncio.Task[None], str] = {}  # and the uuid of its index
        self._made: deque[Merged] = deque()
        # The last pauses of those that failed, by index and oldest segment.
        self._pauses: dict[tuple[str, str], float] = {}
        self._resting: set[str] = set()  # indexes of which a merge failed a short while ago

    def may_start(self, uuid: str) -> bool:
        return len(self._running) < _AT_ONCE and uuid not in self._resting

    def start(self, uuid: str, names: list[str], *, oldest: bool) -> None:
        """Merge these; what came of it is to be taken."""
        task = asyncio.create_task(self._run(uuid, names, oldest=oldest))
        self._running[task] = uuid
        task.add_done_callback(self._running.pop)

    async def _run(self, uuid: str, names: list[str], *, oldest: bool) -> None:
        path = None
        try:
            path = await self._fleet.merge(uuid, names, oldest=oldest)
        except (ChildGoneError, ApiError, RuntimeError, OSError) as error:
            self.failed(uuid, names, error)
        self._made.append(Merged(uuid, names, path))
        self._wake()

    def failed(self, uuid: str, names: list[str], error: Exception) -> None:
        """Leave the index alone for a while, as no document depends on a merge.

        A full disk may stay full for days: the pauses grow, and only the first one is told.
        """
        last = self._pauses.get((uuid, names[0]))
        pause = _FIRST_PAUSE if last is None else min(2 * last, _LONGEST_PAUSE)
        self._pauses[uuid, names[0]] = pause
        if last is None:
            reason = str(error) or "its process ended"
            log.warning(
                "A merge of the index %s failed: %s. It is tried again after %.0f s, and after "
                "longer and longer pauses up to %.0f s until it succeeds, which is not told each "
                "time. Nothing is lost; searches are slower meanwhile.",
                uuid, reason, pause, _LONGEST_PAUSE,
            )  # fmt: skip
        self._resting.add(uuid)
        asyncio.get_running_loop().call_later(pause, self._rested, uuid)

    def _rested(self, uuid: str) -> None:
        self._resting.discard(uuid)
        self._wake()

    def take(self) -> Merged | None:
        """The next one that ended."""
        return self._made.popleft() if self._made else None

    def settled(self, uuid: str) -> None:
        """Forget what failed, as no segments of the index want a merge, unless one is at work."""
        made = {merged.uuid for merged in self._made}
        if uuid not in made.union(self._running.values(), self._resting):
            self._forget(uuid)

    def stop(self, uuid: str) -> None:
        """End those of an index that is deleted."""
        for task, own in self._running.items():
            if own == uuid:
                task.cancel()
        self._forget(uuid)

    def _forget(self, uuid: str) -> None:
        self._pauses = {key: pause for key, pause in self._pauses.items() if key[0] != uuid}

    def close(self) -> None:
        for task in self._running:
            task.cancel()
