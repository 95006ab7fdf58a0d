"""Searching among the values of one facet."""

from __future__ import annotations

from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.index.facets import Candidates, Facet, count_values
from meililite.index.normalization import decompose, fold
from meililite.index.search import Page, run_ranking
from meililite.index.settings import Settings
from meililite.index.snapshot import Snapshot
from meililite.index.tokens import by_script
from meililite.index.typos import prefix_within


def facet_search(snapshot: Snapshot, request: dict[str, Any]) -> bytes:
    """{"facetHits": [{"value", "count"}...], "facetQuery"}. Raises ApiError."""
    settings = snapshot.settings
    if not settings.facet_search:
        raise ApiError("facet_search_disabled", "The facet search is disabled for this index")
    name = request["facetName"]
    query = request.get("facetQuery")
    ranked, _ = run_ranking(snapshot, request, Page(0, 0, exhaustive=False))
    check_facet(settings, name)
    facet = count_values(snapshot.column(name), Candidates(ranked.candidates))
    groups = _groups(facet, None if query is None else normalize_query(query), name, settings)
    found = [
        {"value": facet.spelling(group), "count": int(facet.counts[group])} for group in groups
    ]
    if settings.facet_order(name) == "count":
        found.sort(key=lambda hit: (hit["count"], str(hit["value"]).encode()), reverse=True)
    return orjson.dumps({"facetHits": found[: settings.max_values_per_facet], "facetQuery": query})


def normalize_query(query: str) -> str:
    """The query as facet values are indexed for this search: without case and accents."""
    return "".join(fold(decompose(piece), script) for script, piece in by_script(query))


def _groups(facet: Facet, query: str | None, name: str, settings: Settings) -> list[int]:
    """The groups of strings with a count whose key starts with the query, typos allowed."""
    dictionary = facet.column.dictionary
    numbers = len(dictionary.numbers)
    used = (group for group in range(numbers, len(facet.counts)) if facet.counts[group])
    if query is None:
        return list(used)
    typos = _allowed_typos(query, name, settings)
    found: list[tuple[str, int]] = []
    for group in used:
        key = normalize_query(dictionary.keys[group - numbers].decode("utf-8", "replace"))
        if key.startswith(query) or (typos and prefix_within(query, key, typos)):
            found.append((key, group))
    return [group for _, group in sorted(found)]


def _allowed_typos(query: str, name: str, settings: Settings) -> int:
    typo = settings.typo
    length = len(query.encode())
    if not typo.enabled or name in typo.exact_attributes or query in typo.exact_words:
        return 0
    return 0 if length < typo.one else 1 if length < typo.two else 2


def check_facet(settings: Settings, name: str) -> None:
    """Raises ApiError(invalid_facet_search_facet_name) if the facet cannot be searched."""
    found = settings.rule_for(name)
    if found is not None and found[1].facet_search:
        return
    message = f"Attribute `{name}` is not facet-searchable. "
    patterns = sorted({p for r in settings.filterable if r.facet_search for p in r.patterns})
    if found is not None:
        index = found[0]
        message += (
            f"Note: this attribute matches rule #{index} in filterableAttributes, but this rule "
            f"does not enable facetSearch.\nHint: enable facetSearch in rule #{index} by adding "
            f'`"facetSearch": true` to the rule.\nHint: prepend another rule matching {name} with '
            f"facetSearch: true before rule #{index}"
        )
    elif patterns:
        message += (
            f"Available facet-searchable attributes patterns are: `{', '.join(patterns)}`. To make "
            "it facet-searchable add it to the `filterableAttributes` index settings."
        )
    else:
        message += (
            "This index does not have configured facet-searchable attributes. To make it "
            "facet-searchable add it to the `filterableAttributes` index settings."
        )
    raise ApiError("invalid_facet_search_facet_name", message)
