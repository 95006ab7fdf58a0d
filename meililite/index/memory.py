"""What searches found out and later ones will ask for again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

_ENTRY = 1000  # bytes that a result takes that is no array of its own

_T = TypeVar("_T")


class Memory:
    """Results by key; those not used for longest go when all together take too many bytes."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._found: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def find(self, key: tuple[Any, ...]) -> Any:
        """The result of the key, if it is there."""
        if key not in self._found:
            return None
        self._found.move_to_end(key)
        return self._found[key]

    def get(self, key: tuple[Any, ...], make: Callable[[], _T]) -> _T:
        """The result of the key; `make` gives it the first time."""
        if key not in self._found:
            self._keep(key, make())
        found: _T = self.find(key)
        return found

    def _keep(self, key: tuple[Any, ...], made: Any) -> None:
        self._found[key] = made
        self._taken += _size(made)
        while self._taken > self._room and len(self._found) > 1:
            _, oldest = self._found.popitem(last=False)
            self._taken -= _size(oldest)


def _size(result: Any) -> int:
    """Bytes that are free when the result goes; a part of a mapped file takes none."""
    owned = isinstance(result, np.ndarray) and result.base is None
    return _ENTRY + (result.nbytes if owned else 0)
