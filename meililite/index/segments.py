"""The segments of an index as its writer has them: new ones are added, several become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from meililite.index.merging import merge
from meililite.index.segment import Parts, Segment, write_segment
from meililite.index.tiers import first_to_merge

_MANY = 64  # so many segments are merged before there are more
_ELSEWHERE = 48  # of which so many, the oldest, may wait for a merge elsewhere
_AT_ONCE = 512  # documents that are merged within a commit; more are left to a merge beside it
_WHILE_BUSY = 8192  # documents that are merged beside the tasks of a load, which has use for cores
_PATIENCE = 32  # so many segments are merged all the same


class Segments(list[Segment]):
    """The segments, oldest first."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._held: set[str] = set()  # the names of those that are merged elsewhere
        self._last = max((int(path.stem) for path in directory.glob("*.segment")), default=0)

    def open(self, names: Iterable[str]) -> None:
        """Have these. Raises FileNotFoundError, and DamagedError for a bad file."""
        self[:] = [Segment(self._directory / name) for name in names]

    @property
    def names(self) -> list[str]:
        return [segment.name for segment in self]

    def add(self, arrays: Parts, meta: Mapping[str, Any]) -> None:
        """Write the youngest one."""
        path = self._new_path()
        write_segment(path, arrays, meta)
        self.append(Segment(path))

    def _new_path(self) -> Path:
        """A name is never used again, so that readers may know files by their names."""
        self._last += 1
        return self._directory / f"{self._last}.segment"

    def take_small(self, limit: int) -> Segment | None:
        """The youngest one, which is dropped, if it holds at most so many documents."""
        if self and self._first_free() < len(self) and segment_size(self[-1]) <= limit:
            return self.pop()
        return None

    def merge_small(self) -> None:
        """Merge what is merged in no time."""
        while (start := self._first_to_merge(_AT_ONCE)) is not None:
            self._merge(start)

    def make_room(self) -> None:
        """Merge the last ones when there are too many; some are never merged elsewhere."""
        while len(self) >= _MANY:
            start = self._first_to_merge()
            self._merge(self._first_free() if start is None else start)

    def _first_to_merge(self, limit: int | None = None, end: int | None = None) -> int | None:
        """Where those before the place `end` start that should become one."""
        free = self._first_free()
        sizes = [segment_size(segment) for segment in self[free:end]]
        start = first_to_merge(sizes, whole=free == 0, limit=limit)
        return None if start is None else free + start

    def _first_free(self) -> int:
        """The place of the first one after those that are merged elsewhere."""
        held = [place for place, name in enumerate(self.names) if name in self._held]
        return max(held, default=-1) + 1

    def _merge(self, start: int) -> None:
        merged = merge(self[start:], oldest=start == 0)
        del self[start:]
        self.add(*merged)

    def plan(self, *, busy: bool) -> tuple[list[str], bool]:
        """(names of those that should become one, whether the oldest is among them).

        busy: there is more to come at once, so that a long merge had better wait.

        They are left alone from now on, until `replace` is called with them. No names: all is well,
        or the oldest are being merged already.
        """
        limit = _WHILE_BUSY if busy and len(self) < _PATIENCE else None
        start = self._first_to_merge(limit, _ELSEWHERE)
        if start is None:
            return [], False
        names = self.names[start:_ELSEWHERE]
        self._held.update(names)
        return names, start == 0

    def replace(self, names: list[str], merged: Path | None) -> bool:
        """Have the file `merged` in the place of those of these names.

        False if there is no such file, or they are not here any more; nothing has changed then.
        """
        self._held.difference_update(names)
        own = self.names
        at = own.index(names[0]) if names[0] in own else len(own)
        if merged is None or own[at : at + len(names)] != names or not merged.exists():
            return False
        path = self._new_path()
        merged.rename(path)
        self[at : at + len(names)] = [Segment(path)]
        return True


def segment_size(segment: Segment) -> int:
    """How many documents it holds or drops."""
    return len(segment["documents/numbers"]) + len(segment["documents/gone"])
