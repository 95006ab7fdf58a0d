"""Values with the rows that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T")

Rows = NDArray[np.int32]


class Entries(Generic[_T]):
    """(row, value) pairs, added in parts; those of one row keep the order of their adding."""

    def __init__(self) -> None:
        self._rows: list[Rows] = []
        self._values: list[Sequence[_T]] = []

    def add(self, rows: Rows, values: Sequence[_T]) -> None:
        if values:
            self._rows.append(rows)
            self._values.append(values)

    def ordered(self) -> tuple[Rows, list[_T]]:
        """The rows, ascending, and the value of each."""
        rows = np.concatenate([np.zeros(0, np.int32), *self._rows])
        values = list(chain.from_iterable(self._values))
        if (rows[1:] < rows[:-1]).any():
            order = np.argsort(rows, kind="stable")
            rows = rows[order]
            values = [values[place] for place in order.tolist()]
        return rows, values
