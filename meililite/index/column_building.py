"""From the values of documents to a column."""

from __future__ import annotations

import numpy as np

from meililite.index.columns import EXISTS, Codes, Column, Dictionary, code_type
from meililite.index.entries import Entries, Rows
from meililite.index.normalization import facet_key


class ColumnBuilder:
    """Collects values, numbers and strings, with their rows.

    Rows without a value that are not the same as missing (null, empty, objects) get a flag.
    """

    def __init__(self) -> None:
        self.values: Entries[float | str] = Entries()
        self._flags: list[tuple[Rows, int]] = []

    def flag(self, rows: Rows, flag: int) -> None:
        self._flags.append((rows, flag))

    def column(self, size: int) -> Column:
        """The column over `size` rows."""
        rows, values = self.values.ordered()
        dictionary, code_of = _dictionary(values)
        codes = np.fromiter(
            map(code_of.__getitem__, values), code_type(len(dictionary)), len(values)
        )
        flags = np.zeros(size, np.uint8)
        for flagged, flag in self._flags:
            flags[flagged] |= flag
        flags[rows] |= EXISTS
        if len(rows) and (np.diff(rows) == 0).any():
            return _list_column(dictionary, rows, codes, flags)
        column = np.full(size, len(dictionary), codes.dtype)
        column[rows] = codes
        return Column(dictionary, column, flags)


def _dictionary(values: list[float | str]) -> tuple[Dictionary, dict[float | str, int]]:
    """The dictionary of the values, and the code of each."""
    distinct = dict.fromkeys(values)
    strings = [value for value in distinct if isinstance(value, str)]
    numbers = sorted({float(value) for value in distinct if not isinstance(value, str)})
    keyed = sorted(
        (facet_key(text), text.encode("utf-8", "surrogatepass"), text) for text in strings
    )
    dictionary = Dictionary.of(
        np.array(numbers, np.float64), [(key, encoded) for key, encoded, _ in keyed]
    )
    place = {number: code for code, number in enumerate(numbers)}
    codes: dict[float | str, int] = {
        value: place[float(value)] for value in distinct if not isinstance(value, str)
    }
    codes.update((text, len(numbers) + index) for index, (_, _, text) in enumerate(keyed))
    return dictionary, codes


def _list_column(
    dictionary: Dictionary, rows: np.ndarray, codes: Codes, flags: np.ndarray
) -> Column:
    """A column with lists; in each row every key counts once, as its first spelling."""
    order = np.lexsort((codes, rows))
    rows, codes = rows[order], codes[order]
    groups = dictionary.groups[codes]
    keep = np.ones(len(rows), bool)
    keep[1:] = (rows[1:] != rows[:-1]) | (groups[1:] != groups[:-1])
    rows, codes = rows[keep], codes[keep]
    lengths = np.bincount(rows, minlength=len(flags)).astype(np.int32)
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    first = np.full(len(flags), len(dictionary), codes.dtype)
    holders = np.flatnonzero(lengths)
    first[holders] = codes[starts[holders]]
    return Column(dictionary, first, flags, starts, lengths, codes, rows.astype(np.int32))
