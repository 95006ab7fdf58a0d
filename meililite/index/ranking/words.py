"""The ranking rule `words`: documents that match more words of the query first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.graph import END, START, Graph, graph_of_paths, removable
from meililite.index.ranking.matches import Matches
from meililite.index.ranking.paths import Bucket, Documents
from meililite.index.ranking.terms import Subset

Mask = NDArray[np.bool_]
Nodes = frozenset[int]


class _Walk:
    """Paths on which words may be left out, in the order in which the strategy allows it.

    Leaving a node out costs its size, and forbids every node that should have gone before it.
    """

    def __init__(
        self, matches: Matches, graph: Graph, candidates: Documents, strategy: str
    ) -> None:
        self._matches = matches
        self.graph = graph
        self._candidates = candidates
        self._forbids: dict[int, Nodes] = {}
        forbidden: set[int] = set()
        for group in removable(graph, strategy, matches.docs):
            for node in group:
                self._forbids[node] = frozenset(forbidden)
            forbidden.update(group)
        self._costs = self._possible_costs()
        self._held: dict[int, Mask] = {}
        self.alive = np.ones(len(candidates), bool)
        self._bucket = np.zeros(len(candidates), bool)
        self._paths: list[list[Subset]] = []
        self._current: list[Subset] = []

    def _possible_costs(self) -> dict[int, set[int]]:
        """For each node the costs that some path from it to the end has."""
        costs: dict[int, set[int]] = {END: {0}}
        for node in self.graph.from_end():
            if node == END:
                continue
            found: set[int] = set()
            for following in self.graph.following[node]:
                found |= costs[following]
                if following in self._forbids:
                    size = self.graph.subset(following).size
                    found |= {cost + size for cost in costs[following]}
            costs[node] = found
        return costs

    @property
    def costs(self) -> list[int]:
        return sorted(self._costs[START])

    def bucket(self, cost: int) -> tuple[Mask, list[list[Subset]]]:
        """The candidates whose paths leave out so much, and those paths."""
        self._bucket = np.zeros(len(self._candidates), bool)
        self._paths = []
        self._walk(START, np.ones(len(self._candidates), bool), cost, frozenset())
        return self._bucket, self._paths

    def _walk(self, node: int, here: Mask, left: int, forbidden: Nodes) -> None:
        for following in self.graph.following[node]:
            if following == END:
                if left == 0:
                    self._arrive(here)
                continue
            size = self.graph.subset(following).size
            costs = self._costs[following]
            if following in self._forbids and left - size in costs:
                skipped = forbidden | self._forbids[following]
                self._walk(following, here, left - size, skipped)
            if following in forbidden or left not in costs:
                continue
            held = here & self.alive & self._holds(following)
            if held.any():
                self._current.append(self.graph.subset(following))
                self._walk(following, held, left, forbidden)
                self._current.pop()

    def _holds(self, node: int) -> Mask:
        found = self._held.get(node)
        if found is None:
            docs = self._matches.docs(self.graph.subset(node))
            found = self._held[node] = docs[self._candidates]
        return found

    def _arrive(self, here: Mask) -> None:
        here = here & self.alive
        if here.any():
            self._paths.append(list(self._current))
            self._bucket |= here
            self.alive &= ~here


def words_buckets(
    matches: Matches, graph: Graph, candidates: Documents, strategy: str
) -> Iterator[Bucket]:
    """The candidates by how many words they match, the most first."""
    walk = _Walk(matches, graph, candidates, strategy)
    phrase_words = sum(
        sum(word is not None for word in subset.term.phrase)
        for _, subset in graph.terms()
        if subset.term.phrase is not None
    )
    most = 1 + max(phrase_words - 1, 0) + walk.costs[-1]
    for cost in walk.costs:
        bucket, paths = walk.bucket(cost)
        places = np.flatnonzero(bucket)
        if len(places):

            def narrowed(paths: list[list[Subset]] = paths) -> Graph:
                return graph_of_paths(paths)

            yield Bucket(most - cost, most, places, narrowed)
