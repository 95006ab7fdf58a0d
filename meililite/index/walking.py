"""Taking documents apart: the values of each field, of many documents at once.

Documents mostly look alike, so a field is fetched from all of them before the next one is looked
at; most fields then hold values of one kind, and nothing is decided value by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import itemgetter
from types import NoneType
from typing import Any

import numpy as np
import orjson

from meililite.index.column_building import ColumnBuilder
from meililite.index.columns import EMPTY, EXISTS, NULL
from meililite.index.entries import Entries, Rows
from meililite.index.fields import FieldNames
from meililite.index.patterns import Match
from meililite.index.settings import Settings

_SPECIAL = ("_geojson", "_vectors")  # neither searched nor filtered as fields
_SCALARS = {str, int, float, bool}
_NUMBERS = {int, float}

Document = dict[str, Any]
Kinds = set[type]


@dataclass
class Field:
    """What is wanted of the values at one path, and what was found."""

    path: str
    column: ColumnBuilder | None
    texts: Entries[str] | None
    enter: bool  # whether something below the path is wanted
    below: dict[str, Field] = field(default_factory=dict)


class Matches(dict[str, tuple[Match, Match]]):
    """By path: whether it is filtered or sorted by, and whether it is searched."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def __missing__(self, path: str) -> tuple[Match, Match]:
        found = self._settings.column_match(path), self._settings.search_match(path)
        self[path] = found
        return found


class Walk:
    """Hands the values of every field to its column and texts; `found` holds them by path."""

    def __init__(self, matches: Matches, fields: FieldNames) -> None:
        self.found: dict[str, Field] = {}
        self._matches = matches
        self._fields = fields

    def documents(self, documents: Sequence[Document]) -> None:
        """Walk through all documents; the place of each is the row of its values."""
        rows = np.arange(len(documents), dtype=np.int32)
        # Meilisearch, too, numbers the fields of documents before those inside of them.
        fields = [
            (self._field(name), places, values)
            for name, places, values in _by_key(rows, documents)
            if name not in _SPECIAL
        ]
        for found, places, values in fields:
            self._values(found, places, values)

    def _field(self, path: str) -> Field:
        found = self.found.get(path)
        if found is None:
            self._fields.number(path)
            column, search = self._matches[path]
            found = self.found[path] = Field(
                path,
                ColumnBuilder() if column is Match.YES else None,
                Entries() if search is Match.YES else None,
                column is not Match.NO or search is not Match.NO,
            )
        return found

    def _values(self, at: Field, rows: Rows, values: list[Any]) -> None:
        """Values that fields hold themselves, each with its row."""
        if not at.enter:
            return
        kinds = set(map(type, values))
        if at.column is not None:
            _flag(at.column, rows, values, kinds)
        if not kinds <= _SCALARS:
            rows, values, kinds = _flattened(rows, values, kinds)
            self._objects(at, *_only({dict}, rows, values, kinds))
            rows, values = _only(_SCALARS, rows, values, kinds)
        _scalars(at, rows, values, kinds)

    def _objects(self, at: Field, rows: Rows, objects: list[Document]) -> None:
        for key, places, values in _by_key(rows, objects):
            below = at.below.get(key)
            if below is None:
                below = at.below[key] = self._field(f"{at.path}.{key}")
            self._values(below, places, values)


def _by_key(rows: Rows, objects: Sequence[Document]) -> Iterable[tuple[str, Rows, list[Any]]]:
    """For each key the rows that have it, and their values."""
    shapes = set(map(tuple, objects))
    if len(shapes) == 1:
        for key in shapes.pop():
            yield key, rows, list(map(itemgetter(key), objects))
        return
    found: dict[str, tuple[list[int], list[Any]]] = {}
    for place, item in enumerate(objects):
        for key, value in item.items():
            places, values = found.setdefault(key, ([], []))
            places.append(place)
            values.append(value)
    for key, (places, values) in found.items():
        yield key, rows[places], values


def _only(wanted: Kinds, rows: Rows, values: list[Any], kinds: Kinds) -> tuple[Rows, list[Any]]:
    """The values of the wanted kinds."""
    if kinds <= wanted:
        return rows, values
    chosen = [type(value) in wanted for value in values]
    return rows[np.array(chosen, bool)], list(compress(values, chosen))


def _flag(column: ColumnBuilder, rows: Rows, values: list[Any], kinds: Kinds) -> None:
    """Say of values that a column does not hold that they are there, and in what way."""
    if NoneType in kinds:
        column.flag(_only({NoneType}, rows, values, kinds)[0], EXISTS | NULL)
    if str in kinds and "" in values:
        column.flag(rows[[value == "" for value in values]], EXISTS | EMPTY)
    if dict in kinds or list in kinds:
        holders, found = _only({dict, list}, rows, values, kinds)
        column.flag(holders, EXISTS)
        column.flag(holders[[not value for value in found]], EMPTY)


def _flattened(rows: Rows, values: list[Any], kinds: Kinds) -> tuple[Rows, list[Any], Kinds]:
    """Lists replaced by what they hold, and lists in these, until there is none."""
    while list in kinds:
        lists = values if len(kinds) == 1 else [v if type(v) is list else [v] for v in values]
        rows = np.repeat(rows, np.fromiter(map(len, lists), np.int64, len(lists)))
        values = list(chain.from_iterable(lists))
        kinds = set(map(type, values))
    return rows, values, kinds


def _scalars(at: Field, rows: Rows, values: list[Any], kinds: Kinds) -> None:
    """Hand on strings, numbers and booleans; these count as the words true and false."""
    if bool in kinds:
        words = {True: "true", False: "false"}
        values = [words[value] if type(value) is bool else value for value in values]
    if at.column is not None:
        if str in kinds and "" in values:
            filled = [value != "" for value in values]
            at.column.values.add(rows[np.array(filled, bool)], list(compress(values, filled)))
        else:
            at.column.values.add(rows, values)
    if at.texts is not None:
        if not kinds.isdisjoint(_NUMBERS):
            values = [
                orjson.dumps(value).decode() if type(value) in _NUMBERS else value
                for value in values
            ]
        at.texts.add(rows, values)
