"""The settings of an index, as the code asks for them.

The raw settings keep Meilisearch's JSON shape and hold only what was set; here the defaults are
filled in (https://www.meilisearch.com/docs/reference/api/settings).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meililite.index.patterns import Match, match_field, match_pattern, stronger

DEFAULT_RANKING_RULES = (
    "words",
    "typo",
    "proximity",
    "attributeRank",
    "sort",
    "wordPosition",
    "exactness",
)


@dataclass(frozen=True)
class FilterableRule:
    """One item of `filterableAttributes`: a field with what is below it, or patterns."""

    patterns: tuple[str, ...]
    is_field: bool
    facet_search: bool = True
    equality: bool = True
    comparison: bool = True

    @property
    def filterable(self) -> bool:
        return self.equality or self.comparison

    def match(self, field: str) -> Match:
        if self.is_field:
            return match_field(self.patterns[0], field)
        return stronger(match_pattern(pattern, field) for pattern in self.patterns)

    @classmethod
    def of(cls, raw: str | Mapping[str, Any]) -> FilterableRule:
        if isinstance(raw, str):
            return cls((raw,), is_field=True)
        features = raw.get("features") or {}
        filters = features.get("filter") or {}
        return cls(
            tuple(raw["attributePatterns"]),
            is_field=False,
            facet_search=bool(features.get("facetSearch", False)),
            equality=bool(filters.get("equality", True)),
            comparison=bool(filters.get("comparison", False)),
        )


@dataclass(frozen=True)
class TypoTolerance:
    """How many typos a word may have, by its length in characters."""

    enabled: bool = True
    one: int = 5
    two: int = 9
    exact_words: frozenset[str] = frozenset()
    exact_attributes: frozenset[str] = frozenset()
    disable_on_numbers: bool = False

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> TypoTolerance:
        sizes = raw.get("minWordSizeForTypos") or {}
        enabled = raw.get("enabled")
        return cls(
            enabled=enabled is None or bool(enabled),
            one=sizes.get("oneTypo", 5) if sizes.get("oneTypo") is not None else 5,
            two=sizes.get("twoTypos", 9) if sizes.get("twoTypos") is not None else 9,
            exact_words=frozenset(word.lower() for word in raw.get("disableOnWords") or ()),
            exact_attributes=frozenset(raw.get("disableOnAttributes") or ()),
            disable_on_numbers=bool(raw.get("disableOnNumbers")),
        )


@dataclass(frozen=True)
class Settings:
    """Everything that shapes an index and its answers; None stands for "every field"."""

    raw: Mapping[str, Any]
    searchable: tuple[str, ...] | None
    displayed: tuple[str, ...] | None
    filterable: tuple[FilterableRule, ...]
    sortable: frozenset[str]
    ranking_rules: tuple[str, ...]
    stop_words: frozenset[str]
    separators: frozenset[str]
    non_separators: frozenset[str]
    dictionary: frozenset[str]
    synonyms: Mapping[str, tuple[str, ...]]
    distinct: str | None
    typo: TypoTolerance
    max_values_per_facet: int
    sort_facet_values: Mapping[str, str]
    max_total_hits: int
    by_attribute: bool
    facet_search: bool
    prefix_search: bool

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Settings:
        faceting = raw.get("faceting") or {}
        pagination = raw.get("pagination") or {}
        synonyms = raw.get("synonyms") or {}
        return cls(
            raw=raw,
            searchable=_fields(raw.get("searchableAttributes")),
            displayed=_fields(raw.get("displayedAttributes")),
            filterable=tuple(FilterableRule.of(r) for r in raw.get("filterableAttributes") or ()),
            sortable=frozenset(raw.get("sortableAttributes") or ()),
            ranking_rules=_ranking_rules(raw.get("rankingRules")),
            stop_words=frozenset(raw.get("stopWords") or ()),
            separators=frozenset(raw.get("separatorTokens") or ()),
            non_separators=frozenset(raw.get("nonSeparatorTokens") or ()),
            dictionary=frozenset(raw.get("dictionary") or ()),
            synonyms={word: tuple(others) for word, others in synonyms.items()},
            distinct=raw.get("distinctAttribute"),
            typo=TypoTolerance.of(raw.get("typoTolerance") or {}),
            max_values_per_facet=_or(faceting.get("maxValuesPerFacet"), 100),
            sort_facet_values=faceting.get("sortFacetValuesBy") or {},
            max_total_hits=_or(pagination.get("maxTotalHits"), 1000),
            by_attribute=raw.get("proximityPrecision") == "byAttribute",
            facet_search=raw.get("facetSearch") is not False,
            prefix_search=raw.get("prefixSearch") != "disabled",
        )

    def rule_for(self, field: str) -> tuple[int, FilterableRule] | None:
        """The first filterable rule that matches the field, with its place in the list."""
        for index, rule in enumerate(self.filterable):
            if rule.match(field) is Match.YES:
                return index, rule
        return None

    def is_filterable(self, field: str) -> bool:
        found = self.rule_for(field)
        return found is not None and found[1].filterable

    def facet_order(self, field: str) -> str:
        """`alpha` or `count`, by the field's own entry or the one of `*`."""
        order = self.sort_facet_values
        return order.get(field) or order.get("*") or "alpha"

    def column_match(self, field: str) -> Match:
        """Whether the field (or one below it) needs a column: to filter, sort or be distinct."""
        best = self._filterable_match(field)
        if best is Match.YES:
            return best
        if self.distinct is not None:
            if field == self.distinct:
                return Match.YES
            best = stronger((best, match_pattern(self.distinct, field)))
        ordered = [*self.sortable, *(rule.rpartition(":")[0] for rule in self.ranking_rules)]
        return stronger((best, *(match_field(pattern, field) for pattern in ordered if pattern)))

    def _filterable_match(self, field: str) -> Match:
        """A field that matches a rule without features is not taken by a later rule."""
        best = Match.NO
        shadowed = False
        for rule in self.filterable:
            match = rule.match(field)
            useful = rule.filterable or rule.facet_search
            if match is Match.YES and useful and not shadowed:
                return Match.YES
            shadowed = shadowed or match is Match.YES
            if match is Match.PARENT and useful:
                best = Match.PARENT
        return best

    def is_comparable(self, field: str) -> bool:
        """Whether documents can be ordered or compared by the field, not only found by a value."""
        ordered = [*self.sortable, *(rule.rpartition(":")[0] for rule in self.ranking_rules)]
        if any(match_field(pattern, field) is Match.YES for pattern in ordered if pattern):
            return True
        found = self.rule_for(field)
        return found is not None and found[1].comparison

    def search_match(self, field: str) -> Match:
        """Whether the field (or one below it) is searched."""
        if self.searchable is None:
            return Match.YES
        return stronger(match_field(pattern, field) for pattern in self.searchable)

    def weight(self, field: str) -> int:
        """The rank of a searched field for `attributeRank`: 0 is the best."""
        if self.searchable is None:
            return 0
        for weight, pattern in enumerate(self.searchable):
            if match_field(pattern, field) is Match.YES:
                return weight
        return len(self.searchable)

    @property
    def geo_filterable(self) -> bool:
        return any(rule.is_field and rule.patterns[0] == "_geo" for rule in self.filterable)

    @property
    def geojson_filterable(self) -> bool:
        return any(rule.is_field and rule.patterns[0] == "_geojson" for rule in self.filterable)

    @property
    def geo_enabled(self) -> bool:
        return self.geo_filterable or "_geo" in self.sortable


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _fields(raw: list[str] | None) -> tuple[str, ...] | None:
    return None if raw is None or "*" in raw else tuple(raw)


def _ranking_rules(raw: list[str] | None) -> tuple[str, ...]:
    return DEFAULT_RANKING_RULES if raw is None else tuple(raw)
