"""Sorted tables of byte strings in two flat arrays, so that they can be memory-mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T", bound=Any)


def merge_sorted(runs: Sequence[list[_T]]) -> tuple[list[_T], list[NDArray[np.int64]]]:
    """(the distinct items of sorted lists in order, for each list the places of its items)."""
    items = list(chain.from_iterable(runs))
    places = np.empty(len(items), np.int64)
    union: list[_T] = []
    # The sort finds the sorted runs and only has to interleave them.
    order = sorted(range(len(items)), key=items.__getitem__)
    for index in order:
        if not union or union[-1] != items[index]:
            union.append(items[index])
        places[index] = len(union) - 1
    ends = np.cumsum([len(run) for run in runs])
    return union, np.split(places, ends[:-1])


class StringTable:
    """Strings one after another in `blob`; string `i` is `blob[offsets[i]:offsets[i + 1]]`."""

    def __init__(self, blob: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
        self.blob = blob
        self.offsets = offsets
        self._bytes = memoryview(blob.data)
        # Plain integers come faster out of a memoryview than out of an array.
        self._bounds = memoryview(np.ascontiguousarray(offsets, np.int64).data)

    @classmethod
    def of(cls, strings: Iterable[bytes]) -> StringTable:
        items = list(strings)
        lengths = np.fromiter(map(len, items), np.int64, len(items))
        offsets = np.zeros(len(items) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return cls(np.frombuffer(b"".join(items), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> bytes:
        return bytes(self._bytes[self._bounds[index] : self._bounds[index + 1]])

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.slice(0, len(self)))

    def slice(self, start: int, stop: int) -> list[bytes]:
        """The strings from `start` to before `stop`."""
        bounds = self.offsets[start : stop + 1].tolist()
        first = bounds[0] if bounds else 0
        text = bytes(self._bytes[first : bounds[-1]]) if bounds else b""
        return [text[a - first : b - first] for a, b in pairwise(bounds)]

    def taken(self, indices: NDArray[np.int64]) -> StringTable:
        """The strings at `indices`, in that order."""
        lengths = np.diff(self.offsets)[indices]
        offsets = np.zeros(len(indices) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        shift = np.repeat(self.offsets[indices] - offsets[:-1], lengths)
        return StringTable(self.blob[np.arange(offsets[-1]) + shift], offsets)

    def bisect(self, key: bytes) -> int:
        """Where `key` stands or would be inserted; the table must be in byte order."""
        text, bounds = self._bytes, self._bounds
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if text[bounds[middle] : bounds[middle + 1]].tobytes() < key:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, key: bytes) -> int:
        """The index of `key`, or -1."""
        at = self.bisect(key)
        return at if at < len(self) and self[at] == key else -1

    def prefix(self, key: bytes) -> tuple[int, int]:
        """The range of the strings that start with `key`."""
        after = key.rstrip(b"\xff")
        if not after:
            return self.bisect(key), len(self)
        return self.bisect(key), self.bisect(after[:-1] + bytes([after[-1] + 1]))

    def without(self, indices: Sequence[int]) -> StringTable:
        """A copy without the strings at `indices` (ascending)."""
        bounds = self.offsets
        starts = [0, *(bounds[at + 1] for at in indices)]
        stops = [*(bounds[at] for at in indices), bounds[-1]]
        pieces = [self._bytes[a:b] for a, b in zip(starts, stops, strict=True)]
        offsets = np.zeros(len(self) - len(indices) + 1, np.int64)
        np.cumsum(np.delete(np.diff(bounds), indices), out=offsets[1:])
        return StringTable(np.frombuffer(b"".join(pieces), np.uint8), offsets)

    def inserted(self, before: Sequence[int], strings: Sequence[bytes]) -> StringTable:
        """A copy with `strings[k]` inserted before the string at `before[k]` (ascending)."""
        pieces: list[bytes | memoryview] = []
        last = 0
        for at, text in zip(before, strings, strict=True):
            pieces += [self._bytes[self.offsets[last] : self.offsets[at]], text]
            last = at
        pieces.append(self._bytes[self.offsets[last] : self.offsets[-1]])
        lengths = np.insert(np.diff(self.offsets), before, [len(text) for text in strings])
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return StringTable(np.frombuffer(b"".join(pieces), np.uint8), offsets)
