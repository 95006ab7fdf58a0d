"""Ranking: each rule sorts the documents into buckets, and the next one sorts each bucket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.errors import ApiError
from meililite.index.distinct import Distinct
from meililite.index.patterns import Match, match_field, match_pattern, stronger
from meililite.index.ranking.exactness import ExactWordsRule, exact_attribute_buckets
from meililite.index.ranking.graph import Graph, build_graph, matching_any_path, removable
from meililite.index.ranking.matches import Matches
from meililite.index.ranking.orders import order_buckets, order_score
from meililite.index.ranking.paths import Bucket, Documents, PathRule, path_buckets
from meililite.index.ranking.places import AttributeRankRule, WordPositionRule
from meililite.index.ranking.proximity import ProximityRule
from meililite.index.ranking.query import Query, parse_query
from meililite.index.ranking.scores import SKIPPED, Score, merged
from meililite.index.ranking.typo import TypoRule
from meililite.index.ranking.words import words_buckets
from meililite.index.snapshot import Snapshot
from meililite.index.sorting import Order, parse_order, sorted_rows

Mask = NDArray[np.bool_]

_PATH_RULES: dict[str, type[PathRule]] = {
    "typo": TypoRule,
    "proximity": ProximityRule,
    "attributeRank": AttributeRankRule,
    "wordPosition": WordPositionRule,
    "exactness": ExactWordsRule,
}
_CUTOFF = 1500  # milliseconds, where the setting says nothing
Step = str | Order


@dataclass
class Ranked:
    """The documents of the page with their scores, and all that could have been found."""

    rows: Documents
    candidates: Mask
    scores: list[list[Score]]
    matches: Matches | None = None
    graph: Graph | None = None


def rank(
    snapshot: Snapshot,
    request: dict[str, Any],
    universe: Mask,
    orders: Sequence[Order],
    offset: int,
    limit: int,
) -> Ranked:
    """Rank the documents of the universe; only the page gets rows. Raises ApiError.

    The request may say since when its time runs (`startedAt`, by `monotonic`), if not from now on.
    """
    steps = _order_steps(snapshot, orders)
    fields = _search_fields(snapshot, request.get("attributesToSearchOn"))
    query = parse_query(snapshot, request.get("q") or "")
    matches = Matches(snapshot, universe, fields)
    excluded = _excluded(matches, query)
    if excluded is not None:
        universe = universe & ~excluded
        matches.narrow(universe)
    run = _Run(snapshot, request, matches, universe, offset, limit)
    if not query.terms:
        run.start(universe, list(steps), "all")
        run.sort(None)
        return run.result(None)
    strategy = request.get("matchingStrategy") or "last"
    graph = build_graph(snapshot, query.terms)
    skippable = {node for group in removable(graph, strategy, matches.docs) for node in group}
    universe = universe & matching_any_path(graph, skippable, snapshot.size, matches.docs)
    matches.narrow(universe)
    run.start(universe, _steps(snapshot, orders, strategy), strategy)
    run.sort(graph)
    return run.result(graph)


def _excluded(matches: Matches, query: Query) -> Mask | None:
    masks = [matches.word_docs(word) for word in query.excluded_words]
    masks += [matches.phrase_docs(phrase) for phrase in query.excluded_phrases]
    return np.logical_or.reduce(masks) if masks else None


def _is_order(step: Step) -> bool:
    return isinstance(step, Order)


def _order_steps(snapshot: Snapshot, orders: Sequence[Order]) -> list[Order]:
    """The orders of the request and of custom rules, in the place that the settings give them."""
    if orders and "sort" not in snapshot.settings.ranking_rules:
        raise ApiError(
            "invalid_search_sort",
            snapshot.place + "You must specify where `sort` is listed in the rankingRules setting "
            "to use the sort parameter at search time.",
        )
    found: list[Order] = []
    for rule in snapshot.settings.ranking_rules:
        if rule == "sort":
            found += orders
        elif ":" in rule:
            found.append(parse_order(rule, "invalid_search_sort"))
    return list(dict.fromkeys(found))


def _steps(snapshot: Snapshot, orders: Sequence[Order], strategy: str) -> list[Step]:
    """The rules in order. `words` comes first of the rules on words, unless all must match."""
    steps: list[Step] = []
    words = strategy == "all"
    seen: set[Step] = set()
    for rule in snapshot.settings.ranking_rules:
        if not words and rule != "sort" and ":" not in rule:
            steps.append("words")
            words = True
        for step in _expanded(rule, orders):
            if step not in seen:
                seen.add(step)
                steps.append(step)
    return steps


def _expanded(rule: str, orders: Sequence[Order]) -> list[Step]:
    if rule == "words":
        return []
    if rule == "sort":
        return list(orders)
    if rule == "attribute":
        return ["attributeRank", "wordPosition"]
    if rule == "exactness":
        return ["exactAttribute", "exactness"]
    return [parse_order(rule, "invalid_search_sort")] if ":" in rule else [rule]


def _search_fields(snapshot: Snapshot, names: list[str] | None) -> set[int] | None:
    """The numbers of the fields to search; None for all. Raises ApiError for an unknown one."""
    if names is None:
        return None
    settings = snapshot.settings
    known = [name for name in snapshot.fields.names if settings.search_match(name) is Match.YES]
    found: set[int] = set()
    for name in names:
        if name == "*":
            return None
        matched = (
            [n for n in known if match_pattern(name, n) is Match.YES]
            if "*" in name
            else [n for n in known if match_field(name, n) is Match.YES]
        )
        if not matched and not _declared(settings.searchable, name):
            raise ApiError("invalid_search_attributes_to_search_on", _unsearchable(snapshot, name))
        found.update(snapshot.fields.number(n) for n in matched)
    return found


def _declared(searchable: tuple[str, ...] | None, name: str) -> bool:
    return stronger(match_field(own, name) for own in searchable or ()) is Match.YES


def _unsearchable(snapshot: Snapshot, name: str) -> str:
    settings = snapshot.settings
    names = settings.searchable
    if names is None:
        names = tuple(snapshot.fields.names)
    shown = [
        own
        for own in sorted(names)
        if settings.displayed is None
        or any(match_field(d, own) is Match.YES for d in settings.displayed)
    ]
    hidden = ", <..hidden-attributes>" if len(shown) < len(names) else ""
    return (
        f"{snapshot.place}Attribute `{name}` is not searchable. Available searchable attributes "
        f"are: `{', '.join(shown)}{hidden}`."
    )


class _Run:
    """One ranking on its way: what is found so far, and what is left."""

    def __init__(
        self,
        snapshot: Snapshot,
        request: dict[str, Any],
        matches: Matches,
        universe: Mask,
        offset: int,
        limit: int,
    ) -> None:
        self.snapshot = snapshot
        self.matches = matches
        self.candidates = universe
        self.offset, self.limit = offset, limit
        self.threshold: float | None = request.get("rankingScoreThreshold")
        self.detailed = bool(
            request.get("showRankingScore")
            or request.get("showRankingScoreDetails")
            or self.threshold is not None
        )
        name = request.get("distinct") or snapshot.settings.distinct
        self.distinct = Distinct(snapshot, name) if name else None
        cutoff = snapshot.settings.raw.get("searchCutoffMs")
        started = request.get("startedAt")
        started = monotonic() if started is None else started
        self._deadline = started + (_CUTOFF if cutoff is None else cutoff) / 1000
        exhaustive = request.get("page") is not None or request.get("hitsPerPage") is not None
        self._wanted = offset + limit
        if exhaustive and self.threshold is not None:
            self._wanted = max(self._wanted, snapshot.settings.max_total_hits)
        self._steps: list[Step] = []
        self._orders_from = 0
        self._strategy = "last"
        self._kept = np.zeros(snapshot.size, bool)  # by the distinct rule
        self._rows: list[int] = []
        self._scores: list[list[Score]] = []

    def start(self, universe: Mask, steps: list[Step], strategy: str) -> None:
        self.candidates = universe.copy()
        self._steps = steps
        self._strategy = strategy
        # From there on orders alone place the documents.
        self._orders_from = len(steps) - len([*takewhile(_is_order, reversed(steps))])

    def sort(self, graph: Graph | None) -> None:
        if not self._full():
            self._sort(0, graph, np.flatnonzero(self.candidates), [])

    def _full(self) -> bool:
        return len(self._rows) >= self._wanted

    def _sort(self, step: int, graph: Graph | None, rows: Documents, scores: list[Score]) -> None:
        """Take the documents, in the order of the rules from `step` on."""
        if self.distinct is not None:
            rows = self.distinct.left(rows)
        if not len(rows) or self._full():
            return
        if step == len(self._steps) or (len(rows) == 1 and not self.detailed):
            self._take(rows, scores)
            return
        # The distinct rule has to see each tie.
        if step >= self._orders_from and self.distinct is None and not self.is_late():
            self._take_sorted(rows, scores, step)
            return
        seen: list[Documents] = []
        for bucket in self._in_time(self._buckets(self._steps[step], graph, rows)):
            seen.append(bucket.places)
            if not len(bucket.places):
                continue
            chosen = rows if len(bucket.places) == len(rows) else rows[bucket.places]
            own = [*scores, self._score(self._steps[step], bucket, int(chosen[0]))]
            if self.threshold is not None and merged(own) < self.threshold:
                self.candidates[chosen] = False
                continue
            words_follow = step + 1 < self._orders_from
            self._sort(step + 1, bucket.graph() if words_follow else None, chosen, own)
            if self._full():
                return
        if self.is_late():
            self._skip(np.delete(rows, np.concatenate([rows[:0], *seen])), scores)

    def is_late(self) -> bool:
        """Whether the time is over after which documents are taken as they come."""
        return monotonic() > self._deadline

    def _in_time(self, buckets: Iterator[Bucket]) -> Iterator[Bucket]:
        """The buckets, as long as there is time to sort the next one."""
        while not self.is_late() and (bucket := next(buckets, None)) is not None:
            yield bucket

    def _skip(self, rows: Documents, scores: list[Score]) -> None:
        own = [*scores, SKIPPED]
        if self.threshold is not None and merged(own) < self.threshold:
            self.candidates[rows] = False
        else:
            self._take(rows, own)

    def _buckets(self, step: Step, graph: Graph | None, rows: Documents) -> Iterator[Bucket]:
        if isinstance(step, Order):
            return order_buckets(self.snapshot, step, graph, rows)
        assert graph is not None
        if step == "words":
            return words_buckets(self.matches, graph, rows, self._strategy)
        if step == "exactAttribute":
            return exact_attribute_buckets(self.matches, graph, rows)
        return path_buckets(_PATH_RULES[step](), self.matches, graph, rows)

    def _score(self, step: Step, bucket: Bucket, document: int) -> Score:
        if isinstance(step, Order):
            if not self.detailed:
                return Score(step.label)
            return order_score(self.snapshot, step, document)
        return Score(step, bucket.rank, bucket.max_rank)

    def _take(self, rows: Documents, scores: list[Score]) -> None:
        if self.distinct is not None:
            rows = self.distinct.take(rows)
            self._kept[rows] = True
        rows = rows[: self._wanted - len(self._rows)]
        self._rows += rows.tolist()
        self._scores += [scores] * len(rows)

    def _take_sorted(self, rows: Documents, scores: list[Score], step: int) -> None:
        """As `_sort` does where all steps from `step` on are orders, and at once."""
        orders = [order for order in self._steps[step:] if isinstance(order, Order)]
        found = sorted_rows(orders, self.snapshot, rows, self._wanted - len(self._rows)).tolist()
        shown = max(0, self.offset - len(self._rows)) if self.detailed else len(found)
        self._rows += found
        self._scores += [scores] * len(found[:shown])
        for row in found[shown:]:
            own = [order_score(self.snapshot, order, row) for order in orders]
            self._scores.append([*scores, *own])

    def result(self, graph: Graph | None) -> Ranked:
        if self.distinct is not None:
            rest = self.distinct.left(np.flatnonzero(self.candidates & ~self._kept))
            self.candidates = self._kept
            self.candidates[rest] = True
        end = self.offset + self.limit
        rows = np.array(self._rows[self.offset : end], np.int64)
        scores = self._scores[self.offset : end]
        return Ranked(rows, self.candidates, scores, self.matches, graph)
