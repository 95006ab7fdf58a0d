"""Where words stand, over all segments of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meililite.index.segment import Segment
from meililite.index.vocabulary import words_of
from meililite.index.words_building import documents_of

_RUNS = 8

Keys = NDArray[np.int64]


class Postings:
    """Postings by word or by prefix; only those of documents as they stand now."""

    def __init__(self, segments: Sequence[Segment], holder: NDArray[np.uint8]) -> None:
        self._segments = [(index, s) for index, s in enumerate(segments) if len(s["postings/keys"])]
        self._words = [words_of(segment) for _, segment in self._segments]
        self._holder = holder
        self._whole = len(segments) == 1 and bool((holder == 0).all())

    def of_words(self, words: Iterable[str]) -> Keys:
        """The sorted postings of all the words together."""
        parts: list[Keys] = []
        for word in words:
            for place, known in enumerate(self._words):
                at = known.find(word)
                if at >= 0:
                    parts.append(self._slice(place, at, at + 1))
        return merged(parts)

    def between(self, first: str, last: str) -> Keys:
        """The sorted postings of all words from `first` to `last`, both included, in byte order."""
        low, high = _key(first), _key(last) + b"\0"
        parts = [
            self._slice(place, known.table.bisect(low), known.table.bisect(high))
            for place, known in enumerate(self._words)
        ]
        return np.sort(joined(parts))

    def of_prefix(self, prefix: str) -> Keys:
        """The postings of all words that start with the prefix, word by word."""
        parts = []
        key = _key(prefix)
        for place, known in enumerate(self._words):
            parts.append(self._slice(place, *known.table.prefix(key)))
        return joined(parts)

    def _slice(self, place: int, low: int, high: int) -> Keys:
        """The visible postings of the words from `low` to before `high` of one segment."""
        index, segment = self._segments[place]
        starts = segment["postings/starts"]
        keys: Keys = segment["postings/keys"][starts[low] : starts[high]]
        if self._whole or not len(keys):
            return keys
        return keys.compress(self._holder[documents_of(keys)] == index)

    @cached_property
    def counted_fields(self) -> list[int]:
        """The numbers of the fields that have words."""
        numbers = {n for _, segment in self._segments for n in segment["counts/fields"].tolist()}
        return sorted(numbers)

    def counts(self, field: int) -> NDArray[np.uint8]:
        """How many words the field has in each document; 31 stands for more than 30."""
        laid = np.zeros(len(self._holder), np.uint8)
        for index, segment in self._segments:
            at = np.flatnonzero(segment["counts/fields"] == field)
            if self._whole and len(at):
                found: NDArray[np.uint8] = segment["counts/rows"][at[0]]
                return found
            if len(at):
                numbers = segment["documents/numbers"]
                held = np.flatnonzero(self._holder[numbers] == index)
                laid[numbers[held]] = segment["counts/rows"][at[0], held]
        return laid


def _key(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


def joined(parts: Sequence[Keys]) -> Keys:
    """The postings one after another."""
    parts = [part for part in parts if len(part)]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def merged(parts: Sequence[Keys]) -> Keys:
    """Sorted postings of several words as one sorted array."""
    found = joined(parts)
    if sum(len(part) > 0 for part in parts) > 1:
        # A stable sort finds the sorted runs, of which a few are merged faster than sorted anew.
        found.sort(kind="stable" if len(parts) <= _RUNS else None)
    return found
