"""What a version of an index takes over from the one before: all that is still true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.index.column_merging import combine, compacted, overlay, selected
from meililite.index.columns import Column, empty_column
from meililite.index.merging import stored_column
from meililite.index.projection import select
from meililite.index.snapshot import Snapshot, held_rows

_FEW = 1024  # so many documents are compared with what they were

_GEO = {"places": "places/vectors", "degrees": "places/degrees"}


def take_over(snapshot: Snapshot, before: Snapshot, touched: Sequence[int] | None) -> None:
    """Make ready in the newer snapshot what the one before had in use.

    touched: the only documents that differ; None if they are not known.
    """
    if before.settings.raw != snapshot.settings.raw:
        return
    # A new oldest segment has columns without the values that nobody holds any more.
    same_oldest = before.segments[:1] == snapshot.segments[:1]
    if touched is None or not same_oldest or before.size > snapshot.size:
        for name in list(before.columns):
            snapshot.column(name)
        return
    changes = _Changes(before, snapshot, touched)
    for name, column in before.columns.items():
        snapshot.columns[name] = changes.column(column, name)
    for name, stored in _GEO.items():
        if name in vars(before):
            vars(snapshot)[name] = changes.geo(vars(before)[name], stored)
    if changes.leave_texts():
        snapshot.terms = before.terms


class _Changes:
    """Documents that differ between two versions, and where the segments of the newer hold them."""

    def __init__(self, before: Snapshot, after: Snapshot, touched: Sequence[int]) -> None:
        self._before = before
        self._after = after
        self._documents = np.array([n for n in touched if n < after.size], np.int64)
        self._held = held_rows(after, self._documents)
        self._few = len(self._documents) <= _FEW and before.size == after.size

    def column(self, column: Column, name: str) -> Column:
        """An earlier column with the rows of the documents as they are now."""
        parts = [
            compacted(selected(stored_column(segment, name), rows))
            for segment, rows, _ in self._held
        ]
        count = len(self._documents)
        fresh = empty_column(count)
        if parts:
            fresh = combine(parts, [places for _, _, places in self._held], count)
        if self._few and _values(selected(column, self._documents)) == _values(fresh):
            return column
        return overlay(column, self._documents, fresh, self._after.size)

    def geo(self, array: NDArray[np.float64], stored: str) -> NDArray[np.float64]:
        """An earlier array of places with those of the documents as they are now."""
        fresh = np.full((len(self._documents), array.shape[1]), np.nan)
        for segment, rows, places in self._held:
            if stored in segment:
                fresh[places] = segment[stored][rows]
        if self._few and np.array_equal(array[self._documents], fresh, equal_nan=True):
            return array
        grown = np.full((self._after.size, array.shape[1]), np.nan)
        grown[: len(array)] = array
        grown[self._documents] = fresh
        return grown

    def leave_texts(self) -> bool:
        """Whether the documents' words are where they were, so that what was found still is."""
        if not self._few or self._before.fields.names != self._after.fields.names:
            return False
        return all(map(self._says_the_same, self._documents.tolist()))

    def _says_the_same(self, number: int) -> bool:
        """Whether what of the document is searched is what it was."""
        before, after = self._before, self._after
        if not (before.alive[number] and after.alive[number]):
            return bool(before.alive[number] == after.alive[number])
        searched = after.settings.searchable
        old, new = before.body(number), after.body(number)
        if searched is None or old == new:
            return old == new
        members, others = orjson.loads(old), orjson.loads(new)
        if list(members) == list(others):  # then those that differ tell
            names = [name for name in members if not _same(members[name], others[name])]
            members, others = ({name: one[name] for name in names} for one in (members, others))
        return _same(select(members, searched), select(others, searched))


def _same(value: Any, other: Any) -> bool:
    """Whether two values are written the same, which 1 and true are not."""
    return orjson.dumps(value) == orjson.dumps(other)


def _values(column: Column) -> list[Any]:
    """The flags and values of a small column, row by row."""
    rows, codes = column.entries(np.arange(len(column)))
    dictionary = column.dictionary
    numbers = len(dictionary.numbers)
    values = [
        dictionary.strings[code - numbers] if code >= numbers else float(dictionary.numbers[code])
        for code in codes.tolist()
    ]
    return [column.flags.tolist(), rows.tolist(), values]
