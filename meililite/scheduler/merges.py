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
_ATTEMPTS = 12
_FIRST_PAUSE = 1.0  # seconds, doubled at each attempt; all attempts together take half an hour
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
        # By index and oldest segment, whose name is never used again.
        self._failures: dict[tuple[str, str], int] = {}
        self._resting: set[str] = set()  # indexes of which a merge failed a short while ago

    def may_start(self, uuid: str) -> bool:
        return len(self._running) < _AT_ONCE and uuid not in self._resting

    def start(self, uuid: str, names: list[str], *, oldest: bool) -> None:
        """Merge these, unless that failed too often: then they stay as they are."""
        if self._failures.get((uuid, names[0]), 0) >= _ATTEMPTS:
            return
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
        """Leave the index alone for a while; no document depends on a merge."""
        count = self._failures[uuid, names[0]] = self._failures.get((uuid, names[0]), 0) + 1
        reason = str(error) or "its process ended"
        if count >= _ATTEMPTS:
            log.error(
                "Segments of the index %s could not be merged in %d attempts (%s). They stay as "
                "they are, which makes its searches slower, until the server is started again.",
                uuid, count, reason,
            )  # fmt: skip
            return
        pause = min(_FIRST_PAUSE * 2 ** (count - 1), _LONGEST_PAUSE)
        log.warning("A merge of the index %s failed (attempt %d of %d: %s); it is tried again in "
                    "%.0f s.", uuid, count, _ATTEMPTS, reason, pause)  # fmt: skip
        self._resting.add(uuid)
        asyncio.get_running_loop().call_later(pause, self._rested, uuid)

    def _rested(self, uuid: str) -> None:
        self._resting.discard(uuid)
        self._wake()

    def take(self) -> Merged | None:
        """The next one that ended."""
        return self._made.popleft() if self._made else None

    def stop(self, uuid: str) -> None:
        """End those of an index that is deleted."""
        for task, own in self._running.items():
            if own == uuid:
                task.cancel()
        self._failures = {key: count for key, count in self._failures.items() if key[0] != uuid}

    def close(self) -> None:
        for task in self._running:
            task.cancel()
