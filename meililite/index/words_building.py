"""From the texts of documents to a vocabulary and postings.

A posting is one number: the document, the field and the position of the word in it, so that
sorted postings of a word are in order of the documents, and neighbours in a text differ by 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meililite.index.entries import Entries, Rows
from meililite.index.segment import Arrays, table_arrays
from meililite.index.strings import StringTable
from meililite.index.tokens import HARD_DISTANCE

FIELD_SHIFT = 17
DOCUMENT_SHIFT = 30
MAX_POSITION = (1 << 16) - 2
MAX_COUNTED_WORDS = 30

Words = Callable[[str], tuple[list[str], list[int]]]


class _Numbers(dict[str, int]):
    """Numbers new keys in order of their first use."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


@dataclass
class _Occurrences:
    """Parallel arrays, one entry for each word of each text."""

    words: NDArray[np.int64]
    rows: Rows
    positions: NDArray[np.int64]


def index_words(
    texts: dict[int, Entries[str]],
    documents: NDArray[np.int64],
    words_of: Words,
    exact_fields: frozenset[int],
) -> Arrays:
    """The word arrays of a segment.

    texts: by number of the field; documents: the internal id of each row, ascending;
    exact_fields: those in which words must be written without typos.
    """
    vocabulary = _Numbers()
    keys: list[NDArray[np.int64]] = []
    words: list[NDArray[np.int64]] = []
    counts = np.zeros((len(texts), len(documents)), np.uint8)
    numbers = sorted(texts)
    for index, number in enumerate(numbers):
        found = _occurrences(texts[number], words_of, vocabulary)
        counted = np.bincount(found.rows, minlength=len(documents))
        counts[index] = np.minimum(counted, MAX_COUNTED_WORDS + 1)
        at = (documents[found.rows] << DOCUMENT_SHIFT) | (number << FIELD_SHIFT)
        keys.append(at | found.positions)
        words.append(found.words)
    return {
        **postings_arrays(list(vocabulary), _joined(words), _joined(keys), exact_fields),
        "counts/fields": np.array(numbers, np.int32),
        "counts/rows": counts,
    }


def _joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts or [np.zeros(0, np.int64)])


def _occurrences(field_texts: Entries[str], words_of: Words, vocabulary: _Numbers) -> _Occurrences:
    """Every distinct text is cut once; its words are then copied to where it occurs."""
    distinct: dict[str, int] = _Numbers()
    rows, all_texts = field_texts.ordered()
    codes = np.fromiter(map(distinct.__getitem__, all_texts), np.int64, len(all_texts))
    lengths = np.zeros(len(distinct), np.int64)
    words: list[int] = []
    positions: list[int] = []
    spans = np.zeros(len(distinct), np.int64)
    for text, code in distinct.items():
        cut, places = words_of(text)
        lengths[code] = len(cut)
        if cut:
            words += map(vocabulary.__getitem__, cut)
            positions += places
            spans[code] = places[-1]
    offsets = _offsets(rows, spans[codes] + HARD_DISTANCE)
    repeated = lengths[codes]
    starts = (np.cumsum(lengths) - lengths)[codes]
    total = int(repeated.sum())
    source = np.arange(total) + np.repeat(starts - (np.cumsum(repeated) - repeated), repeated)
    placed = np.array(positions, np.int64)[source] + np.repeat(offsets, repeated)
    keep = placed <= MAX_POSITION
    return _Occurrences(
        np.array(words, np.int64)[source][keep],
        np.repeat(rows, repeated)[keep],
        placed[keep],
    )


def _offsets(rows: Rows, spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each text starts: behind the texts that stand before it in the same row."""
    if not len(rows):
        return spans
    before = np.cumsum(spans) - spans
    first = np.ones(len(rows), bool)
    first[1:] = rows[1:] != rows[:-1]
    starts = np.flatnonzero(first)
    base = np.repeat(before[starts], np.diff(np.append(starts, len(rows))))
    return before - base


def postings_arrays(
    vocabulary: list[str],
    words: NDArray[np.int64],
    keys: NDArray[np.int64],
    exact_fields: frozenset[int],
) -> Arrays:
    """The word arrays of the postings `keys`, each of the word `vocabulary[words[i]]`."""
    encoded = [word.encode("utf-8", "surrogatepass") for word in vocabulary]
    order = sorted(range(len(encoded)), key=encoded.__getitem__)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    table = StringTable.of(encoded[index] for index in order)
    return ranked_postings(table, rank[words], keys, exact_fields)


def ranked_postings(
    table: StringTable,
    ranks: NDArray[np.int64],
    keys: NDArray[np.int64],
    exact_fields: frozenset[int],
    *,
    runs: bool = False,
) -> Arrays:
    """The word arrays of the postings `keys`, each of the word `table[ranks[i]]`."""
    tolerant = np.zeros(len(table), np.uint8)
    if exact_fields:
        loose = np.ones(1 << (DOCUMENT_SHIFT - FIELD_SHIFT), bool)
        loose[sorted(exact_fields)] = False
        tolerant[ranks[loose[fields_of(keys)]]] = 1
    else:
        tolerant[:] = 1
    arranged, starts = sort_postings(ranks, keys, len(table), runs=runs)
    return {
        **table_arrays("words", table),
        "words/tolerant": tolerant,
        "postings/starts": starts,
        "postings/keys": arranged,
    }


def documents_of(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    return keys >> DOCUMENT_SHIFT


def fields_of(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    return (keys >> FIELD_SHIFT) & ((1 << (DOCUMENT_SHIFT - FIELD_SHIFT)) - 1)


def positions_of(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    return keys & ((1 << FIELD_SHIFT) - 1)


def sort_postings(
    ranks: NDArray[np.int64], keys: NDArray[np.int64], words: int, *, runs: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(keys ordered by word and then by themselves, where each word starts and the last ends).

    runs: the keys are a few sorted runs one after another, which only need merging.
    """
    counts = np.bincount(ranks, minlength=words)
    starts = np.zeros(words + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    if not len(keys):
        return keys, starts
    least = int(keys.min())
    bits = (int(keys.max()) - least).bit_length()
    if bits + max(1, words).bit_length() < 63:
        packed = (ranks << bits) | (keys - least)
        packed.sort(kind="stable" if runs else None)
        return (packed & ((1 << bits) - 1)) + least, starts
    return keys[np.lexsort((keys, ranks))], starts
