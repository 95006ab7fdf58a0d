"""The fields of an index: their numbers, and walking a document by them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class FieldNames:
    """Numbers of fields in the order in which they were first seen; numbers never change."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = list(names)
        self._numbers = {name: number for number, name in enumerate(self.names)}

    def number(self, name: str) -> int:
        """The number of the field, a new one if it was never seen."""
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.names)
            self.names.append(name)
        return found

    def get(self, name: str) -> int | None:
        return self._numbers.get(name)


def value_at(document: dict[str, Any], path: str) -> list[Any]:
    """What stands at a path such as `dealer.name`; several values when lists lie on the way."""
    if path in document:
        return [document[path]]
    found: list[Any] = []
    for key, value in document.items():
        if path.startswith(f"{key}."):
            rest = path[len(key) + 1 :]
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    found += value_at(item, rest)
    return found
