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
from meililite.index.geojson import parse_shape
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

    path: str
    column: ColumnBuilder | None
    texts: Texts | None
    enter: bool  # whether something below the path is wanted
    below: dict[str, _Field] = field(default_factory=dict)


@dataclass
class SegmentBuilder:
    """Builds segments for one state of the settings; `fields` learns new names."""

    settings: Settings
    fields: FieldNames
    tokenizer: Tokenizer = field(init=False)

    def __post_init__(self) -> None:
        self.tokenizer = Tokenizer(self.settings)

    def build(self, documents: Sequence[Stored], gone: Sequence[int]) -> tuple[Arrays, Any]:
        """(arrays, meta) of a segment with the documents (ascending numbers), without `gone`.

        Raises ApiError(invalid_document_geo_field) for a bad `_geo` or `_geojson`.
        """
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
            places = [
                parse_place(s.id, s.document["_geo"]) if "_geo" in s.document else None
                for s in documents
            ]
            filled = np.array([place or (np.nan, np.nan) for place in places]).reshape(-1, 2)
            found["places/degrees"] = filled
            found["places/vectors"] = unit_vectors(filled[:, 0], filled[:, 1])
        if self.settings.geojson_filterable:
            shaped = [s for s in documents if "_geojson" in s.document]
            for stored in shaped:
                parse_shape(stored.document["_geojson"])
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
                self._value(self.plans.get(name) or self._plan(name), value, row)

    def _plan(self, path: str) -> _Field:
        plan = self.plans.get(path)
        if plan is None:
            self.fields.number(path)
            column = self.settings.column_match(path)
            search = self.settings.search_match(path)
            plan = self.plans[path] = _Field(
                path,
                ColumnBuilder() if column is Match.YES else None,
                Texts() if search is Match.YES else None,
                column is not Match.NO or search is not Match.NO,
            )
        return plan

    def _value(self, plan: _Field, value: Any, row: int) -> None:
        kind = value.__class__
        if kind is dict or kind is list:
            if plan.column is not None:
                plan.column.flag(row, EXISTS if value else EXISTS | EMPTY)
            if plan.enter:
                self._inside(plan, value, row)
        elif value is None:
            if plan.column is not None:
                plan.column.flag(row, EXISTS | NULL)
        elif value == "":
            if plan.column is not None:
                plan.column.flag(row, EXISTS | EMPTY)
            _scalar(plan, value, row)
        else:
            _scalar(plan, value, row)

    def _inside(self, plan: _Field, value: Any, row: int) -> None:
        if value.__class__ is dict:
            for key, item in value.items():
                below = plan.below.get(key)
                if below is None:
                    below = plan.below[key] = self._plan(f"{plan.path}.{key}")
                self._value(below, item, row)
            return
        for item in value:
            kind = item.__class__
            if kind is dict or kind is list:
                self._inside(plan, item, row)
            elif item is not None:
                _scalar(plan, item, row)


def _scalar(plan: _Field, value: Any, row: int) -> None:
    kind = value.__class__
    if kind is bool:
        value = "true" if value else "false"
    column, texts = plan.column, plan.texts
    if column is not None and value != "":
        column.rows.append(row)
        column.values.append(value)
    if texts is not None:
        texts.rows.append(row)
        numeric = kind is int or kind is float
        texts.texts.append(orjson.dumps(value).decode() if numeric else value)


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
