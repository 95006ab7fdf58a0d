"""Which values of a facet a change concerns: those that other documents hold than before.

A value is a key of bytes in the order of its kind: strings by their normalized form, numbers by
their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meililite.index.columns import Column
from meililite.index.merging import stored_column
from meililite.index.snapshot import HeldRows
from meililite.index.strings import merge_sorted

_FEW = 64  # so many documents are compared value by value


@dataclass(frozen=True)
class Change:
    """Keys, ascending, and how many documents more (or fewer) hold each; it may be none."""

    keys: list[bytes]
    net: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)


def value_changes(
    before: HeldRows, after: HeldRows, name: str, limits: tuple[int, int]
) -> list[Change | None]:
    """The numbers and the strings of a field that other documents hold after than before.

    before, after: the same documents, in two versions. limits: None stands for so many numbers and
    strings, or more; 0 for what nobody asks for.
    """
    if sum(len(rows) for _, rows, _ in (*before, *after)) <= _FEW:
        found: list[Change | None] = list(_compared_one_by_one(before, after, name))
    else:
        found = _compared_at_once(before, after, name, limits)
    return [
        None if change is None or len(change) >= limit else change
        for change, limit in zip(found, limits, strict=True)
    ]


def _compared_one_by_one(before: HeldRows, after: HeldRows, name: str) -> tuple[Change, Change]:
    old, new = _pairs(before, name), _pairs(after, name)
    net: dict[float | bytes, int] = {}
    for _, value in new - old:
        net[value] = net.get(value, 0) + 1
    for _, value in old - new:
        net[value] = net.get(value, 0) - 1
    numbers = sorted(value for value in net if isinstance(value, float))
    strings = sorted(value for value in net if isinstance(value, bytes))
    return (
        Change(_number_keys(np.array(numbers)), np.array([net[n] for n in numbers], np.int64)),
        Change(strings, np.array([net[s] for s in strings], np.int64)),
    )


def _pairs(held: HeldRows, name: str) -> set[tuple[int, float | bytes]]:
    """The documents with their values."""
    found: set[tuple[int, float | bytes]] = set()
    for segment, rows, places in held:
        column = stored_column(segment, name)
        index, codes = column.entries(rows)
        numbers, keys = column.dictionary.numbers, column.dictionary.keys
        for document, code in zip(places[index].tolist(), codes.tolist(), strict=True):
            key = code - len(numbers)
            value = float(numbers[code]) if key < 0 else keys[_key_of(column, key)]
            found.add((document, value))
    return found


def _key_of(column: Column, string: int) -> int:
    """The key of a string of the dictionary."""
    dictionary = column.dictionary
    if len(dictionary.keys) == len(dictionary.strings):
        return string
    return int(np.searchsorted(dictionary.first, string, "right")) - 1


@dataclass(frozen=True)
class _Part:
    """The values of one kind in some rows of a segment: whose they are, and which of `groups`."""

    column: Column
    documents: NDArray[np.int64]
    values: NDArray[np.int64]
    groups: NDArray[np.int64]  # of the dictionary, numbers or keys

    def keys(self, kind: int) -> list[bytes]:
        dictionary = self.column.dictionary
        if kind == 0:
            return _number_keys(dictionary.numbers[self.groups])
        if len(self.groups) == len(dictionary.keys):
            return list(dictionary.keys)
        return [dictionary.keys[group] for group in self.groups.tolist()]


def _compared_at_once(
    before: HeldRows, after: HeldRows, name: str, limits: tuple[int, int]
) -> list[Change | None]:
    old, new = _parts(before, name), _parts(after, name)
    found: list[Change | None] = []
    for kind, limit in enumerate(limits):
        earlier = [parts[kind] for parts in old if len(parts[kind].values)]
        later = [parts[kind] for parts in new if len(parts[kind].values)]
        many = not limit or (not earlier and any(len(part.groups) >= limit for part in later))
        found.append(None if many else _compared(earlier, later, kind))
    return found


def _parts(held: HeldRows, name: str) -> list[tuple[_Part, _Part]]:
    found: list[tuple[_Part, _Part]] = []
    for segment, rows, places in held:
        column = stored_column(segment, name)
        index, codes = column.entries(rows)
        documents = places[index]
        strings = codes.astype(np.int64) - len(column.dictionary.numbers)
        numeric = strings < 0
        if len(column.dictionary.keys) == len(column.dictionary.strings):
            keys = strings[~numeric]
        else:
            keys = np.searchsorted(column.dictionary.first, strings[~numeric], "right") - 1
        numbers = codes[numeric].astype(np.int64)
        found.append(
            (_part(column, documents[numeric], numbers), _part(column, documents[~numeric], keys))
        )
    return found


def _part(column: Column, documents: NDArray[np.int64], groups: NDArray[np.int64]) -> _Part:
    used = np.flatnonzero(np.bincount(groups))
    places = np.zeros(int(used[-1]) + 1 if len(used) else 0, np.int64)
    places[used] = np.arange(len(used))
    return _Part(column, documents, places[groups], used)


def _compared(old: Sequence[_Part], new: Sequence[_Part], kind: int) -> Change:
    """The values of all parts whose documents differ."""
    keys, places = merge_sorted([part.keys(kind) for part in (*old, *new)])
    of_old = _joined(old, places[: len(old)])
    of_new = _joined(new, places[len(old) :])
    more, less = _missing(of_new, of_old, len(keys)), _missing(of_old, of_new, len(keys))
    touched = np.flatnonzero(more + less)
    return Change([keys[place] for place in touched.tolist()], (more - less)[touched])


_Joined = tuple[NDArray[np.int64], NDArray[np.int64]]  # documents and values


def _joined(parts: Sequence[_Part], places: Iterable[NDArray[np.int64]]) -> _Joined:
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    values = [own[part.values] for part, own in zip(parts, places, strict=True)]
    return np.concatenate([part.documents for part in parts]), np.concatenate(values)


def _missing(pairs: _Joined, others: _Joined, width: int) -> NDArray[np.int64]:
    """For each value how many of the pairs with it are not among the others."""
    documents, values = pairs
    if len(documents) and len(others[0]):
        own = documents * width + values
        values = np.setdiff1d(own, others[0] * width + others[1], assume_unique=True) % width
    return np.bincount(values, minlength=width)


def _number_keys(numbers: NDArray[np.float64]) -> list[bytes]:
    """Bytes in the order of the numbers: IEEE 754 with the sign turned over."""
    bits = (numbers.astype(np.float64) + 0.0).view(np.uint64)  # there is one zero
    sign = np.uint64(1 << 63)
    ordered = np.where(bits & sign, ~bits, bits | sign).astype(">u8").tobytes()
    return [ordered[at : at + 8] for at in range(0, len(ordered), 8)]
