"""Answers: the engine's results as the body of a response."""

import math
from typing import Any

from service.places import Place, distance
from service.queries import field_of, refined
from service.search import Search

INTERNAL = ("digest", "_geoDistance")
"""Fields that are the house's own, or that are given under another name."""


def listing(document: dict[str, Any], place: Place | None = None) -> dict[str, Any]:
    """A document as people see it: its `location`, and its `distance` in metres from `place`."""
    for name in INTERNAL:
        document.pop(name, None)
    location = document.pop("_geo", None)
    document["location"] = location
    if place is not None:
        document["distance"] = (
            None if location is None else distance(location["lat"], location["lng"], place)
        )
    return document


def answer(search: Search, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The body for a search, `meta` first; `results` are those of its multi-search.

    It is the same for everybody who asks this: what it says of one request is added to `meta`.
    """
    main = results[0]
    total = main["estimatedTotalHits"]
    facets, ranges = _counts(search, results)
    told = {} if search.words is None else {"words": search.words}
    return {
        "meta": {
            "total": total,
            "page": search.page,
            "per_page": search.per_page,
            "pages": min(math.ceil(total / search.per_page), search.pages),
            "applied": search.applied,
            **told,
        },
        "data": [_in_a_list(search, document) for document in main["hits"]],
        "facets": facets,
        "ranges": ranges,
    }


def _in_a_list(search: Search, document: dict[str, Any]) -> dict[str, Any]:
    for name in search.vertical.detail:
        document.pop(name, None)
    return listing(document, search.place)


def _counts(search: Search, results: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Counts of the wanted facets, least and most of the wanted ranges, each without its filter."""
    source = dict(zip(refined(search), results[1:], strict=True))
    facets, ranges = {}, {}
    for name in search.wanted:
        result = source.get(name, results[0])
        field = field_of(search, name)
        if name in search.vertical.facets:
            facets[name] = _values(result["facetDistribution"].get(field, {}))
        else:
            ranges[name] = _ends(result["facetStats"].get(field))
    return facets, ranges


def _values(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Values with their counts, the most frequent first, equals by name."""
    names = sorted(counts)
    names.sort(key=counts.__getitem__, reverse=True)
    return [{"value": name, "count": counts[name]} for name in names]


def _ends(stats: dict[str, float] | None) -> dict[str, int | None]:
    """The least and the most of a range, both None where no result has one."""
    if stats is None:
        return {"min": None, "max": None}
    return {"min": int(stats["min"]), "max": int(stats["max"])}
