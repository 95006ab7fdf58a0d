"""Several segments into one: the younger ones win, and what nobody sees is dropped.

What is large is made part by part while it is written, so that a merge of a whole index needs
little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.index.column_merging import combine, compacted, selected
from meililite.index.columns import Column, column_of, empty_column
from meililite.index.segment import Parts, Segment, Stream, forget, table_arrays
from meililite.index.strings import StringTable, merge_sorted
from meililite.index.words_merging import merged_words

Numbers = NDArray[np.int64]

_COPIED_AT_ONCE = 1 << 25  # bytes of documents


@dataclass(frozen=True)
class Source:
    """A segment that is merged: its rows that remain, and the rows that these become."""

    segment: Segment
    rows: Numbers
    places: Numbers


def merge(segments: Sequence[Segment], *, oldest: bool) -> tuple[Parts, dict[str, Any]]:
    """(arrays, meta) of one segment in place of several, oldest first; arrays are made when read.

    oldest: nothing older remains, so the documents that are gone need no mention.
    """
    survivors = surviving_rows(segments)
    kept = [s["documents/numbers"][rows] for s, rows in zip(segments, survivors, strict=True)]
    numbers = np.sort(np.concatenate(kept))
    sources = [
        Source(segment, rows, np.searchsorted(numbers, own))
        for segment, rows, own in zip(segments, survivors, kept, strict=True)
    ]
    names = list(dict.fromkeys(name for s in segments for name in s.meta["columns"]))
    meta = {"columns": names, "exact": segments[-1].meta["exact"]}
    return _arrays(sources, numbers, names, oldest=oldest), meta


def _arrays(
    sources: Sequence[Source], numbers: Numbers, names: list[str], *, oldest: bool
) -> Parts:
    segments = [source.segment for source in sources]
    gone = np.unique(np.concatenate([segment["documents/gone"] for segment in segments]))
    yield "documents/numbers", numbers
    yield "documents/gone", np.zeros(0, np.int64) if oldest else np.setdiff1d(gone, numbers)
    yield from _bodies(sources, len(numbers))
    yield from _ids(sources, len(numbers))
    yield from _shapes(sources, len(numbers))
    yield from merged_words(segments, [_visible(source) for source in sources])
    yield from _counts(sources, len(numbers))
    yield from _places(sources, len(numbers))
    for index, name in enumerate(names):
        yield from _column(sources, len(numbers), name).arrays(f"column/{index}").items()
        forget(segments)


def surviving_rows(segments: Sequence[Segment]) -> list[Numbers]:
    """For each segment its rows that no younger segment replaces or drops."""
    size = 1 + max((_highest(segment) for segment in segments), default=-1)
    taken = np.zeros(size, bool)
    rows: list[Numbers] = []
    for segment in reversed(segments):
        numbers = segment["documents/numbers"]
        rows.append(np.flatnonzero(~taken[numbers]))
        taken[numbers] = True
        taken[segment["documents/gone"]] = True
    return rows[::-1]


def _highest(segment: Segment) -> int:
    numbers, gone = segment["documents/numbers"], segment["documents/gone"]
    return max(
        int(numbers[-1]) if len(numbers) else -1,
        int(gone[-1]) if len(gone) else -1,
    )


def _visible(source: Source) -> NDArray[np.bool_] | None:
    """By number of a document whether the segment's state of it remains; None if all do."""
    numbers = source.segment["documents/numbers"]
    if len(source.rows) == len(numbers):
        return None
    mask = np.zeros(int(numbers[-1]) + 1, bool)
    mask[numbers[source.rows]] = True
    return mask


def _bodies(sources: Sequence[Source], size: int) -> Parts:
    """The documents' JSON, copied in stretches of neighbours."""
    lengths = np.zeros(size, np.int64)
    holders = np.zeros(size, np.int16)
    rows = np.zeros(size, np.int64)
    for index, source in enumerate(sources):
        lengths[source.places] = np.diff(source.segment["documents/offsets"])[source.rows]
        holders[source.places] = index
        rows[source.places] = source.rows
    apart = (np.diff(rows) != 1) | (np.diff(holders) != 0)
    bounds = [0, *(np.flatnonzero(apart) + 1).tolist(), size]

    def copied() -> Iterator[NDArray[np.uint8]]:
        for start, stop in pairwise(bounds if size else ()):
            segment = sources[holders[start]].segment
            offsets = segment["documents/offsets"]
            first, end = int(offsets[rows[start]]), int(offsets[rows[stop - 1] + 1])
            for place in range(first, end, _COPIED_AT_ONCE):
                yield segment["documents/blob"][place : min(end, place + _COPIED_AT_ONCE)]
                if end - first > _COPIED_AT_ONCE:
                    forget([segment])

    yield "documents/offsets", np.concatenate([[0], np.cumsum(lengths)])
    yield "documents/blob", Stream(np.uint8, copied())


def _ids(sources: Sequence[Source], size: int) -> Parts:
    ids: list[list[bytes]] = []
    rows: list[Numbers] = []
    for source in sources:
        table = source.segment.strings("ids")
        place = np.full(len(table), -1)
        place[source.rows] = source.places
        own = place[source.segment["ids/rows"]]
        ids.append(list(compress(table, (own >= 0).tolist())))
        rows.append(own[own >= 0])
    arranged, ranks = merge_sorted(ids)
    merged = np.zeros(size, np.int64)
    for own, rank in zip(rows, ranks, strict=True):
        merged[rank] = own
    yield from table_arrays("ids", StringTable.of(arranged)).items()
    yield "ids/rows", merged


def _shapes(sources: Sequence[Source], size: int) -> Parts:
    numbers: dict[bytes, int] = {}
    shapes = np.zeros(size, np.int32)
    for source in sources:
        table = source.segment.strings("shapes")
        renamed = np.array([numbers.setdefault(s, len(numbers)) for s in table], np.int32)
        shapes[source.places] = renamed[source.segment["shapes/rows"][source.rows]]
    yield "shapes/rows", shapes
    yield from table_arrays("shapes", StringTable.of(numbers)).items()


def _counts(sources: Sequence[Source], size: int) -> Parts:
    fields = np.unique(np.concatenate([s.segment["counts/fields"] for s in sources]))
    counts = np.zeros((len(fields), size), np.uint8)
    for source in sources:
        own = source.segment["counts/rows"]
        at = np.searchsorted(fields, source.segment["counts/fields"])
        for row, field in enumerate(at.tolist()):
            counts[field, source.places] = own[row, source.rows]
    yield "counts/fields", fields
    yield "counts/rows", counts


def _places(sources: Sequence[Source], size: int) -> Parts:
    newest = sources[-1].segment
    for name in ("places/degrees", "places/vectors"):
        if name in newest:
            laid = np.zeros((size, newest[name].shape[1]))
            for source in sources:
                laid[source.places] = source.segment[name][source.rows]
            yield name, laid
    if "geojson/numbers" in newest:
        shapes: dict[int, bytes] = {}
        for source in sources:
            kept = set(source.segment["documents/numbers"][source.rows].tolist())
            numbers = source.segment["geojson/numbers"].tolist()
            pairs = zip(numbers, source.segment.strings("geojson"), strict=True)
            shapes |= {number: shape for number, shape in pairs if number in kept}
        yield "geojson/numbers", np.array(sorted(shapes), np.int64)
        table = StringTable.of(shapes[number] for number in sorted(shapes))
        yield from table_arrays("geojson", table).items()


def _column(sources: Sequence[Source], size: int, name: str) -> Column:
    holders = [source for source in sources if name in source.segment.meta["columns"]]
    columns = [selected(stored_column(source.segment, name), source.rows) for source in holders]
    return compacted(combine(columns, [source.places for source in holders], size))


def stored_column(segment: Segment, name: str) -> Column:
    """The segment's own column; one without values if it has none of the name."""
    columns: list[str] = segment.meta["columns"]
    if name in columns:
        return column_of(segment, f"column/{columns.index(name)}")
    return empty_column(len(segment["documents/numbers"]))


def shape_names(segment: Segment) -> list[list[str]]:
    """The top-level fields of each shape of the segment's documents."""
    return [orjson.loads(names) for names in segment.strings("shapes")]
