"""One state of an index, read from its segments: the younger ones lie over the older."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meililite.index.column_merging import overlay, placed
from meililite.index.columns import Column, empty_column
from meililite.index.facet_levels import BUILT, Groups, Packed, groups, unpacked
from meililite.index.fields import FieldNames
from meililite.index.memory import Memory
from meililite.index.merging import shape_names, stored_column
from meililite.index.postings import Postings
from meililite.index.segment import Segment
from meililite.index.settings import Settings
from meililite.index.strings import StringTable
from meililite.index.tokens import Tokenizer
from meililite.index.vocabulary import Vocabulary

_NOBODY = 255  # no segment holds the document
_ROOM = 1 << 26  # bytes of results that are kept for later searches,
_ROOM_EACH = 150  # and for each document, if that is more


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
        self.columns: dict[str, Column] = {}  # those in use
        last = [s["documents/numbers"][-1] for s in segments if len(s["documents/numbers"])]
        self.size = int(max(last, default=-1)) + 1
        room = max(_ROOM, _ROOM_EACH * self.size)
        self.memory = Memory(room)  # of this version
        self.terms = Memory(room)  # of what words mean and where they are
        self.holder = np.full(self.size, _NOBODY, np.uint8)
        for index, segment in enumerate(segments):
            gone = segment["documents/gone"]
            self.holder[gone[gone < self.size]] = _NOBODY
            self.holder[segment["documents/numbers"]] = index

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        return np.asarray(self.holder != _NOBODY)

    @cached_property
    def nothing(self) -> NDArray[np.bool_]:
        """A mask of no document."""
        return np.zeros(self.size, bool)

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

    @cached_property
    def formatting_tokenizer(self) -> Tokenizer:
        """Highlighting marks stop words too."""
        return Tokenizer(replace(self.settings, stop_words=frozenset()))

    @cached_property
    def postings(self) -> Postings:
        return Postings(self.segments, self.holder)

    def column(self, name: str) -> Column:
        """The column of a field; one without values if the field has none."""
        found = self.columns.get(name)
        if found is None:
            found = self.columns[name] = self._overlaid(name)
        return found

    def groups(self, name: str, kind: str, values: int) -> list[Groups]:
        """The levels of Meilisearch's groups of values.

        kind: `facet_levels.NUMBERS` or `STRINGS`. values: how many are in use; a value is its
        place among those.
        """

        def find() -> list[Groups]:
            packed = None if self._trees is None else self._trees.get(name, {}).get(kind, ())
            return groups(BUILT[kind](values) if packed is None else unpacked(packed))

        return self.memory.get(("groups", name, kind), find)

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
