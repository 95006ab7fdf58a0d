"""Where words stand, over all segments of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meililite.index.segment import Segment
from meililite.index.vocabulary import words_of
from meililite.index.words_building import documents_of

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
        return _union(parts)

    def of_prefix(self, prefix: str) -> Keys:
        """The sorted postings of all words that start with the prefix."""
        parts = []
        key = prefix.encode("utf-8", "surrogatepass")
        for place, known in enumerate(self._words):
            parts.append(self._slice(place, *known.table.prefix(key)))
        return _union(parts, sorted_parts=False)

    def _slice(self, place: int, low: int, high: int) -> Keys:
        """The visible postings of the words from `low` to before `high` of one segment."""
        index, segment = self._segments[place]
        starts = segment["postings/starts"]
        keys: Keys = segment["postings/keys"][starts[low] : starts[high]]
        if self._whole or not len(keys):
            return keys
        visible: Keys = keys[self._holder[documents_of(keys)] == index]
        return visible

    @cached_property
    def counted_fields(self) -> list[int]:
        """The numbers of the fields that have words."""
        numbers = {n for _, segment in self._segments for n in segment["counts/fields"].tolist()}
        return sorted(numbers)

    def counts(self, field: int, documents: Keys) -> NDArray[np.uint8]:
        """How many words the field has in each of the documents; 31 stands for more than 30."""
        found = np.zeros(len(documents), np.uint8)
        for index, segment in self._segments:
            at = np.flatnonzero(segment["counts/fields"] == field)
            held = np.flatnonzero(self._holder[documents] == index)
            if len(at) and len(held):
                rows = np.searchsorted(segment["documents/numbers"], documents[held])
                found[held] = segment["counts/rows"][at[0], rows]
        return found


def _union(parts: list[Keys], *, sorted_parts: bool = True) -> Keys:
    parts = [part for part in parts if len(part)]
    if not parts:
        return np.zeros(0, np.int64)
    if len(parts) == 1 and sorted_parts:
        return parts[0]
    joined = np.concatenate(parts)
    joined.sort()
    return joined
