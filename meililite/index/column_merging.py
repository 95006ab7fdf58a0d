"""Laying a younger column over an older one: the rows of changed documents replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.index.columns import (
    BIT_ROWS,
    Codes,
    Column,
    Dictionary,
    code_type,
    empty_column,
    spread,
)
from meililite.index.strings import StringTable, merge_sorted

_ROWS_AT_ONCE = 1 << 16  # so that what is needed for their lists stays small
_SHARE = 8  # strings are inserted one by one into so many times as many, else all are merged

Rows = NDArray[np.int64]


def overlay(base: Column, rows: Rows, other: Column, size: int) -> Column:
    """`base`, grown to `size` rows, with its rows `rows` replaced by those of `other`.

    `rows[i]` (ascending) is the row of the result that row `i` of `other` becomes.
    """
    dictionary, of_base, of_other = _union(base.dictionary, other.dictionary)
    left = _recoded(base, dictionary, of_base, size)
    right = _recoded(other, dictionary, of_other, len(other))
    flags = left.flags.copy()
    flags[rows] = right.flags
    codes = left.codes.copy()
    codes[rows] = right.codes
    merged = Column(dictionary, codes, flags)
    if left.values is not None or right.values is not None:
        _overlay_lists(merged, _with_lists(left), _with_lists(right), rows)
    if base.bits is not None and len(dictionary) <= BIT_ROWS:
        merged.stored_bits = _overlay_bits(base, of_base, merged, rows)
    return merged


def combine(columns: Sequence[Column], rows: Sequence[Rows], size: int) -> Column:
    """One column of `size` rows of several; row i of `columns[k]` becomes `rows[k][i]`."""
    if len(columns) == 1 and len(columns[0]) == size:
        return columns[0]
    dictionary, places = _union_of([column.dictionary for column in columns])
    recoded = [
        _recoded(column, dictionary, of, len(column))
        for column, of in zip(columns, places, strict=True)
    ]
    kind = code_type(len(dictionary))
    merged = Column(dictionary, np.full(size, len(dictionary), kind), np.zeros(size, np.uint8))
    for column, own in zip(recoded, rows, strict=True):
        merged.codes[own] = column.codes
        merged.flags[own] = column.flags
    if any(column.values is not None for column in recoded):
        _combine_lists(merged, [_with_lists(column) for column in recoded], rows)
    return merged


def _union_of(
    dictionaries: Sequence[Dictionary],
) -> tuple[Dictionary, list[NDArray[np.int64]]]:
    """One dictionary of all, and for each the new code of every old one."""
    numbers = np.unique(np.concatenate([d.numbers for d in dictionaries]))
    pairs, places = merge_sorted([d.pairs() for d in dictionaries])
    codes = [
        np.concatenate([np.searchsorted(numbers, d.numbers), len(numbers) + own])
        for d, own in zip(dictionaries, places, strict=True)
    ]
    return Dictionary.of(numbers, pairs), codes


def _combine_lists(merged: Column, columns: Sequence[Column], rows: Sequence[Rows]) -> None:
    merged.starts = np.zeros(len(merged), np.int64)
    merged.lengths = np.zeros(len(merged), np.int32)
    values: list[Codes] = []
    owners: list[NDArray[np.int32]] = []
    total = 0
    for column, own in zip(columns, rows, strict=True):
        assert column.starts is not None
        assert column.lengths is not None
        assert column.values is not None
        assert column.owners is not None
        merged.starts[own] = column.starts + total
        merged.lengths[own] = column.lengths
        total += len(column.values)
        values.append(column.values)
        moved = own.astype(np.int32)[column.owners]
        moved[column.owners < 0] = -1
        owners.append(moved)
    merged.values, merged.owners = np.concatenate(values), np.concatenate(owners)


def placed(column: Column, rows: Rows, size: int) -> Column:
    """The column with its rows moved to `rows` (ascending) of `size`."""
    return column if len(rows) == size else overlay(empty_column(size), rows, column, size)


def selected(column: Column, rows: Rows) -> Column:
    """The rows `rows` (ascending) of the column."""
    if len(rows) == len(column):
        return column
    codes, flags = column.codes[rows], column.flags[rows]
    if column.values is None:
        return Column(column.dictionary, codes, flags)
    assert column.lengths is not None
    index, values = column.entries(rows)
    lengths = column.lengths[rows]
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    owners = index.astype(np.int32)
    return Column(column.dictionary, codes, flags, starts, lengths, values, owners)


def _union(
    left: Dictionary, right: Dictionary
) -> tuple[Dictionary, NDArray[np.int64], NDArray[np.int64]]:
    """One dictionary of both, and for each side the new code of every old one."""
    if not len(left):
        return right, np.zeros(0, np.int64), np.arange(len(right), dtype=np.int64)
    numbers, of_left, of_right = _union_numbers(left.numbers, right.numbers)
    few = _SHARE * len(right.strings) <= len(left.strings)
    merge = _insert_strings if few else _merge_strings
    strings, keys, first, left_strings, right_strings = merge(left, right)
    dictionary = Dictionary(numbers, strings, keys, first)
    base = len(numbers)
    return (
        dictionary,
        np.concatenate([of_left, base + left_strings]),
        np.concatenate([of_right, base + right_strings]),
    )


def _union_numbers(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    at = np.searchsorted(left, right)
    new = np.ones(len(right), bool)
    inside = at < len(left)
    new[inside] = left[at[inside]] != right[inside]
    old = np.arange(len(left), dtype=np.int64)
    if not new.any():
        return left, old, at
    numbers = np.insert(left, at[new], right[new])
    of_left = old + np.searchsorted(at[new], old, "right")
    return numbers, of_left, at + np.cumsum(new) - new


Merged = tuple[StringTable, StringTable, NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]


def _merge_strings(left: Dictionary, right: Dictionary) -> Merged:
    """Union by merging: (strings, keys, first, left's and right's new places)."""
    pairs, (of_left, of_right) = merge_sorted([left.pairs(), right.pairs()])
    merged = Dictionary.of(np.zeros(0), pairs)
    return merged.strings, merged.keys, merged.first, of_left, of_right


def _insert_strings(left: Dictionary, right: Dictionary) -> Merged:
    """Union by inserting the few strings of `right` that `left` does not have."""
    before: list[int] = []
    new: list[bytes] = []
    key_before: list[int] = []
    new_keys: list[bytes] = []
    places: list[tuple[bool, int]] = []  # for each string of right: is new, place in left
    grown_by: list[int] = []
    for key, text in right.pairs():
        at = left.keys.bisect(key)
        known = at < len(left.keys) and left.keys[at] == key
        start, stop = int(left.first[at]), int(left.first[at + 1]) if known else int(left.first[at])
        spellings = left.strings.slice(start, stop)
        if text in spellings:
            places.append((False, start + spellings.index(text)))
            continue
        place = start + sum(spelling < text for spelling in spellings)
        places.append((True, place))
        before.append(place)
        new.append(text)
        if not known and (not new_keys or new_keys[-1] != key):
            key_before.append(at)
            new_keys.append(key)
        grown_by.append(at + len(new_keys) - (0 if known else 1))
    old = np.arange(len(left.strings), dtype=np.int64)
    if not new:
        known_places = np.array([place for _, place in places], np.int64)
        return left.strings, left.keys, left.first, old, known_places
    counts = np.insert(np.diff(left.first).astype(np.int64), key_before, 0)
    np.add.at(counts, np.array(grown_by, np.int64), 1)
    first = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=first[1:])
    of_left = old + np.searchsorted(np.array(before, np.int64), old, "right")
    inserted = iter(np.array(before, np.int64) + np.arange(len(before)))
    of_right = np.array(
        [next(inserted) if is_new else of_left[place] for is_new, place in places], np.int64
    )
    return (
        left.strings.inserted(before, new),
        left.keys.inserted(key_before, new_keys),
        first,
        of_left,
        of_right,
    )


def _recoded(column: Column, dictionary: Dictionary, of: NDArray[np.int64], size: int) -> Column:
    """The column in codes of the dictionary, grown to `size` rows."""
    codes, values = column.codes, column.values
    if len(dictionary) != len(column.dictionary):  # else the codes are the same
        table = np.append(of, len(dictionary)).astype(code_type(len(dictionary)))
        codes, values = table[codes], None if values is None else table[values]
    codes = _grown(codes, size, len(dictionary))
    flags = _grown(column.flags, size, 0)
    if column.starts is None or column.lengths is None:
        return Column(dictionary, codes, flags)
    starts, lengths = _grown(column.starts, size, 0), _grown(column.lengths, size, 0)
    return Column(dictionary, codes, flags, starts, lengths, values, column.owners)


def _grown(array: NDArray[Any], size: int, filler: int) -> NDArray[Any]:
    """The array, with `filler` behind it up to `size` items; itself if it is as long."""
    if len(array) == size:
        return array
    return np.concatenate([array, np.full(size - len(array), filler, array.dtype)])


def _with_lists(column: Column) -> Column:
    """The same column in the shape of a field with lists."""
    if column.values is not None:
        return column
    present = np.flatnonzero(column.codes != column.missing)
    lengths = (column.codes != column.missing).astype(np.int32)
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    values: Codes = column.codes[present]
    return Column(
        column.dictionary,
        column.codes,
        column.flags,
        starts,
        lengths,
        values,
        present.astype(np.int32),
    )


def _overlay_lists(merged: Column, left: Column, right: Column, rows: Rows) -> None:
    """Values of `right` go behind those of `left`; those of replaced rows lose their owner."""
    assert left.starts is not None
    assert left.lengths is not None
    assert left.owners is not None
    assert left.values is not None
    assert right.starts is not None
    assert right.lengths is not None
    assert right.owners is not None
    assert right.values is not None
    moved = np.where(right.owners >= 0, rows[right.owners], -1).astype(np.int32)
    merged.owners = np.concatenate([left.owners, moved])
    merged.owners[spread(left.starts[rows], left.lengths[rows])] = -1
    merged.starts = left.starts.copy()
    merged.starts[rows] = right.starts + len(left.values)
    merged.lengths = left.lengths.copy()
    merged.lengths[rows] = right.lengths
    merged.values = np.concatenate([left.values, right.values])


def _overlay_bits(
    base: Column, of_base: NDArray[np.int64], merged: Column, rows: Rows
) -> NDArray[np.uint8]:
    """The bit rows of `base` with the bits of the replaced rows cleared and set anew."""
    assert base.bits is not None
    old = base.bits.view(np.uint8)
    size = -(-len(merged) // 64) * 8
    bits = np.zeros((len(merged.dictionary), size), np.uint8)
    bits[of_base, : old.shape[1]] = old
    kept = np.ones(size * 8, bool)
    kept[rows] = False
    bits &= np.packbits(kept, bitorder="little")
    index, codes = merged.entries(rows)
    places = rows[index]
    np.bitwise_or.at(bits, (codes, places >> 3), np.uint8(1) << (places & 7).astype(np.uint8))
    return bits


def compacted(column: Column) -> Column:
    """The column without values that no row has any more, as it would be built anew."""
    if column.owners is not None and column.values is not None:
        column = _without_orphans(column)
    used = np.zeros(len(column.dictionary) + 1, bool)
    used[column.codes] = True
    if column.values is not None:
        used[column.values] = True
    used = used[:-1]
    if used.all():
        return column
    of = np.where(used, np.cumsum(used) - 1, 0)
    return _recoded(column, column.dictionary.kept(used), of, len(column))


def _without_orphans(column: Column) -> Column:
    """List values in order of their rows; plain codes if no row has two."""
    assert column.lengths is not None
    assert column.values is not None
    if not (column.lengths > 1).any():
        return Column(column.dictionary, column.codes, column.flags)
    starts = np.cumsum(column.lengths, dtype=np.int64) - column.lengths
    values = np.empty(int(column.lengths.sum()), column.values.dtype)
    owners = np.empty(len(values), np.int32)
    for first in range(0, len(column), _ROWS_AT_ONCE):
        rows = np.arange(first, min(first + _ROWS_AT_ONCE, len(column)))
        index, own = column.entries(rows)
        at = int(starts[first])
        values[at : at + len(own)] = own
        owners[at : at + len(own)] = index + first
    return Column(
        column.dictionary, column.codes, column.flags, starts, column.lengths, values, owners
    )
