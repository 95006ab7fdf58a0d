"""The words of several segments into one vocabulary, one stretch of it after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from meililite.index.segment import Arrays, Parts, Segment, Stream, forget
from meililite.index.strings import StringTable, merge_sorted
from meililite.index.words_building import DOCUMENT_SHIFT, documents_of, ranked_postings

_AT_ONCE = 1 << 21  # postings that are held in memory, about

Visible = NDArray[np.bool_]
Stretch = list[tuple[int, int]]  # for each segment its words, from and to before


def merged_words(segments: Sequence[Segment], visible: Sequence[Visible | None]) -> Parts:
    """The word arrays of the segments together.

    visible: for each segment by number of a document whether its postings remain; None: all do.
    """
    done: list[Arrays] = []

    def keys() -> Iterator[NDArray[np.int64]]:
        for stretch in _stretches(segments):
            merged = _merged(segments, visible, stretch)
            yield merged.pop("postings/keys")
            done.append(merged)
            forget(segments)

    yield "postings/keys", Stream(np.int64, keys())
    none = np.zeros(0, np.int64)
    counts = np.concatenate([none, *(np.diff(part["postings/starts"]) for part in done)])
    yield "postings/starts", np.concatenate([[0], np.cumsum(counts)])
    tolerant = [part["words/tolerant"] for part in done]
    yield "words/tolerant", np.concatenate([np.zeros(0, np.uint8), *tolerant])
    lengths = np.concatenate([none, *(np.diff(part["words/offsets"]) for part in done)])
    yield "words/offsets", np.concatenate([[0], np.cumsum(lengths)])
    yield "words/blob", Stream(np.uint8, (part["words/blob"] for part in done))


def _stretches(segments: Sequence[Segment]) -> Iterator[Stretch]:
    """Parts of the vocabulary with so many postings, and so few words, that they sort quickly."""
    tables = [segment.strings("words") for segment in segments]
    largest = max(range(len(tables)), key=lambda k: len(tables[k]))
    starts, size = segments[largest]["postings/starts"], len(tables[largest])
    share = max(1, sum(len(table) for table in tables) // max(1, size))
    words = np.arange(0, size, max(1, _packed_words(segments) // share))
    postings = np.searchsorted(starts, np.arange(0, starts[-1], _AT_ONCE // share))
    before = [0] * len(tables)
    for cut in np.union1d(words, postings)[1:].tolist():
        if cut < size:
            word = tables[largest][cut]
            upto = [table.bisect(word) for table in tables]
            yield list(zip(before, upto, strict=True))
            before = upto
    yield list(zip(before, map(len, tables), strict=True))


def _packed_words(segments: Sequence[Segment]) -> int:
    """How many words may stand together with the postings of all documents in 63 bits."""
    last = [s["documents/numbers"][-1] for s in segments if len(s["documents/numbers"])]
    bits = DOCUMENT_SHIFT + int(max(last, default=0)).bit_length()
    return 1 << max(0, 61 - bits)


def _merged(
    segments: Sequence[Segment], visible: Sequence[Visible | None], stretch: Stretch
) -> Arrays:
    """The word arrays of one stretch."""
    words = [
        segment.strings("words").slice(*bounds)
        for segment, bounds in zip(segments, stretch, strict=True)
    ]
    vocabulary, places = merge_sorted(words)
    ranks: list[NDArray[np.int64]] = []
    keys: list[NDArray[np.int64]] = []
    for segment, mask, (low, high), own in zip(segments, visible, stretch, places, strict=True):
        starts = segment["postings/starts"][low : high + 1]
        postings = segment["postings/keys"][starts[0] : starts[-1]]
        repeated = np.repeat(own, np.diff(starts))
        if mask is not None:
            kept = mask[documents_of(postings)]
            repeated, postings = repeated[kept], postings[kept]
        ranks.append(repeated)
        keys.append(postings)
    all_ranks = np.concatenate(ranks)
    used = np.bincount(all_ranks, minlength=len(vocabulary)) > 0
    table = StringTable.of(compress(vocabulary, used.tolist()))
    renumbered = (np.cumsum(used) - 1)[all_ranks] if len(all_ranks) else all_ranks
    exact = frozenset(segments[-1].meta["exact"])
    return ranked_postings(table, renumbered, np.concatenate(keys), exact, runs=True)
