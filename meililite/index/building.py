"""From documents to the arrays of a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.index.fields import FieldNames
from meililite.index.geo import parse_place, unit_vectors
from meililite.index.geojson import parse_shape
from meililite.index.segment import Arrays, table_arrays
from meililite.index.settings import Settings
from meililite.index.strings import StringTable
from meililite.index.tokens import Tokenizer
from meililite.index.walking import Matches, Walk
from meililite.index.words_building import index_words


@dataclass(frozen=True)
class Stored:
    """A document as it is to be indexed; `raw` is its JSON."""

    number: int
    id: str
    raw: bytes
    document: dict[str, Any]


@dataclass
class SegmentBuilder:
    """Builds segments for one state of the settings; `fields` learns new names."""

    settings: Settings
    fields: FieldNames
    tokenizer: Tokenizer = field(init=False)
    _matches: Matches = field(init=False)

    def __post_init__(self) -> None:
        self.tokenizer = Tokenizer(self.settings)
        self._matches = Matches(self.settings)

    def build(self, documents: Sequence[Stored], gone: Sequence[int]) -> tuple[Arrays, Any]:
        """(arrays, meta) of a segment with the documents (ascending numbers), without `gone`.

        Raises ApiError(invalid_document_geo_field) for a bad `_geo` or `_geojson`.
        """
        walk = Walk(self._matches, self.fields)
        walk.documents([stored.document for stored in documents])
        numbers = np.array([stored.number for stored in documents], np.int64)
        arrays: Arrays = {
            "documents/numbers": numbers,
            "documents/gone": np.array(sorted(gone), np.int64),
            **table_arrays("documents", StringTable.of(stored.raw for stored in documents)),
            **_ids(documents),
            **_shapes(documents),
        }
        texts = {
            self.fields.number(name): found.texts
            for name, found in walk.found.items()
            if found.texts is not None
        }
        exact = self.settings.typo.exact_attributes
        exact_fields = frozenset(number for number in texts if self.fields.names[number] in exact)
        arrays |= index_words(texts, numbers, self.tokenizer.words, exact_fields)
        columns: list[str] = []
        for name, found in walk.found.items():
            if found.column is not None:
                arrays |= found.column.column(len(documents)).arrays(f"column/{len(columns)}")
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
