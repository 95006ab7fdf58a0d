"""The values of one field, for every document: what filters, facets and sorts read.

Values have codes in their order: numbers ascending, then strings by their normalized form (the
key), then by how they are written. Documents that hold one value each are one array of codes;
a field with lists keeps all values in one array and, for each document, where its own stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.index.numbers import format_number
from meililite.index.segment import Arrays, Segment, table_arrays
from meililite.index.strings import StringTable

EXISTS, NULL, EMPTY = 1, 2, 4
BIT_ROWS = 256  # fields with at most so many values keep one bit row for each
_STORED_BITS = 4096  # smaller columns make their bit rows when they are asked for

Codes = NDArray[Any]


@dataclass
class Dictionary:
    """The distinct values of a field; code `len(numbers) + i` is `strings[i]`."""

    numbers: NDArray[np.float64]
    strings: StringTable
    keys: StringTable
    first: NDArray[np.int32]  # the strings of key k are first[k] to before first[k + 1]

    def __len__(self) -> int:
        return len(self.numbers) + len(self.strings)

    @cached_property
    def groups(self) -> NDArray[np.int32]:
        """For each code, its rank when spellings of one key count as one value."""
        ranks = np.repeat(np.arange(len(self.keys), dtype=np.int32), np.diff(self.first))
        numbers = np.arange(len(self.numbers), dtype=np.int32)
        return np.concatenate([numbers, ranks + np.int32(len(self.numbers))])

    @cached_property
    def group_starts(self) -> NDArray[np.int64]:
        """The first code of every group."""
        numbers = np.arange(len(self.numbers), dtype=np.int64)
        return np.concatenate([numbers, self.first[:-1].astype(np.int64) + len(self.numbers)])

    @cached_property
    def reversed_ranks(self) -> NDArray[Any]:
        """For the rank of each group, and of none, its rank in descending order."""
        numbers, count = len(self.numbers), len(self.group_starts)
        ranks = np.arange(count + 1)
        ranks[:numbers] = ranks[:numbers][::-1]
        ranks[numbers:count] = ranks[numbers:count][::-1]
        return ranks.astype(code_type(count))

    @cached_property
    def has_plain_keys(self) -> bool:
        """Whether every key is made of printable ASCII alone."""
        blob = self.keys.blob
        return bool(((blob >= ord(" ")) & (blob <= ord("~"))).all())

    @cached_property
    def names(self) -> dict[int, str]:
        """How answers write the value of each group, by its first spelling."""
        return _Names(self)

    def number_range(
        self, low: float, high: float, *, above: bool = False, below: bool = False
    ) -> tuple[int, int]:
        """The codes of numbers from low to high; `above`, `below`: without the bound itself."""
        start = int(np.searchsorted(self.numbers, low, "right" if above else "left"))
        stop = int(np.searchsorted(self.numbers, high, "left" if below else "right"))
        return start, max(start, stop)

    def key_range(self, low: int, high: int) -> tuple[int, int]:
        """The codes of the strings whose keys stand from `low` to before `high`."""
        base = len(self.numbers)
        return base + int(self.first[low]), base + int(self.first[max(low, high)])

    def pairs(self) -> list[tuple[bytes, bytes]]:
        """(key, string) of every string."""
        keys = self.keys.slice(0, len(self.keys))
        repeated = [keys[k] for k in np.repeat(np.arange(len(keys)), np.diff(self.first)).tolist()]
        return list(zip(repeated, self.strings, strict=True))

    def kept(self, used: NDArray[np.bool_]) -> Dictionary:
        """The values whose codes are marked in `used`."""
        strings = np.flatnonzero(used[len(self.numbers) :])
        keys, counts = np.unique(
            np.searchsorted(self.first, strings, "right") - 1, return_counts=True
        )
        first = np.zeros(len(keys) + 1, np.int32)
        np.cumsum(counts, out=first[1:])
        numbers = self.numbers[used[: len(self.numbers)]]
        return Dictionary(numbers, self.strings.taken(strings), self.keys.taken(keys), first)

    @classmethod
    def of(cls, numbers: NDArray[np.float64], pairs: list[tuple[bytes, bytes]]) -> Dictionary:
        """From sorted numbers and sorted (key, string) pairs."""
        keys: list[bytes] = []
        first: list[int] = []
        for index, (key, _) in enumerate(pairs):
            if not keys or keys[-1] != key:
                keys.append(key)
                first.append(index)
        return cls(
            numbers,
            StringTable.of(text for _, text in pairs),
            StringTable.of(keys),
            np.array([*first, len(pairs)], np.int32),
        )


class _Names(dict[int, str]):
    """Written when they are first asked for."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__()
        self._dictionary = dictionary

    def __missing__(self, group: int) -> str:
        dictionary = self._dictionary
        key = group - len(dictionary.numbers)
        if key < 0:
            name = format_number(float(dictionary.numbers[group]))
        else:
            name = dictionary.strings[int(dictionary.first[key])].decode("utf-8", "surrogatepass")
        self[group] = name
        return name


@dataclass
class Column:
    """One field over all documents; rows are documents (internal ids, or a segment's rows).

    `codes[row]` is the code of the row's value, or `len(dictionary)` for none. In a field with
    lists (`starts` is not None) it is that of the first value, and the row's values are
    `values[starts[row]:starts[row] + lengths[row]]`; `owners` says for each value which row it
    belongs to (-1: to a row that was replaced).
    """

    dictionary: Dictionary
    codes: Codes
    flags: NDArray[np.uint8]
    starts: NDArray[np.int64] | None = None
    lengths: NDArray[np.int32] | None = None
    values: Codes | None = None
    owners: NDArray[np.int32] | None = None
    stored_bits: NDArray[np.uint8] | None = field(default=None, repr=False)
    _united: dict[tuple[bytes, int], NDArray[np.uint64]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def missing(self) -> int:
        return len(self.dictionary)

    def rows_with(self, start: int, stop: int) -> NDArray[np.bool_]:
        """A mask of the rows with a value whose code is from `start` to before `stop`."""
        if self.values is None or self.owners is None:
            return within(self.codes, start, stop)
        mask = np.zeros(len(self), bool)
        owners = self.owners[np.flatnonzero(within(self.values, start, stop))]
        mask[owners[owners >= 0]] = True
        return mask

    def rows_marked(self, marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask of the rows with a value whose code is marked."""
        if self.values is None or self.owners is None:
            return np.append(marks, False)[self.codes]  # the last are those without a value
        mask = np.zeros(len(self), bool)
        owners = self.owners[np.flatnonzero(marks[self.values])]
        mask[owners[owners >= 0]] = True
        return mask

    @cached_property
    def ascending(self) -> Codes:
        """For each row (of one value) the rank of its value; the highest for none."""
        dictionary = self.dictionary
        count = len(dictionary.group_starts)
        if count == len(dictionary):  # no value has two spellings
            return self.codes
        table = np.append(dictionary.groups, count).astype(code_type(count))
        ranked: Codes = table[self.codes]
        return ranked

    @cached_property
    def descending(self) -> Codes:
        """As `ascending`, the other way round; but numbers stay first, and none stays last."""
        ranked: Codes = self.dictionary.reversed_ranks[self.ascending]
        return ranked

    def flagged(self, flag: int) -> NDArray[np.bool_]:
        return np.asarray((self.flags & np.uint8(flag)) != 0)

    def entries(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Codes]:
        """The values of the rows: (index into `rows`, code), in order of the rows."""
        if self.values is None or self.starts is None or self.lengths is None:
            codes = self.codes[rows]
            present = np.flatnonzero(codes != self.missing)
            return present, codes[present]
        lengths = self.lengths[rows]
        index = np.repeat(np.arange(len(rows)), lengths)
        return index, self.values[spread(self.starts[rows], lengths)]

    @cached_property
    def bits(self) -> NDArray[np.uint64] | None:
        """For each code the rows that hold it, packed; None for fields with many values."""
        if len(self.dictionary) > BIT_ROWS:
            return None
        if self.stored_bits is not None:
            return self.stored_bits.view(np.uint64)
        return bit_rows(self).view(np.uint64)

    def united(self, codes: NDArray[np.int64], stop: int) -> NDArray[np.uint64]:
        """The bits of runs of codes: each starts at one of `codes` and ends before the next.

        The last ends before `stop`. Only for columns with bits.
        """
        assert self.bits is not None
        key = (codes.tobytes(), stop)
        found = self._united.get(key)
        if found is None:
            found = np.bitwise_or.reduceat(self.bits[:stop], codes, axis=0)
            self._united[key] = found
        return found

    @cached_property
    def groups_in_use(self) -> NDArray[np.bool_]:
        """For each group of the dictionary whether any row has it."""
        starts = self.dictionary.group_starts
        if not len(starts):
            return np.zeros(0, bool)
        return np.logical_or.reduceat(self._codes_in_use(), starts)

    def _codes_in_use(self) -> NDArray[np.bool_]:
        if self.bits is not None:
            return np.asarray(self.bits.any(axis=1))
        used = np.zeros(len(self.dictionary) + 1, bool)
        used[self.codes] = True
        if self.values is not None and self.owners is not None:
            used[self.values[self.owners >= 0]] = True
        return used[:-1]

    def arrays(self, prefix: str) -> Arrays:
        """What `column_of` reads."""
        found: Arrays = {
            f"{prefix}/numbers": self.dictionary.numbers,
            f"{prefix}/first": self.dictionary.first,
            f"{prefix}/codes": self.codes,
            f"{prefix}/flags": self.flags,
            **table_arrays(f"{prefix}/strings", self.dictionary.strings),
            **table_arrays(f"{prefix}/keys", self.dictionary.keys),
        }
        for name in ("starts", "lengths", "values", "owners"):
            array = getattr(self, name)
            if array is not None:
                found[f"{prefix}/{name}"] = array
        if len(self) >= _STORED_BITS and self.bits is not None:
            found[f"{prefix}/bits"] = self.bits.view(np.uint8)
        return found


def column_of(segment: Segment, prefix: str) -> Column:
    """The column that a segment stores under the prefix."""
    optional = {
        name: segment.get(f"{prefix}/{name}")
        for name in ("starts", "lengths", "values", "owners", "bits")
    }
    dictionary = Dictionary(
        segment[f"{prefix}/numbers"],
        segment.strings(f"{prefix}/strings"),
        segment.strings(f"{prefix}/keys"),
        segment[f"{prefix}/first"],
    )
    return Column(
        dictionary,
        segment[f"{prefix}/codes"],
        segment[f"{prefix}/flags"],
        starts=optional["starts"],
        lengths=optional["lengths"],
        values=optional["values"],
        owners=optional["owners"],
        stored_bits=optional["bits"],
    )


def spread(starts: NDArray[np.int64], lengths: NDArray[Any]) -> NDArray[np.int64]:
    """The numbers of runs one after another: `lengths[k]` of them from `starts[k]` on."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    places: NDArray[np.int64] = np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
    return places


def empty_column(rows: int) -> Column:
    """A column in which no row has a value."""
    dictionary = Dictionary.of(np.zeros(0), [])
    return Column(dictionary, np.zeros(rows, np.uint8), np.zeros(rows, np.uint8))


def within(codes: Codes, start: int, stop: int) -> NDArray[np.bool_]:
    """A mask of the codes from `start` to before `stop`."""
    if stop - start == 1:
        return np.asarray(codes == codes.dtype.type(start))
    if stop <= start:
        return np.zeros(len(codes), bool)
    low, high = codes.dtype.type(start), codes.dtype.type(stop - 1)
    return np.asarray((codes >= low) & (codes <= high))


def code_type(size: int) -> type[np.unsignedinteger[Any]] | type[np.int32]:
    """The smallest type for the codes of `size` values and the one that stands for none."""
    if size < 1 << 8:
        return np.uint8
    return np.uint16 if size < 1 << 16 else np.int32


def bit_rows(column: Column) -> NDArray[np.uint8]:
    """The packed rows for each code; a row of bytes is a multiple of 8 long."""
    size = -(-len(column) // 64) * 8
    rows = np.zeros((len(column.dictionary), size * 8), bool)
    if column.values is None or column.owners is None:
        present = np.flatnonzero(column.codes != column.missing)
        rows[column.codes[present], present] = True
    else:
        live = np.flatnonzero(column.owners >= 0)
        rows[column.values[live], column.owners[live]] = True
    return np.packbits(rows, axis=1, bitorder="little")
