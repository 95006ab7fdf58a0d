"""The words of an index, over all its segments."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from meililite.index.segment import Segment
from meililite.index.strings import StringTable
from meililite.index.typos import Distances, TypoIndex

MAX_PREFIX_WORDS = 1000
_MAX_ONE_TYPO = 150
_MAX_TWO_TYPOS = 50
_PREFIX_BYTES = 4  # a prefix up to so long
_COMMON = 100  # that starts so many words is looked up as a whole


class SegmentWords:
    """The words of one segment, in byte order."""

    def __init__(self, segment: Segment) -> None:
        self.table: StringTable = segment.strings("words")
        self._tolerant = segment["words/tolerant"]
        self._counts = np.concatenate([[0], np.cumsum(self._tolerant, dtype=np.int64)])

    def tolerant_count(self, low: int, high: int) -> int:
        return int(self._counts[high] - self._counts[low])

    def tolerant(self, low: int, high: int) -> list[bytes]:
        """Those of the words from `low` to before `high` that may be written with typos."""
        return [self.table[low + at] for at in np.flatnonzero(self._tolerant[low:high]).tolist()]

    @cached_property
    def _tolerant_places(self) -> list[int]:
        return [int(place) for place in np.flatnonzero(self._tolerant)]

    @cached_property
    def typos(self) -> TypoIndex:
        """Of the words that may be written with typos."""
        words = [self.table[place] for place in self._tolerant_places]
        return TypoIndex([word.decode("utf-8", "surrogatepass") for word in words])

    def find(self, word: str) -> int:
        """The place of the word in the table, or -1."""
        if "typos" in self.__dict__ and (place := self.typos.place(word)) >= 0:
            return self._tolerant_places[place]
        return self.table.find(_key(word))


# Segments are shared by versions, and so is what is made of their words.
_known: weakref.WeakKeyDictionary[Segment, SegmentWords] = weakref.WeakKeyDictionary()


def words_of(segment: Segment) -> SegmentWords:
    found = _known.get(segment)
    if found is None:
        found = _known[segment] = SegmentWords(segment)
    return found


class Vocabulary:
    """What words there are, with what prefix, and near what word."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._parts = [words_of(segment) for segment in segments]

    def has(self, word: str) -> bool:
        return any(part.find(word) >= 0 for part in self._parts)

    def is_common_prefix(self, prefix: str) -> bool:
        """Whether Meilisearch keeps what the prefix starts as a whole."""
        key = _key(prefix)
        if len(key) > _PREFIX_BYTES:
            return False
        ranges = [(part, *part.table.prefix(key)) for part in self._parts]
        counts = [part.tolerant_count(low, high) for part, low, high in ranges]
        if max(counts, default=0) >= _COMMON or sum(counts) < _COMMON:
            return sum(counts) >= _COMMON
        return len({word for each in ranges for word in each[0].tolerant(*each[1:])}) >= _COMMON

    def prefix_words(self, prefix: str) -> list[str]:
        """The first words that start with the prefix and are longer, in byte order."""
        key = _key(prefix)
        found: set[bytes] = set()
        for part in self._parts:
            low, high = part.table.prefix(key)
            found.update(part.table.slice(low, min(high, low + MAX_PREFIX_WORDS + 1)))
        found.discard(key)
        ordered = sorted(found)[:MAX_PREFIX_WORDS]
        return [word.decode("utf-8", "surrogatepass") for word in ordered]

    def near(self, word: str, typos: int, *, prefix: bool) -> tuple[list[str], list[str]]:
        """(words with one typo, words with two), the first of each in byte order."""
        found: Distances = {}
        if typos and word:
            for part in self._parts:
                index = part.typos
                found |= index.near_prefixes(word, typos) if prefix else index.near(word, typos)
        ordered = sorted(found, key=_key)
        one = [other for other in ordered if found[other] == 1][:_MAX_ONE_TYPO]
        two = [other for other in ordered if found[other] > 1][:_MAX_TWO_TYPOS]
        return one, two


def _key(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")
