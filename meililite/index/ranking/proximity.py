"""The ranking rule `proximity`: words that stand close together first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.matches import FAR, Keys, Mask, Matches, nearest_steps
from meililite.index.ranking.paths import NEVER, Costs, Documents, PathRule
from meililite.index.ranking.terms import Phrase, Subset
from meililite.index.words_building import documents_of

_MOST = FAR - 1


class ProximityRule(PathRule):
    """A step costs how far its word stands from the one before: 0 next to it, at most 3.

    The other way round is one step farther.
    """

    name = "proximity"
    by_edge = True

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs:
        base = subset.size - 1
        held = matches.docs(subset)[candidates]
        if before is None or not _adjacent(before, subset):
            return np.where(held, base, NEVER).astype(np.int16)
        found = np.where(held, _MOST + base, NEVER).astype(np.int16)
        near = _Nearness(matches, candidates).between(before, subset)
        close = near < FAR
        found[close] = np.minimum(found[close], near[close].astype(np.int16) - 1 + base)
        return found

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        base = subset.size - 1
        return base if before is None or not _adjacent(before, subset) else _MOST + base


def _adjacent(before: Subset, subset: Subset) -> bool:
    return before.positions[1] + 1 == subset.positions[0]


class _Nearness:
    """How near two terms come in each candidate: 1 to 3, or 4."""

    def __init__(self, matches: Matches, candidates: Documents) -> None:
        self._matches = matches
        self._candidates = candidates
        self._near = np.full(len(candidates), FAR, np.int8)
        self._by_attribute = matches.snapshot.by_attribute

    def between(self, before: Subset, subset: Subset) -> NDArray[np.int8]:
        matches = self._matches
        left, right = self._among(matches.postings(before)), self._among(matches.postings(subset))
        prefix = self._among(matches.sorted_prefix_postings(subset))
        self._lower(left, right)
        self._lower(right, left, penalty=1)
        if len(prefix):
            self._lower(left, prefix)
            exact = matches.exact_word(subset.term)
            if exact is not None:
                self._lower(self._word(exact), left, penalty=1)
        self._phrases(before, subset, left, right, prefix)
        return self._near

    def _among(self, keys: Keys) -> Keys:
        return self._matches.among(keys, self._candidates)[0]

    def _word(self, word: str) -> Keys:
        return self._among(self._matches.word_postings(word))

    def _phrases(
        self, before: Subset, subset: Subset, left: Keys, right: Keys, prefix: Keys
    ) -> None:
        """A phrase is near by its border words, in documents that hold all of it."""
        matches = self._matches
        for phrase in matches.phrases(before):
            own = self._border(phrase, -1)
            held = matches.phrase_docs(phrase)
            self._lower(own, right, held=held)
            self._lower(own, prefix, held=held)
            for other in matches.phrases(subset):
                both = held & matches.phrase_docs(other)
                self._lower(own, self._border(other, 0), held=both)
        for phrase in matches.phrases(subset):
            self._lower(left, self._border(phrase, 0), held=matches.phrase_docs(phrase))

    def _border(self, phrase: Phrase, place: int) -> Keys:
        word = phrase[place]
        return np.zeros(0, np.int64) if word is None else self._word(word)

    def _lower(self, left: Keys, right: Keys, penalty: int = 0, held: Mask | None = None) -> None:
        if not len(left) or not len(right):
            return
        steps, keys = nearest_steps(left, right, self._by_attribute)
        if held is not None:
            inside = held[documents_of(keys)]
            steps, keys = steps.compress(inside), keys.compress(inside)
        slots = self._matches.slots(self._candidates)[documents_of(keys)]
        np.minimum.at(self._near, slots, steps + np.int8(penalty))
