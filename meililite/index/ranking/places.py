"""The ranking rules `attributeRank` and `wordPosition`: in which field, and where in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.matches import Keys, Mask, Matches
from meililite.index.ranking.paths import NEVER, Costs, Documents, PathRule
from meililite.index.ranking.terms import Subset
from meililite.index.words_building import documents_of, fields_of, positions_of

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


def _cost_table() -> NDArray[np.int16]:
    table = np.full(1 << 18, _FAR, np.int16)
    for first, last, cost in _STEPS:
        table[first : last + 1] = cost
    return table


_COSTS = _cost_table()


def stored_positions(positions: Keys) -> Keys:
    """Positions as Meilisearch stores them: exact below 16, then in ever wider steps."""
    stored = np.where((positions >= 16) & (positions < 24), 24, positions)
    wide = positions >= 24
    if wide.any():
        stored = stored.copy()
        stored[wide] = np.exp2(np.ceil(np.log2(positions[wide]))).astype(np.int64)
    return stored


class AttributeRankRule(PathRule):
    """A word costs the rank of its best field, for each word that it stands for."""

    name = "attributeRank"
    by_edge = False

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs:
        weights = matches.snapshot.weights

        def cost(keys: Keys) -> Costs:
            return weights[fields_of(keys)] * np.int16(subset.size)

        return _cheapest(matches, subset, candidates, cost, restricted=True)

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        return matches.snapshot.max_weight * subset.size


class WordPositionRule(PathRule):
    """A word costs how far its place in the field is from its place in the query."""

    name = "wordPosition"
    by_edge = False

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs:
        def cost(keys: Keys) -> Costs:
            away = np.abs(stored_positions(positions_of(keys)) - subset.positions[0])
            total = _COSTS[away]
            for more in range(1, subset.size):
                total = total + _COSTS[away + more]
            return total

        return _cheapest(matches, subset, candidates, cost, restricted=False)

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        return _FAR * subset.size


def _cheapest(
    matches: Matches,
    subset: Subset,
    candidates: Documents,
    cost: Callable[[Keys], Costs],
    *,
    restricted: bool,
) -> Costs:
    """The lowest cost of any posting of the subset, for each candidate.

    restricted: only postings in the fields to search.
    """
    found = np.full(len(candidates), NEVER, np.int16)

    def lower(keys: Keys, held: Mask | None = None, *, is_sorted: bool = True) -> None:
        if restricted:
            keys = matches.in_fields(keys)
        if not len(keys):
            return
        keys, places = matches.among(keys, candidates, is_sorted=is_sorted)
        if held is not None:
            inside = held[documents_of(keys)]
            keys, places = keys.compress(inside), places.compress(inside)
        np.minimum.at(found, places, cost(keys))

    lower(matches.postings(subset))
    lower(matches.prefix_postings_within(subset), is_sorted=False)
    for phrase in matches.phrases(subset):
        first = next(word for word in phrase if word is not None)
        lower(matches.word_postings(first), matches.phrase_docs(phrase))
    return found
