"""The ranking rules `attributeRank` and `wordPosition`: in which field, and where in it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.folds import Fold, of_subset
from meililite.index.ranking.matches import Keys, Matches
from meililite.index.ranking.paths import NEVER, Costs, Documents, PathRule
from meililite.index.ranking.terms import Subset
from meililite.index.words_building import (
    MAX_POSITION,
    documents_of,
    fields_of,
    positions_of,
)

_NEVER = np.int16(NEVER)
_FAR = 10  # the cost of a word at any place farther than the table goes
# The cost of being so many words (from, to) away from the place in the query.
_STEPS = (
    (0, 0, 0),
    (1, 1, 1),
    (2, 4, 2),
    (5, 7, 3),
    (8, 11, 4),
    (12, 16, 5),
    (17, 24, 6),
    (25, 64, 7),
    (65, 256, 8),
    (257, 1024, 9),
)


def _cost_table() -> NDArray[np.int8]:
    table = np.full(1 << 18, _FAR, np.int8)
    for first, last, cost in _STEPS:
        table[first : last + 1] = cost
    return table


_COSTS = _cost_table()


def _stored_positions() -> NDArray[np.int32]:
    """For each position the one that Meilisearch stores: exact below 16, then in wider steps."""
    positions = np.arange(MAX_POSITION + 1, dtype=np.int32)
    stored = np.exp2(np.ceil(np.log2(np.maximum(positions, 1)))).astype(np.int32)
    stored[16:24] = 24
    stored[:16] = positions[:16]
    return stored


STORED_POSITIONS = _stored_positions()


class AttributeRankRule(PathRule):
    """A word costs the rank of its best field, for each word that it stands for."""

    name = "attributeRank"
    by_edge = False

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs:
        weights = matches.snapshot.weights * np.int16(subset.size)
        name = (self.name, subset.size)
        fold = Fold(name, np.minimum, _NEVER, lambda keys: weights[fields_of(keys)], True)
        return _cheapest(matches, fold, subset, candidates)

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        return matches.snapshot.max_weight * subset.size


class WordPositionRule(PathRule):
    """A word costs how far its place in the field is from its place in the query."""

    name = "wordPosition"
    by_edge = False

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs:
        place, size = subset.positions[0], subset.size

        def cost(keys: Keys) -> Costs:
            return _position_costs(place, size)[positions_of(keys)].astype(np.int16)

        fold = Fold((self.name, place, size), np.minimum, _NEVER, cost)
        return _cheapest(matches, fold, subset, candidates)

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        return _FAR * subset.size


@lru_cache(maxsize=32)
def _position_costs(place: int, size: int) -> NDArray[np.int8]:
    """For each position in a field what a term at this place of the query costs there."""
    away = np.abs(STORED_POSITIONS - place)
    return sum((_COSTS[away + more] for more in range(size)), np.zeros(len(away), np.int8))


def _cheapest(matches: Matches, fold: Fold, subset: Subset, candidates: Documents) -> Costs:
    """The lowest cost of any posting of the subset, for each candidate."""
    found = of_subset(matches, fold, subset, candidates)
    for phrase in matches.phrases(subset):
        first = next(word for word in phrase if word is not None)
        keys, places = matches.among(matches.word_postings(first), candidates)
        held = matches.phrase_docs(phrase)[documents_of(keys)]
        keys, places = keys.compress(held), places.compress(held)
        if fold.restricted:
            keys, places = matches.in_fields(keys, places)
        fold.into(found, keys, places)
    return found
