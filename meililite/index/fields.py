"""The fields of an index: their numbers, and walking a document by them."""

from __future__ import annotations

from collections.abc import Iterable

from meililite.errors import ApiError

# A posting has 13 bits for its field.
MAX_FIELDS = 8191
_SHOWN = 100  # characters of a name in messages


class FieldNames:
    """Numbers of fields in the order in which they were first seen; numbers never change."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = list(names)
        self._numbers = {name: number for number, name in enumerate(self.names)}

    def number(self, name: str) -> int:
        """The number of the field, a new one if it was never seen.

        Raises ApiError(max_fields_limit_exceeded) for one too many.
        """
        found = self._numbers.get(name)
        if found is None:
            if len(self.names) >= MAX_FIELDS:
                raise ApiError("max_fields_limit_exceeded", _one_too_many(name))
            found = self._numbers[name] = len(self.names)
            self.names.append(name)
        return found

    def get(self, name: str) -> int | None:
        return self._numbers.get(name)


def _one_too_many(name: str) -> str:
    shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return (
        f"An index cannot contain more than {MAX_FIELDS:,} fields, and `{shown}` would be one more."
        " All fields that its documents ever had count, nested ones too: where names differ from "
        "document to document, make them values in a list of objects, and load a new index."
    )
