"""Searching among the values of one facet."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.errors import ApiError
from meililite.index.facets import Candidates, Facet, count_values
from meililite.index.normalization import decompose, fold
from meililite.index.search import Page, run_ranking
from meililite.index.settings import Settings
from meililite.index.snapshot import Snapshot
from meililite.index.strings import StringTable
from meililite.index.tokens import by_script
from meililite.index.typos import prefix_within, start_distances

_LETTERS = 1 << 20  # so many letters are compared at once

Places = NDArray[np.int64]


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
    used = np.flatnonzero(facet.counts[numbers:])
    if query is None:
        return list((used + numbers).tolist())
    typos = _allowed_typos(query, name, settings)
    if dictionary.has_plain_keys:  # which are their own normal form, and in its order
        return list((_plain_matches(dictionary.keys, used, query, typos) + numbers).tolist())
    found: list[tuple[str, int]] = []
    for place in used.tolist():
        key = normalize_query(dictionary.keys[place].decode("utf-8", "replace"))
        if key.startswith(query) or (typos and prefix_within(query, key, typos)):
            found.append((key, place + numbers))
    return [group for _, group in sorted(found)]


def _plain_matches(keys: StringTable, used: Places, query: str, typos: int) -> Places:
    """Those of the used keys (ASCII, sorted) that start with the query, typos allowed."""
    low, high = keys.prefix(query.encode("utf-8", "surrogatepass"))
    found = [used[(used >= low) & (used < high)]]
    if typos:
        lengths = np.diff(keys.offsets)[used]
        long = used.compress(lengths >= len(query) - typos)
        width = len(query) + typos
        step = max(1, _LETTERS // width)
        for start in range(0, len(long), step):
            some = long[start : start + step]
            distances = start_distances(query, _letters(keys, some, width), typos)
            found.append(some.compress(distances <= typos))
    return np.unique(np.concatenate(found))


def _letters(keys: StringTable, places: Places, width: int) -> NDArray[np.uint32]:
    """The first letters of the keys at the places, one key a column; 0 behind its end."""
    at = keys.offsets[places] + np.arange(width)[:, None]
    inside = at < keys.offsets[places + 1]
    return np.where(inside, keys.blob[np.where(inside, at, 0)], 0).astype(np.uint32)


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
