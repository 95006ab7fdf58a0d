"""Ranking by the cheapest path of each document through the query graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.graph import END, START, Graph, graph_of_paths
from meililite.index.ranking.matches import Matches
from meililite.index.ranking.terms import Subset

Costs = NDArray[np.int16]
Documents = NDArray[np.int64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

NEVER = 8000  # the cost of what a document does not match


@dataclass(frozen=True)
class Bucket:
    """Documents of one rank: `places` among the candidates; `graph` is what they match by."""

    rank: int
    max_rank: int
    places: NDArray[np.int64]
    graph: Callable[[], Graph | None]


class PathRule(Protocol):
    """What a step from one term to the next costs a document."""

    name: str
    by_edge: bool  # whether the cost depends on the term before
    splits: bool = False  # whether a step of some cost stands for a part of its term only

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs: ...

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int: ...

    def used(self, subset: Subset, cost: int) -> Subset:
        """The part of the subset that a step of this cost stands for, if the rule `splits`."""
        return subset


class _Search:
    """The cheapest paths of all candidates at once, from the end backwards."""

    def __init__(
        self, rule: PathRule, matches: Matches, graph: Graph, candidates: Documents
    ) -> None:
        self.rule = rule
        self.graph = graph
        self._edges: dict[tuple[int, int], Costs] = {}
        self.rest: dict[int, Costs] = {END: np.zeros(len(candidates), np.int16)}
        most: dict[int, int] = {END: 0}
        for node in graph.from_end():
            if node == END:
                continue
            best = np.full(len(candidates), NEVER, np.int16)
            highest = 0
            for following in graph.following[node]:
                if following == END:
                    best[:] = 0
                    continue
                edge = self._edge(matches, node, following, candidates)
                np.minimum(best, edge + self.rest[following], out=best)
                step = rule.max_cost(matches, graph.nodes[node], graph.subset(following))
                highest = max(highest, step + most[following])
            self.rest[node] = best
            most[node] = highest
        self.max_rank = 1 + most[START]

    def _edge(self, matches: Matches, node: int, following: int, candidates: Documents) -> Costs:
        key = self._key(node, following)
        found = self._edges.get(key)
        if found is None:
            found = self._edges[key] = self.rule.costs(
                matches, self.graph.nodes[node], self.graph.subset(following), candidates
            )
        return found

    def _key(self, node: int, following: int) -> tuple[int, int]:
        return (node if self.rule.by_edge else -1, following)

    def paths(self, cost: int, places: Places) -> Graph:
        """The paths of this cost that the documents take; each is claimed by the first it fits."""
        if self.graph.is_path and not self.rule.splits:
            return self.graph
        alive = np.ones(len(places), bool)
        found: list[list[Subset]] = []
        current: list[Subset] = []

        def walk(node: int, here: Mask, left: int) -> None:
            for following in self.graph.following[node]:
                if following == END:
                    if left == 0 and (here & alive).any():
                        found.append(list(current))
                        np.logical_and(alive, ~here, out=alive)
                    continue
                edge = self._edges[self._key(node, following)][places]
                possible = here & alive & (edge + self.rest[following][places] == left)
                if not possible.any():
                    continue
                for step in distinct_costs(edge.compress(possible)):
                    chosen = possible & alive & (edge == step)
                    if chosen.any():
                        current.append(self.rule.used(self.graph.subset(following), step))
                        walk(following, chosen, left - step)
                        current.pop()

        walk(START, alive.copy(), cost)
        return graph_of_paths(found)


def distinct_costs(costs: Costs) -> list[int]:
    """The costs that occur, ascending."""
    seen = np.zeros(2 * NEVER + 1, bool)
    seen[costs] = True
    return list(np.flatnonzero(seen).tolist())


def _max_cost(rule: PathRule, matches: Matches, path: Graph) -> int:
    """The highest cost of the only path."""
    nodes = [path.nodes[number] for number in reversed(path.from_end())][:-1]
    return sum(
        rule.max_cost(matches, before, subset)
        for before, subset in pairwise(nodes)
        if subset is not None
    )


def path_buckets(
    rule: PathRule, matches: Matches, graph: Graph, candidates: Documents
) -> Iterator[Bucket]:
    """The candidates by the cost of their cheapest path, the cheapest first."""
    if graph.is_path and not rule.splits and not _max_cost(rule, matches, graph):
        yield Bucket(1, 1, np.arange(len(candidates)), lambda: graph)
        return
    search = _Search(rule, matches, graph, candidates)
    totals = search.rest[START]
    for cost in distinct_costs(totals):
        if cost >= NEVER:
            return
        places = np.flatnonzero(totals == cost)

        def narrowed(cost: int = cost, places: Places = places) -> Graph:
            return search.paths(cost, places)

        yield Bucket(search.max_rank - cost, search.max_rank, places, narrowed)
