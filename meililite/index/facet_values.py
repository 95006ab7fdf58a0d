"""The values that documents hold in a field, and which of them a change concerns.

A value is a key of bytes in the order of its kind: strings by their normalized form, numbers by
their size. The two kinds are kept apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meililite.index.columns import Column
from meililite.index.merging import stored_column
from meililite.index.snapshot import HeldRows
from meililite.index.strings import StringTable

_FEW = 64  # so many keys are looked up in the table; for more it is unpacked

# How many documents hold a value now, less those that did: not one changed at 0.
Change = list[tuple[bytes, int]]


@dataclass(frozen=True)
class Values:
    """The values of one kind that documents hold, ascending, and how many documents hold each."""

    keys: StringTable
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    def changed(self, change: Change) -> tuple[Values, dict[int, int]]:
        """The values after the change (ascending keys), and what became of the places.

        For every changed value: how many values stand in its place, or after the value before it
        if it is new (-1: before all), as `facet_levels.changed` wants them.
        """
        places = self._places([key for key, _ in change])
        touched: dict[int, int] = {}
        counts = self.counts.copy()
        before: list[int] = []
        new: list[tuple[bytes, int]] = []
        for (key, more), (place, known) in zip(change, places, strict=True):
            if known:
                counts[place] += more
                touched[place] = touched.get(place, 1) - (counts[place] == 0)
            else:
                before.append(place)
                new.append((key, more))
                touched[place - 1] = touched.get(place - 1, int(place > 0)) + 1
        gone = [place for place in touched if place >= 0 and not counts[place]]
        return self._edited(counts, before, new, gone), touched

    def _places(self, keys: Sequence[bytes]) -> list[tuple[int, bool]]:
        """For each key where it stands or would be inserted, and whether it is there."""
        if len(keys) <= _FEW:
            found = [self.keys.bisect(key) for key in keys]
            return [
                (at, at < len(self) and self.keys[at] == key)
                for at, key in zip(found, keys, strict=True)
            ]
        known = list(self.keys)
        found = [bisect_left(known, key) for key in keys]
        return [
            (at, at < len(known) and known[at] == key) for at, key in zip(found, keys, strict=True)
        ]

    def _edited(
        self,
        counts: NDArray[np.int64],
        before: Sequence[int],
        new: Sequence[tuple[bytes, int]],
        gone: Sequence[int],
    ) -> Values:
        keys = self.keys
        if new:
            keys = keys.inserted(before, [key for key, _ in new])
            counts = np.insert(counts, before, [count for _, count in new])
        if gone:
            kept = counts > 0
            counts = counts[kept]
            keys = keys.without(np.flatnonzero(~kept).tolist())
        return Values(keys, counts)


NONE = Values(StringTable.of(()), np.zeros(0, np.int64))


def values_of(column: Column) -> tuple[Values, Values]:
    """The numbers and the strings that the rows of a column hold."""
    dictionary = column.dictionary
    _, codes = column.entries(np.arange(len(column)))
    counts = np.bincount(dictionary.groups[codes], minlength=len(dictionary.group_starts))
    base = len(dictionary.numbers)
    used = counts > 0
    numbers = StringTable.of(_number_keys(dictionary.numbers[used[:base]]))
    strings = dictionary.keys.taken(np.flatnonzero(used[base:]))
    return (
        Values(numbers, counts[:base][used[:base]]),
        Values(strings, counts[base:][used[base:]]),
    )


def differences(before: HeldRows, after: HeldRows, name: str) -> tuple[Change, Change]:
    """The values of a field, numbers and strings, that other documents hold after than before.

    before, after: the same documents, in two versions.
    """
    ids: dict[tuple[bool, bytes], int] = {}  # by (is a string, key)
    old, new = _pairs(before, name, ids), _pairs(after, name, ids)
    width = max(len(ids), 1)
    more, less = _missing(new, old, width), _missing(old, new, width)
    found: tuple[Change, Change] = [], []
    net = (more - less).tolist()
    touched = (more + less).astype(bool).tolist()
    for (is_string, key), place in sorted(ids.items()):
        if touched[place]:
            found[is_string].append((key, net[place]))
    return found


_Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]  # documents, and the numbers of their values


def _missing(pairs: _Pairs, others: _Pairs, width: int) -> NDArray[np.int64]:
    """For each value how many of the pairs with it are not among the others."""
    documents, values = pairs
    if len(documents) and len(others[0]):
        own = documents * width + values
        values = np.setdiff1d(own, others[0] * width + others[1], assume_unique=True) % width
    return np.bincount(values, minlength=width)


def _pairs(held: HeldRows, name: str, ids: dict[tuple[bool, bytes], int]) -> _Pairs:
    documents = [np.zeros(0, np.int64)]
    values = [np.zeros(0, np.int64)]
    for segment, rows, places in held:
        column = stored_column(segment, name)
        index, codes = column.entries(rows)
        if len(codes):
            groups, of_codes = _groups(column, codes)
            known = [ids.setdefault(key, len(ids)) for key in _keys(column, groups)]
            documents.append(places[index])
            values.append(np.array(known, np.int64)[of_codes])
    return np.concatenate(documents), np.concatenate(values)


def _groups(column: Column, codes: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int64]]:
    """The groups of the dictionary that codes belong to, and for each code which of them."""
    base = len(column.dictionary.numbers)
    codes = codes.astype(np.int64)
    strings = np.searchsorted(column.dictionary.first, codes - base, "right") - 1 + base
    groups, of_codes = np.unique(np.where(codes < base, codes, strings), return_inverse=True)
    return groups.tolist(), of_codes


def _keys(column: Column, groups: Sequence[int]) -> list[tuple[bool, bytes]]:
    base = len(column.dictionary.numbers)
    split = bisect_left(groups, base)
    numbers = _number_keys(column.dictionary.numbers[list(groups[:split])])
    strings = column.dictionary.keys
    return [
        *((False, key) for key in numbers),
        *((True, strings[group - base]) for group in groups[split:]),
    ]


def _number_keys(numbers: NDArray[np.float64]) -> list[bytes]:
    """Bytes in the order of the numbers: IEEE 754 with the sign turned over."""
    bits = (numbers + 0.0).view(np.uint64)  # there is one zero
    sign = np.uint64(1 << 63)
    ordered = np.where(bits & sign, ~bits, bits | sign).astype(">u8").tobytes()
    return [ordered[at : at + 8] for at in range(0, len(ordered), 8)]
