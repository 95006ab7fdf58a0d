"""From documents to the arrays of a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.index.column_building import ColumnBuilder
from meililite.index.columns import EMPTY, EXISTS, NULL
from meililite.index.fields import FieldNames
from meililite.index.geo import parse_place, unit_vectors
from meililite.index.patterns import Match
from meililite.index.segment import Arrays, table_arrays
from meililite.index.settings import Settings
from meililite.index.strings import StringTable
from meililite.index.tokens import Tokenizer
from meililite.index.words_building import Texts, index_words

_SPECIAL = ("_geojson", "_vectors")  # neither searched nor filtered as fields


@dataclass(frozen=True)
class Stored:
    """A document as it is to be indexed; `raw` is its JSON."""

    number: int
    id: str
    raw: bytes
    document: dict[str, Any]


@dataclass
class _Field:
    """What happens with the values at one path."""

    column: ColumnBuilder | None
    texts: Texts | None
    enter: bool  # whether something below the path is wanted


@dataclass
class SegmentBuilder:
    """Builds segments for one state of the settings; `fields` learns new names."""

    settings: Settings
    fields: FieldNames
    tokenizer: Tokenizer = field(init=False)

    def __post_init__(self) -> None:
        self.tokenizer = Tokenizer(self.settings)

    def build(self, documents: Sequence[Stored], gone: Sequence[int]) -> tuple[Arrays, Any]:
        """(arrays, meta) of a segment with the documents (ascending numbers), without `gone`."""
        visit = _Visit(self.settings, self.fields)
        for row, stored in enumerate(documents):
            visit.document(row, stored.document)
        numbers = np.array([stored.number for stored in documents], np.int64)
        arrays: Arrays = {
            "documents/numbers": numbers,
            "documents/gone": np.array(sorted(gone), np.int64),
            **table_arrays("documents", StringTable.of(stored.raw for stored in documents)),
            **_ids(documents),
            **_shapes(documents),
        }
        texts = {
            self.fields.number(name): plan.texts
            for name, plan in visit.plans.items()
            if plan.texts is not None
        }
        exact = self.settings.typo.exact_attributes
        exact_fields = frozenset(number for number in texts if self.fields.names[number] in exact)
        arrays |= index_words(texts, numbers, self.tokenizer.words, exact_fields)
        columns: list[str] = []
        for name, plan in visit.plans.items():
            if plan.column is not None:
                arrays |= plan.column.column(len(documents)).arrays(f"column/{len(columns)}")
                columns.append(name)
        arrays |= self._places(documents)
        return arrays, {"columns": columns, "exact": sorted(exact_fields)}

    def _places(self, documents: Sequence[Stored]) -> Arrays:
        found: Arrays = {}
        if self.settings.geo_enabled:
            places = [parse_place(s.id, s.document.get("_geo")) for s in documents]
            filled = np.array([place or (np.nan, np.nan) for place in places]).reshape(-1, 2)
            found["places/degrees"] = filled
            found["places/vectors"] = unit_vectors(filled[:, 0], filled[:, 1])
        if self.settings.geojson_filterable:
            shaped = [s for s in documents if "_geojson" in s.document]
            found["geojson/numbers"] = np.array([s.number for s in shaped], np.int64)
            shapes = StringTable.of(orjson.dumps(s.document["_geojson"]) for s in shaped)
            found |= table_arrays("geojson", shapes)
        return found


class _Visit:
    """Walks documents and hands the values of every field to its column and texts."""

    def __init__(self, settings: Settings, fields: FieldNames) -> None:
        self.settings = settings
        self.fields = fields
        self.plans: dict[str, _Field] = {}

    def document(self, row: int, document: dict[str, Any]) -> None:
        for name, value in document.items():
            if name not in _SPECIAL:
                self._value(name, value, row)

    def _plan(self, path: str) -> _Field:
        plan = self.plans.get(path)
        if plan is None:
            self.fields.number(path)
            column = self.settings.column_match(path)
            search = self.settings.search_match(path)
            plan = self.plans[path] = _Field(
                ColumnBuilder() if column is Match.YES else None,
                Texts() if search is Match.YES else None,
                column is not Match.NO or search is not Match.NO,
            )
        return plan

    def _value(self, path: str, value: Any, row: int) -> None:
        plan = self.plans.get(path) or self._plan(path)
        kind = value.__class__
        if plan.column is not None:
            _flag(plan.column, value, row)
        if kind is dict:
            if plan.enter:
                for key, item in value.items():
                    self._value(f"{path}.{key}", item, row)
        elif kind is list:
            if plan.enter:
                self._items(path, plan, value, row)
        elif value is not None:
            _scalar(plan, value, row)

    def _items(self, path: str, plan: _Field, items: list[Any], row: int) -> None:
        for item in items:
            kind = item.__class__
            if kind is dict:
                for key, value in item.items():
                    self._value(f"{path}.{key}", value, row)
            elif kind is list:
                self._items(path, plan, item, row)
            elif item is not None:
                _scalar(plan, item, row)


def _scalar(plan: _Field, value: Any, row: int) -> None:
    if value is True or value is False:
        value = "true" if value else "false"
    if plan.column is not None and value != "":
        plan.column.add(row, value)
    if plan.texts is not None:
        text = value if value.__class__ is str else orjson.dumps(value).decode()
        plan.texts.add(row, text)


def _flag(column: ColumnBuilder, value: Any, row: int) -> None:
    if value is None:
        column.flag(row, EXISTS | NULL)
    elif not value and value.__class__ in (str, list, dict):
        column.flag(row, EXISTS | EMPTY)
    else:
        column.flag(row, EXISTS)


def _ids(documents: Sequence[Stored]) -> Arrays:
    encoded = [stored.id.encode() for stored in documents]
    order = sorted(range(len(encoded)), key=encoded.__getitem__)
    rows: NDArray[np.int64] = np.array(order, np.int64)
    return {**table_arrays("ids", StringTable.of(encoded[i] for i in order)), "ids/rows": rows}


def _shapes(documents: Sequence[Stored]) -> Arrays:
    """Which top-level fields each document has: documents of one shape share a number."""
    numbers: dict[tuple[str, ...], int] = {}
    shapes = np.array(
        [numbers.setdefault(tuple(s.document), len(numbers)) for s in documents], np.int32
    )
    table = StringTable.of(orjson.dumps(list(names)) for names in numbers)
    return {"shapes/rows": shapes, **table_arrays("shapes", table)}
