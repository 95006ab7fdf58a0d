"""One state of an index, read from its segments: the younger ones lie over the older."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from meililite.index.column_merging import combine, compacted, overlay, placed, selected
from meililite.index.columns import Column, empty_column
from meililite.index.facet_levels import BUILT, Packed, starts, unpacked
from meililite.index.fields import FieldNames
from meililite.index.merging import shape_names, stored_column
from meililite.index.postings import Postings
from meililite.index.segment import Segment
from meililite.index.settings import Settings
from meililite.index.strings import StringTable
from meililite.index.tokens import Tokenizer
from meililite.index.vocabulary import Vocabulary

_NOBODY = 255  # no segment holds the document
_REMEMBERED = 4000  # results that are kept for later searches, and their size
_REMEMBERED_BYTES = 1 << 26

_T = TypeVar("_T")


class Snapshot:
    """Documents are numbered 0 to before `size`; `alive` says which numbers are in use."""

    def __init__(
        self,
        segments: Sequence[Segment],
        settings: Settings,
        fields: FieldNames,
        name: str = "",
        trees: Packed | None = None,
    ) -> None:
        self.segments = segments
        self.settings = settings
        self.fields = fields
        self.name = name
        self._trees = trees
        self._columns: dict[str, Column] = {}
        self._memory: dict[tuple[Any, ...], Any] = {}
        self._remembered = 0
        last = [s["documents/numbers"][-1] for s in segments if len(s["documents/numbers"])]
        self.size = int(max(last, default=-1)) + 1
        self.holder = np.full(self.size, _NOBODY, np.uint8)
        for index, segment in enumerate(segments):
            gone = segment["documents/gone"]
            self.holder[gone[gone < self.size]] = _NOBODY
            self.holder[segment["documents/numbers"]] = index

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        return np.asarray(self.holder != _NOBODY)

    @cached_property
    def count(self) -> int:
        return int(np.count_nonzero(self.alive))

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer(self.settings)

    @property
    def place(self) -> str:
        """What stands before messages about the index's settings."""
        return f"Index `{self.name}`: " if self.name else ""

    @property
    def by_attribute(self) -> bool:
        return self.settings.by_attribute

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.segments)

    @cached_property
    def synonyms(self) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
        """Words, and the words that mean the same, as the tokenizer cuts them."""

        def cut(text: str) -> tuple[str, ...]:
            tokens = self.tokenizer.tokens(text)
            return tuple(t.lemma for t in tokens if not t.is_separator and t.lemma)

        found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for word, others in self.settings.synonyms.items():
            meanings = [cut(other) for other in others]
            if cut(word):
                known = found.setdefault(cut(word), [])
                known += [meaning for meaning in meanings if meaning]
        return found

    @cached_property
    def weights(self) -> NDArray[np.int16]:
        """For each field its rank among the searched ones."""
        return np.array([self.settings.weight(name) for name in self.fields.names], np.int16)

    @property
    def max_weight(self) -> int:
        searchable = self.settings.searchable
        return 0 if searchable is None else max(len(searchable) - 1, 0)

    @cached_property
    def tolerant_fields(self) -> NDArray[np.bool_]:
        """For each field whether its words may be found with typos."""
        exact = self.settings.typo.exact_attributes
        return np.array([name not in exact for name in self.fields.names], bool)

    def field_mask(self, numbers: set[int]) -> NDArray[np.bool_]:
        mask = np.zeros(len(self.fields.names), bool)
        mask[sorted(numbers)] = True
        return mask

    def remember(self, key: tuple[Any, ...], make: Callable[[], _T]) -> _T:
        """What `make` gives, kept for later searches of this version."""
        if key in self._memory:
            found: _T = self._memory[key]
            return found
        made = make()
        if len(self._memory) >= _REMEMBERED or self._remembered > _REMEMBERED_BYTES:
            self._memory.clear()
            self._remembered = 0
        self._memory[key] = made
        self._remembered += getattr(made, "nbytes", 0)
        return made

    @cached_property
    def formatting_tokenizer(self) -> Tokenizer:
        """Highlighting marks stop words too."""
        return Tokenizer(replace(self.settings, stop_words=frozenset()))

    @cached_property
    def postings(self) -> Postings:
        return Postings(self.segments, self.holder)

    def column(self, name: str) -> Column:
        """The column of a field; one without values if the field has none."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._overlaid(name)
        return found

    def group_starts(self, name: str, kind: str, values: int) -> list[NDArray[np.int64]]:
        """For each level of Meilisearch's groups of values the first value of every group.

        kind: `facet_levels.NUMBERS` or `STRINGS`. values: how many are in use; a value is its
        place among those.
        """

        def find() -> list[NDArray[np.int64]]:
            packed = None if self._trees is None else self._trees.get(name, {}).get(kind, ())
            return starts(BUILT[kind](values) if packed is None else unpacked(packed))

        return self.remember(("groups", name, kind), find)

    def _overlaid(self, name: str) -> Column:
        """The oldest segment's column with all younger ones laid over it at once."""
        if not self.segments:
            return empty_column(0)
        oldest, *younger = self.segments
        base = placed(stored_column(oldest, name), oldest["documents/numbers"], self.size)
        if not younger:
            return base
        changed = self._changed
        merged = empty_column(len(changed))
        for segment in younger:
            gone = np.searchsorted(changed, segment["documents/gone"])
            gone = gone[gone < len(changed)]
            if len(gone):
                merged = overlay(merged, gone, empty_column(len(gone)), len(changed))
            rows = np.searchsorted(changed, segment["documents/numbers"])
            merged = overlay(merged, rows, stored_column(segment, name), len(changed))
        return overlay(base, changed, merged, self.size)

    @cached_property
    def _changed(self) -> NDArray[np.int64]:
        """The documents that the segments after the oldest replace or drop."""
        mask = np.zeros(self.size, bool)
        for segment in self.segments[1:]:
            for part in ("documents/numbers", "documents/gone"):
                numbers = segment[part]
                mask[numbers[numbers < self.size]] = True
        return np.flatnonzero(mask)

    def inherit(self, before: Snapshot, touched: Sequence[int] | None) -> None:
        """Make ready what the version before had in use.

        touched: the only documents that differ from it; None if they are not known.
        """
        if before.settings.raw != self.settings.raw:
            return
        # A new oldest segment has columns without the values that nobody holds any more.
        same_oldest = before.segments[:1] == self.segments[:1]
        anew = touched is None or not same_oldest or before.size > self.size
        changes = _Changes(self, () if anew or touched is None else touched)
        for name, column in list(before._columns.items()):
            if anew:
                self.column(name)
            else:
                self._columns[name] = changes.replaced(column, name)

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """Unit vectors of the documents' places; NaN for those without."""
        return self._laid("places/vectors", 3)

    @cached_property
    def degrees(self) -> NDArray[np.float64]:
        """(latitude, longitude) of the documents' places; NaN for those without."""
        return self._laid("places/degrees", 2)

    def _laid(self, name: str, width: int) -> NDArray[np.float64]:
        if len(self.segments) == 1 and name in self.segments[0]:
            array: NDArray[np.float64] = self.segments[0][name]
            if len(array) == self.size:
                return array
        laid = np.full((self.size, width), np.nan)
        for segment in self.segments:
            if name in segment:
                laid[segment["documents/numbers"]] = segment[name]
        laid[~self.alive] = np.nan
        return laid

    def shapes(self) -> list[tuple[int, bytes]]:
        """(number, GeoJSON) of every document with a `_geojson`."""
        found: list[tuple[int, bytes]] = []
        for index, segment in enumerate(self.segments):
            if "geojson/numbers" in segment:
                numbers = segment["geojson/numbers"].tolist()
                pairs = zip(numbers, segment.strings("geojson"), strict=True)
                found += [(n, shape) for n, shape in pairs if self.holder[n] == index]
        return sorted(found)

    def body(self, number: int) -> bytes:
        """The JSON of a document."""
        segment: Segment = self.segments[self.holder[number]]
        numbers = segment["documents/numbers"]
        row = number if len(numbers) == self.size else int(np.searchsorted(numbers, number))
        return segment.strings("documents")[row]

    def number(self, document_id: str) -> int | None:
        """The number of the document with the id."""
        key = document_id.encode("utf-8", "surrogatepass")
        for index in range(len(self.segments) - 1, -1, -1):
            segment = self.segments[index]
            table: StringTable = segment.strings("ids")
            at = table.find(key)
            if at >= 0:
                number = int(segment["documents/numbers"][segment["ids/rows"][at]])
                if self.holder[number] == index:
                    return number
        return None

    def field_distribution(self) -> dict[str, int]:
        """How many documents have each top-level field."""
        counts: dict[str, int] = {}
        for index, segment in enumerate(self.segments):
            held = self.holder[segment["documents/numbers"]] == index
            shapes = shape_names(segment)
            totals = np.bincount(segment["shapes/rows"][held], minlength=len(shapes))
            for names, total in zip(shapes, totals.tolist(), strict=True):
                for name in names if total else ():
                    counts[name] = counts.get(name, 0) + total
        return dict(sorted(counts.items()))


# Segments, their rows that hold documents, and the places of these among the documents.
HeldRows = list[tuple[Segment, NDArray[np.int64], NDArray[np.int64]]]


def held_rows(snapshot: Snapshot, documents: NDArray[np.int64]) -> HeldRows:
    """Where the documents (ascending numbers) are; nowhere for those that are not there."""
    holders = np.full(len(documents), _NOBODY, np.uint8)
    inside = documents < snapshot.size
    holders[inside] = snapshot.holder[documents[inside]]
    found: HeldRows = []
    for index in np.unique(holders[holders != _NOBODY]).tolist():
        segment, places = snapshot.segments[index], np.flatnonzero(holders == index)
        rows = np.searchsorted(segment["documents/numbers"], documents[places])
        found.append((segment, rows, places))
    return found


class _Changes:
    """Documents that differ between two versions, and where the segments of the newer hold them."""

    def __init__(self, snapshot: Snapshot, touched: Sequence[int]) -> None:
        self._size = snapshot.size
        self._documents = np.array([n for n in touched if n < snapshot.size], np.int64)
        self._held = held_rows(snapshot, self._documents)

    def replaced(self, column: Column, name: str) -> Column:
        """An earlier column with the rows of the documents as they are now."""
        parts = [
            compacted(selected(stored_column(segment, name), rows))
            for segment, rows, _ in self._held
        ]
        count = len(self._documents)
        fresh = empty_column(count)
        if parts:
            fresh = combine(parts, [places for _, _, places in self._held], count)
        return overlay(column, self._documents, fresh, self._size)
