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


@dataclass(frozen=True, slots=True)
class Merged:
    """Segments of an index, and the file that may take their place; None if that was not made."""

    uuid: str
    names: list[str]
    path: str | None


class Merges:
    """Starts merges, and keeps what they made until somebody has time for it."""

    def __init__(self, fleet: Fleet, wake: Callable[[], None]) -> None:
        """`wake` is called when there is something to take."""
        self._fleet = fleet
        self._wake = wake
        self._running: dict[asyncio.Task[None], str] = {}  # and the uuid of its index
        self._made: deque[Merged] = deque()

    @property
    def may_start(self) -> bool:
        return len(self._running) < _AT_ONCE

    def start(self, uuid: str, names: list[str], *, oldest: bool) -> None:
        task = asyncio.create_task(self._run(uuid, names, oldest=oldest))
        self._running[task] = uuid
        task.add_done_callback(self._running.pop)

    async def _run(self, uuid: str, names: list[str], *, oldest: bool) -> None:
        path = None
        try:
            path = await self._fleet.merge(uuid, names, oldest=oldest)
        except ChildGoneError:
            log.warning("A merge of the index %s ended early; it will be tried again.", uuid)
        except (ApiError, RuntimeError) as error:
            # These segments stay as they are until the server is started again.
            log.warning("Segments of the index %s could not be merged: %s", uuid, error)
            return
        self._made.append(Merged(uuid, names, path))
        self._wake()

    def take(self) -> Merged | None:
        """The next one that ended."""
        return self._made.popleft() if self._made else None

    def stop(self, uuid: str) -> None:
        """End those of an index that is deleted."""
        for task, own in self._running.items():
            if own == uuid:
                task.cancel()

    def close(self) -> None:
        for task in self._running:
            task.cancel()
