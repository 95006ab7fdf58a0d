"""The ways to read a query: each path from start to end is one.

"sun flower" can be read as two words or, joined, as one; with synonyms there are more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.query import synonyms_of, typos_allowed, word_term
from meililite.index.ranking.terms import Subset
from meililite.index.snapshot import Snapshot
from meililite.index.tokens import MAX_WORD_BYTES

Mask = NDArray[np.bool_]

START, END = 0, 1
_MAX_JOINED = 3


@dataclass
class Graph:
    """Nodes by number; 0 is the start and 1 the end, which stand for no term."""

    nodes: list[Subset | None] = field(default_factory=lambda: [None, None])
    following: list[list[int]] = field(default_factory=lambda: [[], []])

    def add(self, subset: Subset) -> int:
        self.nodes.append(subset)
        self.following.append([])
        return len(self.nodes) - 1

    def subset(self, node: int) -> Subset:
        found = self.nodes[node]
        assert found is not None
        return found

    def terms(self) -> list[tuple[int, Subset]]:
        """(number, subset) of all nodes between start and end."""
        return [(number, node) for number, node in enumerate(self.nodes) if node is not None]

    @property
    def is_path(self) -> bool:
        """Whether there is only one way from start to end."""
        return all(len(following) <= 1 for following in self.following)

    def from_end(self) -> list[int]:
        """All reachable nodes, each after those that follow it."""
        seen: set[int] = set()
        order: list[int] = []

        def visit(node: int) -> None:
            if node not in seen:
                seen.add(node)
                for following in self.following[node]:
                    visit(following)
                order.append(node)

        visit(START)
        return order


def build_graph(snapshot: Snapshot, terms: Sequence[Subset]) -> Graph:
    """The graph of the terms and of neighbours joined."""
    graph = Graph()
    for index in range(len(terms)):
        graph.add(terms[index])
        for size in range(2, _MAX_JOINED + 1):
            if index - size + 1 >= 0:
                joined = _joined(snapshot, terms[index - size + 1 : index + 1])
                if joined is not None:
                    graph.add(joined)
    nodes = graph.terms()

    def starting_after(term: int) -> list[int]:
        starts = [subset.ids[0] for _, subset in nodes if subset.ids[0] > term]
        if not starts:
            return [END]
        return [number for number, subset in nodes if subset.ids[0] == min(starts)]

    graph.following[START] = starting_after(-1)
    for number, subset in nodes:
        graph.following[number] = starting_after(subset.ids[1])
    return graph


def _joined(snapshot: Snapshot, terms: Sequence[Subset]) -> Subset | None:
    """Neighbouring words written as one; None for phrases and words that are apart."""
    if any(subset.term.phrase is not None for subset in terms):
        return None
    for left, right in pairwise(terms):
        if left.positions[1] != right.positions[0] - 1:
            return None
    parts = tuple(subset.term.word for subset in terms)
    word = "".join(parts)
    if len(word.encode()) > MAX_WORD_BYTES:
        return None
    typos = max(0, typos_allowed(word, snapshot.settings) - (len(terms) - 1))
    term = word_term(snapshot, word, typos, prefix=terms[-1].term.is_prefix)
    term.parts = parts
    term.synonyms = term.synonyms + synonyms_of(snapshot, parts)
    return Subset(
        term,
        (terms[0].positions[0], terms[-1].positions[1]),
        (terms[0].ids[0], terms[-1].ids[1]),
    )


def graph_of_paths(paths: Iterable[Sequence[Subset]]) -> Graph:
    """The graph of exactly these paths; equal ends of paths are shared."""
    graph = Graph()
    known: dict[tuple[object, ...], int] = {}
    for path in paths:
        suffix: tuple[object, ...] = ()
        suffixes: list[tuple[object, ...]] = []
        for subset in reversed(path):
            suffix = (subset, suffix)
            suffixes.append(suffix)
        before = START
        for subset, key in zip(path, reversed(suffixes), strict=True):
            node = known.get(key)
            if node is None:
                node = known[key] = graph.add(subset)
            _link(graph, before, node)
            before = node
        _link(graph, before, END)
    return graph


def _link(graph: Graph, before: int, node: int) -> None:
    following = graph.following[before]
    if node not in following:
        following.append(node)
        following.sort()


def removable(graph: Graph, strategy: str, docs: Callable[[Subset], Mask]) -> list[list[int]]:
    """The nodes that the matching strategy may leave out, in groups, the first to go first."""
    nodes = graph.terms()
    if strategy == "all" or not nodes:
        return []
    cost = _frequency_costs(nodes, docs) if strategy == "frequency" else _last_costs(nodes)
    if cost is None:
        return []
    groups: dict[int, list[int]] = {}
    mandatory = False
    for number, subset in nodes:
        if subset.term.phrase is not None:
            mandatory = True
            continue
        first, last = subset.ids
        groups.setdefault(max(cost[i] for i in range(first, last + 1)), []).append(number)
    ordered = [groups[key] for key in sorted(groups)]
    return ordered if mandatory else ordered[:-1]


def _last_costs(nodes: list[tuple[int, Subset]]) -> dict[int, int] | None:
    """The last word goes first; None if there is only one."""
    first = min(subset.ids[0] for _, subset in nodes)
    last = max(subset.ids[1] for _, subset in nodes)
    return {i: 1 + last - i for i in range(last + 1)} if first < last else None


def _frequency_costs(
    nodes: list[tuple[int, Subset]], docs: Callable[[Subset], Mask]
) -> dict[int, int]:
    """The word in most documents goes first."""
    found: dict[int, Mask] = {}
    for _, subset in nodes:
        mask = docs(subset)
        for term in range(subset.ids[0], subset.ids[1] + 1):
            found[term] = found[term] | mask if term in found else mask
    counts = {term: int(np.count_nonzero(mask)) or 1 << 62 for term, mask in found.items()}
    ordered = sorted(sorted(counts), key=lambda term: -counts[term])
    costs: dict[int, int] = {}
    weight = 1
    for index, term in enumerate(ordered):
        costs[term] = weight
        if index + 1 < len(ordered) and counts[ordered[index + 1]] != counts[term]:
            weight += 1
    return costs


def matching_any_path(
    graph: Graph, skipped: set[int], size: int, docs: Callable[[Subset], Mask]
) -> Mask:
    """The documents that match some path, nodes in `skipped` left out."""
    reached: dict[int, Mask] = {END: np.ones(size, bool)}
    for node in graph.from_end():
        if node == END:
            continue
        mask = np.zeros(size, bool)
        for following in graph.following[node]:
            if following == END or following in skipped:
                mask |= reached[following]
            else:
                mask |= docs(graph.subset(following)) & reached[following]
        reached[node] = mask
    return reached[START]
