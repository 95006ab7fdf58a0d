"""The ranking rule `proximity`: words that stand close together first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.folds import of_all
from meililite.index.ranking.matches import (
    FAR,
    Keys,
    Mask,
    Matches,
    Places,
    nearest_steps,
)
from meililite.index.ranking.paths import NEVER, Costs, Documents, PathRule
from meililite.index.ranking.terms import Phrase, Subset
from meililite.index.words_building import documents_of

_MOST = FAR - 1
_SEARCHED = 8  # to look for a posting takes as long as to read so many
_NONE = np.zeros(0, np.int64)


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
        near = _nearness(matches, before, subset, candidates)
        close = near < FAR
        found[close] = np.minimum(found[close], near[close].astype(np.int16) - 1 + base)
        return found

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        base = subset.size - 1
        return base if before is None or not _adjacent(before, subset) else _MOST + base


def _adjacent(before: Subset, subset: Subset) -> bool:
    return before.positions[1] + 1 == subset.positions[0]


def _nearness(
    matches: Matches, before: Subset, subset: Subset, candidates: Documents
) -> NDArray[np.int8]:
    """How near two terms come in each candidate: 1 to 3, or 4."""
    prefix = matches.prefix_postings(subset)
    right = len(matches.postings(subset)) + (0 if prefix is None else len(prefix))
    work = _SEARCHED * min(len(matches.postings(before)), right)

    def everywhere() -> NDArray[np.int8]:
        return _Nearness(matches, None).of_words(before, subset)

    name = ("nearness", *before.spelling, *subset.spelling)
    known = of_all(matches, name, work, candidates, everywhere)
    among = _Nearness(matches, candidates)
    near = among.of_words(before, subset) if known is None else known
    return np.minimum(near, among.of_phrases(before, subset))


class _Nearness:
    """How near terms come in each candidate, or in all documents."""

    def __init__(self, matches: Matches, candidates: Documents | None) -> None:
        self._matches = matches
        self._candidates = candidates
        size = matches.snapshot.size if candidates is None else len(candidates)
        self._near = np.full(size, FAR, np.int8)
        self._by_attribute = matches.snapshot.by_attribute

    def of_words(self, before: Subset, subset: Subset) -> NDArray[np.int8]:
        left, right = self._matches.postings(before), self._matches.postings(subset)
        self._lower(left, right)
        self._lower(right, left, penalty=1)
        self._lower(left, self._prefix(subset))
        return self._near

    def _prefix(self, subset: Subset) -> Keys:
        if self._candidates is not None:
            return self._matches.prefix_postings_within(subset)
        keys = self._matches.prefix_postings(subset)
        return _NONE if keys is None else np.sort(keys)

    def of_phrases(self, before: Subset, subset: Subset) -> NDArray[np.int8]:
        """A phrase is near by its border words, in documents that hold all of it."""
        matches = self._matches
        left, right = matches.postings(before), matches.postings(subset)
        for phrase in matches.phrases(before):
            own = self._border(phrase, -1)
            held = matches.phrase_docs(phrase)
            self._lower(own, right, held=held)
            self._lower(own, self._prefix(subset), held=held)
            for other in matches.phrases(subset):
                both = held & matches.phrase_docs(other)
                self._lower(own, self._border(other, 0), held=both)
        for phrase in matches.phrases(subset):
            self._lower(left, self._border(phrase, 0), held=matches.phrase_docs(phrase))
        return self._near

    def _border(self, phrase: Phrase, place: int) -> Keys:
        word = phrase[place]
        return _NONE if word is None else self._matches.word_postings(word)

    def _among(self, keys: Keys) -> Keys:
        return keys if self._candidates is None else self._matches.among(keys, self._candidates)[0]

    def _lower(self, left: Keys, right: Keys, penalty: int = 0, held: Mask | None = None) -> None:
        if len(left) <= len(right):
            left = self._among(left)
        else:
            right = self._among(right)
        if not len(left) or not len(right):
            return
        steps, keys = nearest_steps(left, right, self._by_attribute)
        documents = documents_of(keys)
        if held is not None:
            inside = held[documents]
            steps, documents = steps.compress(inside), documents.compress(inside)
        np.minimum.at(self._near, self._places(documents), steps + np.int8(penalty))

    def _places(self, documents: Documents) -> Places:
        if self._candidates is None:
            return documents
        return self._matches.slots(self._candidates)[documents]
