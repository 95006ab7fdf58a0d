"""Which queries of a federated search can be merged: those whose rules can be compared in turn.

Each query's ranking rules are first written as they work for it: rules on words fall away without
words, rules that repeat fall away, `sort` stands for what the query asks for. Rules on words that
are neighbors count as one. Two queries are compatible when their rules, as far as both go, are of
the same kinds in the same order.
Source of the rules, their order and the wording: Meilisearch's `search/ranking_rules.rs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from meililite.errors import ApiError

_FAMILIES = ("relevancy", "sort", "geosort")


@dataclass(frozen=True, slots=True)
class Kind:
    family: str  # one of _FAMILIES
    direction: str = ""  # ascending or descending, for sorts

    def __str__(self) -> str:
        return f"{self.direction} {self.family.replace('geo', 'geo ')}".lstrip()


_RELEVANCY = Kind("relevancy")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that counts for a query, where it stands, and its name."""

    kind: Kind
    place: str
    name: str

    def __str__(self) -> str:
        return f"{self.place}: {self.kind} rule(s) {self.name}"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rules of one query, and what was changed of those of its index (`notes`)."""

    position: int
    rules: list[Rule]
    notes: list[str]


def ranking(uid: str, position: int, query: dict[str, Any], criteria: Sequence[str]) -> Ranking:
    """How a query of an index with the ranking rules `criteria` ranks."""
    canonical = _Canonical(criteria, query)
    rules = list(canonical.rules(uid, position))
    return Ranking(position, rules, canonical.notes)


def check(rankings: Iterable[Ranking]) -> None:
    """Raise ApiError for the first that cannot be compared with those before it."""
    longest: Ranking | None = None
    for current in rankings:
        if longest is None:
            longest = current
            continue
        for before, rule in zip(longest.rules, current.rules, strict=False):
            if before.kind != rule.kind:
                raise _incompatible(longest, before, current, rule)
        if len(longest.rules) <= len(current.rules):
            longest = current


def _incompatible(previous: Ranking, before: Rule, current: Ranking, rule: Rule) -> ApiError:
    lines = [
        f"Inside `.queries[{current.position}]`: The results of queries #{previous.position} and "
        f"#{current.position} are incompatible: ",
        f"  1. {before}",
        f"  2. {rule}",
        f"  - {_reason(before.kind, rule.kind)}",
    ]
    for one in (previous, current):
        if one.notes:
            lines.append(
                f"  - note: The ranking rules of query #{one.position} were modified during "
                "canonicalization:"
            )
            lines += one.notes
    return ApiError("invalid_multi_search_query_ranking_rules", "\n".join(lines) + "\n")


def _reason(left: Kind, right: Kind) -> str:
    if left.family == right.family:
        return f"cannot compare two {left.family} rules in opposite directions"
    first, second = sorted((left.family, right.family), key=_FAMILIES.index)
    return f"cannot compare a {first} rule with a {second} rule"


class _Canonical:
    """The ranking rules as they work for one query."""

    def __init__(self, criteria: Sequence[str], query: dict[str, Any]) -> None:
        self.notes: list[str] = []
        self._criteria: list[str] = []
        self._sort: list[str] = []
        self._has_words = bool((query.get("q") or "").strip())
        self._all_words = query.get("matchingStrategy") == "all"
        # What was met before, and where: rules by name, sorts by field.
        self._met: dict[str, tuple[str, str]] = {}
        self._prepended = False
        for number, criterion in enumerate(criteria):
            place = f"#{number} in ranking rules"
            if criterion == "sort":
                self._add_sort(query.get("sort"), number, place)
            elif ":" in criterion:
                if self._first(f"field {_split(criterion)[0]}", criterion, place):
                    self._criteria.append(criterion)
            elif not self._has_words:
                self._note(
                    f"Removed relevancy rule `{criterion}` at position {place} because the query "
                    'is a placeholder search (`q`: "")'
                )
            elif criterion == "words":
                self._add_words(place)
            else:
                self._add_relevancy(criterion, place)

    def _note(self, text: str, indent: str = "    ") -> None:
        self.notes.append(f"{indent}{len(self.notes) + 1}. {text}")

    def _first(self, key: str, name: str, place: str) -> bool:
        """Whether this is met for the first time; a note when it is not."""
        if key not in self._met:
            self._met[key] = name, place
            return True
        earlier, first = self._met[key]
        self._note(
            f"Removed duplicate rule `{earlier}` at position {place} as it already appears at "
            f"position {first}"
        )
        return False

    def _add_words(self, place: str) -> None:
        if self._all_words:
            why = "`query.matchingWords` is set to `all`"
            self._note(f"Removed rule `words` at position {place} because {why}")
            return
        if self._prepended and "rule words" not in self._met:
            why = "it was previously prepended"
            self._note(f"Removed rule `words` at position {place} because {why}")
        if self._first("rule words", "words", place):
            self._criteria.append("words")

    def _add_relevancy(self, criterion: str, place: str) -> None:
        if not (self._all_words or self._prepended or "rule words" in self._met):
            self._note(
                f"Prepended rule `words` before first relevancy rule `{criterion}` at position "
                f"{place}"
            )
            self._criteria.append("words")
            self._prepended = True
        if self._first(f"rule {criterion}", criterion, place):
            self._criteria.append(criterion)

    def _add_sort(self, asked: list[str] | None, number: int, place: str) -> None:
        if asked is None and "rule sort" not in self._met:
            note = f"Removed rule `sort` at position {place} because `query.sort` is empty"
            self._note(note, indent="   ")
            return
        if not self._first("rule sort", "sort", place):
            return
        self._criteria.append("sort")
        for index, text in enumerate(asked or ()):
            field, direction = _split(text)
            key, name = f"field {field}", text
            if _is_place(field):
                key, name = "place", f"_geo(..):{direction}"
            where = f"#{index} in `query.sort` (as `sort` is #{number} in ranking rules)"
            if self._first(key, name, where):
                self._sort.append(text)

    def rules(self, uid: str, position: int) -> Iterable[Rule]:
        """The rules that count, those on words that are neighbors as one."""
        at = f"`queries[{position}]"
        listed = (
            (number, item, sort)
            for number, item in enumerate(self._criteria)
            for sort in (range(len(self._sort)) if item == "sort" else (None,))
        )
        for relevant, group in groupby(
            listed, key=lambda one: one[2] is None and ":" not in one[1]
        ):
            members = list(group)
            if relevant:
                first, last = members[0][0], members[-1][0]
                span = f"{first}..={last}" if last > first else f"{first}"
                names = ", ".join(self._criteria[first : last + 1])
                yield Rule(_RELEVANCY, f"{at}`, `{uid}.rankingRules[{span}]`", names)
                continue
            for number, item, sort in members:
                where = f"`{uid}.rankingRules[{number}]`"
                if sort is None:
                    yield Rule(_kind(item), f"{at}`, {where}", item)
                else:
                    text = self._sort[sort]
                    yield Rule(_kind(text), f"{at}.sort[{sort}]`, {where}", _on(text))


def _split(text: str) -> tuple[str, str]:
    field, _, direction = text.rpartition(":")
    return field, direction


def _is_place(field: str) -> bool:
    return field.startswith("_geoPoint(")


def _kind(text: str) -> Kind:
    field, direction = _split(text)
    family = "geosort" if _is_place(field) else "sort"
    return Kind(family, "descending" if direction == "desc" else "ascending")


def _on(text: str) -> str:
    field = _split(text)[0]
    return "default" if _is_place(field) else f"on field `{field}`"
