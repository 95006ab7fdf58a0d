"""Words within a few typos of a query word: insertions, deletions, changes and swaps.

A typo in the first letter counts double, as in Meilisearch: with two typos allowed, a word that
starts otherwise may differ by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

_FEW = 8  # so many words are compared one by one
_WIDTH = 16  # characters of each word in the matrix

Distances = dict[str, int]


def prefix_within(query: str, word: str, typos: int) -> bool:
    """Whether some start of the word is within so many typos of the query."""
    return prefix_distance(query, word, typos) <= typos


def prefix_distance(query: str, word: str, typos: int) -> int:
    """The typos between the query and the nearest start of the word; more than `typos` if far."""
    longest = min(len(word), len(query) + typos)
    shortest = min(longest, max(0, len(query) - typos))
    return min(
        OSA.distance(query, word[:length], score_cutoff=typos)
        for length in range(shortest, longest + 1)
    )


class TypoIndex:
    """Finds words near a query among sorted words."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self._place = {word: index for index, word in enumerate(self._words)}
        self._lengths = np.fromiter(map(len, self._words), np.int32, len(self._words))
        matrix = np.array(self._words, f"<U{_WIDTH}") if self._words else np.zeros(0, f"<U{_WIDTH}")
        self._letters = matrix.view(np.uint32).reshape(len(self._words), _WIDTH)
        same = self._letters[1:] == self._letters[:-1]
        common = np.where(same.all(axis=1), _WIDTH, same.argmin(axis=1))
        self._common = np.concatenate([[0], common])  # letters shared with the word before
        self._firsts = sorted({word[0] for word in self._words})
        starts = self._letters[:, 0] if len(self._words) else np.zeros(0, np.uint32)
        changes = np.flatnonzero(np.diff(starts)) + 1
        bounds = [0, *changes.tolist(), len(self._words)]
        self._ranges = {
            self._words[low][0]: (low, high) for low, high in pairwise(bounds) if low < high
        }

    def place(self, word: str) -> int:
        """The place of the word among the words, or -1."""
        return self._place.get(word, -1)

    def near(self, query: str, typos: int) -> Distances:
        """Words within the typos, and how many (1 or 2)."""
        found: Distances = {}
        low, high = self._ranges.get(query[0], (0, 0))
        length = self._lengths[low:high]
        close = np.flatnonzero(np.abs(length - len(query)) <= typos) + low
        if len(close):
            words = [self._words[index] for index in close.tolist()]
            distances = process.cdist(
                [query], words, scorer=OSA.distance, score_cutoff=typos, dtype=np.uint8
            )[0]
            for index in np.flatnonzero(distances <= typos).tolist():
                found[words[index]] = int(distances[index])
        if typos > 1:
            for other in self._other_starts(query):
                if other in self._place:
                    found[other] = 2
        return {word: distance for word, distance in found.items() if distance}

    def _other_starts(self, query: str) -> set[str]:
        """All that one typo in the first letter can make of the query."""
        changed = {query[1:], query[1:2] + query[:1] + query[2:]}
        changed |= {first + query for first in self._firsts}
        changed |= {first + query[1:] for first in self._firsts}
        return {word for word in changed if word and word[0] != query[0]}

    def near_prefixes(self, query: str, typos: int) -> Distances:
        """Words some start of which is within the typos, and how many (1 or 2)."""
        found: Distances = {}
        low, high = self._ranges.get(query[0], (0, 0))
        if len(query) + typos > _WIDTH or high - low <= _FEW:
            for word in self._words[low:high]:
                if (distance := prefix_distance(query, word, typos)) <= typos:
                    found[word] = distance
        elif low < high:
            found = self._near_starts(query, typos, low, high)
        if typos > 1:
            for other in self._other_starts(query):
                for word in self._starting_with(other):
                    found[word] = 2
        return {word: distance for word, distance in found.items() if distance}

    def _starting_with(self, prefix: str) -> list[str]:
        """The words that start with the prefix: they stand together."""
        low, high = self._ranges.get(prefix[0], (0, 0))
        letters = self._letters[low:high]
        for place, letter in enumerate(prefix[:_WIDTH]):
            inside = np.flatnonzero(letters[:, place] == ord(letter))
            if not len(inside):
                return []
            low, high = low + int(inside[0]), low + int(inside[-1]) + 1
            letters = self._letters[low:high]
        return [word for word in self._words[low:high] if word.startswith(prefix)]

    def _near_starts(self, query: str, typos: int, low: int, high: int) -> Distances:
        """`near_prefixes` for one first letter; words with equal starts are compared once."""
        width = len(query) + typos
        distinct = np.flatnonzero(self._common[low:high] < width)
        if not len(distinct) or distinct[0]:
            distinct = np.concatenate([[0], distinct])
        letters = np.ascontiguousarray(self._letters[low:high][distinct, :width].T)
        distances = start_distances(query, letters, typos)
        ends = np.append(distinct[1:], high - low)
        return {
            word: int(distances[place])
            for place in np.flatnonzero(distances <= typos).tolist()
            for word in self._words[low + int(distinct[place]) : low + int(ends[place])]
        }


def start_distances(query: str, letters: NDArray[np.uint32], typos: int) -> NDArray[np.int8]:
    """For each word (a column of letters) the typos to its nearest start.

    Dynamic programming over all words at once, in the band in which a result within `typos` can
    lie; what is farther counts as `typos + 1`.
    """
    size = letters.shape[1]
    codes = [ord(letter) for letter in query]
    far = np.full(size, typos + 1, np.int8)
    before: dict[int, NDArray[np.int8]] = {}
    last = {row: np.full(size, row, np.int8) for row in range(min(typos, len(query)) + 1)}
    best = last.get(len(query), far)
    for column in range(1, len(letters) + 1):
        letter = letters[column - 1]
        current: dict[int, NDArray[np.int8]] = {}
        for row in range(max(0, column - typos), min(len(query), column + typos) + 1):
            if row == 0:
                current[0] = np.full(size, column, np.int8)
                continue
            changed = (letter != codes[row - 1]).astype(np.int8)
            value = last.get(row - 1, far) + changed
            value = np.minimum(value, last.get(row, far) + np.int8(1))
            value = np.minimum(value, current.get(row - 1, far) + np.int8(1))
            if row > 1 and column > 1:
                swapped = (letter == codes[row - 2]) & (letters[column - 2] == codes[row - 1])
                over = before.get(row - 2, far) + np.int8(1)
                value = np.where(swapped, np.minimum(value, over), value)
            current[row] = value
        best = np.minimum(best, current.get(len(query), far))
        before, last = last, current
    return best
