"""Several segments into one: the younger ones win, and what nobody sees is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.index.column_merging import combine, compacted, selected
from meililite.index.columns import Column, column_of, empty_column
from meililite.index.segment import Arrays, Segment, table_arrays
from meililite.index.strings import StringTable, merge_sorted
from meililite.index.words_building import documents_of, ranked_postings

Numbers = NDArray[np.int64]


def merge(segments: Sequence[Segment], *, oldest: bool) -> tuple[Arrays, dict[str, Any]]:
    """(arrays, meta) of one segment in place of several, oldest first.

    oldest: nothing older remains, so the documents that are gone need no mention.
    """
    survivors = surviving_rows(segments)
    numbers = np.concatenate(
        [s["documents/numbers"][rows] for s, rows in zip(segments, survivors, strict=True)]
    )
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    gone = np.unique(np.concatenate([segment["documents/gone"] for segment in segments]))
    arrays: Arrays = {
        "documents/numbers": numbers,
        "documents/gone": np.zeros(0, np.int64) if oldest else np.setdiff1d(gone, numbers),
    }
    arrays |= table_arrays("documents", _taken(segments, survivors, order, "documents"))
    arrays |= _ids(segments, survivors, order)
    arrays |= _shapes(segments, survivors, order)
    arrays |= _words(segments, survivors, numbers)
    arrays |= _places(segments, survivors, order)
    columns, names = _columns(segments, survivors, numbers)
    arrays |= columns
    return arrays, {"columns": names, "exact": segments[-1].meta["exact"]}


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


def _taken(
    segments: Sequence[Segment], survivors: Sequence[Numbers], order: Numbers, name: str
) -> StringTable:
    """The strings of the surviving rows, in the order of the merged rows."""
    found: list[bytes] = []
    for segment, rows in zip(segments, survivors, strict=True):
        table = segment.strings(name)
        found += [table[row] for row in rows.tolist()]
    return StringTable.of(found[index] for index in order.tolist())


def _ids(segments: Sequence[Segment], survivors: Sequence[Numbers], order: Numbers) -> Arrays:
    ids: list[bytes] = []
    for segment, rows in zip(segments, survivors, strict=True):
        by_row = np.empty(len(segment["ids/rows"]), object)
        by_row[segment["ids/rows"]] = list(segment.strings("ids"))
        ids += by_row[rows].tolist()
    arranged = [ids[index] for index in order.tolist()]
    ranking = sorted(range(len(arranged)), key=arranged.__getitem__)
    table = StringTable.of(arranged[index] for index in ranking)
    return {**table_arrays("ids", table), "ids/rows": np.array(ranking, np.int64)}


def _shapes(segments: Sequence[Segment], survivors: Sequence[Numbers], order: Numbers) -> Arrays:
    numbers: dict[bytes, int] = {}
    rows: list[NDArray[np.int32]] = []
    for segment, kept in zip(segments, survivors, strict=True):
        places = [numbers.setdefault(s, len(numbers)) for s in segment.strings("shapes")]
        rows.append(np.array(places, np.int32)[segment["shapes/rows"][kept]])
    shapes = np.concatenate(rows)[order]
    return {"shapes/rows": shapes, **table_arrays("shapes", StringTable.of(numbers))}


def _words(segments: Sequence[Segment], survivors: Sequence[Numbers], numbers: Numbers) -> Arrays:
    vocabulary, places = merge_sorted([list(segment.strings("words")) for segment in segments])
    words: list[Numbers] = []
    keys: list[Numbers] = []
    for segment, rows, ranks in zip(segments, survivors, places, strict=True):
        postings = segment["postings/keys"]
        repeated = np.repeat(ranks, np.diff(segment["postings/starts"]))
        kept = _visible(segment, rows, documents_of(postings))
        words.append(repeated[kept])
        keys.append(postings[kept])
    all_words, all_keys = np.concatenate(words), np.concatenate(keys)
    used = np.zeros(len(vocabulary), bool)
    used[all_words] = True
    table = StringTable.of(
        word for word, keep in zip(vocabulary, used.tolist(), strict=True) if keep
    )
    exact = frozenset(segments[-1].meta["exact"])
    ranks = (np.cumsum(used) - 1)[all_words] if len(all_words) else all_words
    return {
        **ranked_postings(table, ranks, all_keys, exact, runs=True),
        **_counts(segments, survivors, numbers),
    }


def _visible(segment: Segment, rows: Numbers, documents: Numbers) -> NDArray[np.bool_]:
    numbers = segment["documents/numbers"]
    if len(rows) == len(numbers):
        return np.ones(len(documents), bool)
    mask = np.zeros(int(numbers[-1]) + 1, bool)
    mask[numbers[rows]] = True
    return mask[documents]


def _counts(segments: Sequence[Segment], survivors: Sequence[Numbers], numbers: Numbers) -> Arrays:
    fields = np.unique(np.concatenate([segment["counts/fields"] for segment in segments]))
    counts = np.zeros((len(fields), len(numbers)), np.uint8)
    for segment, rows in zip(segments, survivors, strict=True):
        at = np.searchsorted(fields, segment["counts/fields"])
        places = np.searchsorted(numbers, segment["documents/numbers"][rows])
        counts[np.ix_(at, places)] = segment["counts/rows"][:, rows]
    return {"counts/fields": fields, "counts/rows": counts}


def _places(segments: Sequence[Segment], survivors: Sequence[Numbers], order: Numbers) -> Arrays:
    found: Arrays = {}
    for name in ("places/degrees", "places/vectors"):
        if name in segments[-1]:
            parts = [s[name][rows] for s, rows in zip(segments, survivors, strict=True)]
            found[name] = np.concatenate(parts)[order]
    if "geojson/numbers" in segments[-1]:
        shapes: dict[int, bytes] = {}
        for segment, rows in zip(segments, survivors, strict=True):
            kept = set(segment["documents/numbers"][rows].tolist())
            numbers = segment["geojson/numbers"].tolist()
            pairs = zip(numbers, segment.strings("geojson"), strict=True)
            shapes |= {number: shape for number, shape in pairs if number in kept}
        found["geojson/numbers"] = np.array(sorted(shapes), np.int64)
        found |= table_arrays("geojson", StringTable.of(shapes[n] for n in sorted(shapes)))
    return found


def _columns(
    segments: Sequence[Segment], survivors: Sequence[Numbers], numbers: Numbers
) -> tuple[Arrays, list[str]]:
    names = list(dict.fromkeys(name for s in segments for name in s.meta["columns"]))
    places = [
        np.searchsorted(numbers, segment["documents/numbers"][rows])
        for segment, rows in zip(segments, survivors, strict=True)
    ]
    arrays: Arrays = {}
    for index, name in enumerate(names):
        holders = [k for k, segment in enumerate(segments) if name in segment.meta["columns"]]
        columns = [selected(stored_column(segments[k], name), survivors[k]) for k in holders]
        merged = combine(columns, [places[k] for k in holders], len(numbers))
        arrays |= compacted(merged).arrays(f"column/{index}")
    return arrays, names


def stored_column(segment: Segment, name: str) -> Column:
    """The segment's own column; one without values if it has none of the name."""
    columns: list[str] = segment.meta["columns"]
    if name in columns:
        return column_of(segment, f"column/{columns.index(name)}")
    return empty_column(len(segment["documents/numbers"]))


def shape_names(segment: Segment) -> list[list[str]]:
    """The top-level fields of each shape of the segment's documents."""
    return [orjson.loads(names) for names in segment.strings("shapes")]
