"""Searches in the engine's words: one multi-search for one search."""

from typing import Any

from service import histograms, rings
from service.parameters import RINGS
from service.places import Place
from service.search import Bounds, Search

PLACE = "place"


def quoted(value: str) -> str:
    """A value as a string of the engine's filter language; nothing in it can end the string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def refined(search: Search) -> tuple[str, ...]:
    """The wanted facets and ranges that have a filter of their own: each is counted without it."""
    return tuple(n for n in search.wanted if n in search.chosen or n in search.bounds)


def ringed(search: Search) -> list[float]:
    """The radius in metres of each wanted ring; none where there is no place."""
    return rings.radii(search.unit) if search.place and RINGS in search.wanted else []


def field_of(search: Search, name: str) -> str:
    """The document's field behind a facet or a range."""
    facet = search.vertical.facets.get(name)
    return facet.field if facet else name


def multi_search(search: Search) -> list[dict[str, Any]]:
    """The results with the counts of what is not refined; then a query for each `refined`; then
    one for each `ringed`.
    """
    conditions = _conditions(search)
    words = {"indexUid": search.vertical.index, "q": search.q, "matchingStrategy": "all"}

    def count(without: str, *clauses: str, facets: list[str]) -> dict[str, Any]:
        kept = [clause for name, clause in conditions.items() if name != without]
        return {**words, "filter": [*kept, *clauses], "facets": facets, "limit": 0}

    apart = refined(search)
    together = [name for name in search.wanted if name not in apart]
    results = {
        **words,
        "filter": list(conditions.values()),
        "facets": [field for name in together for field in _counted_fields(search, name)],
        "sort": _sort(search),
        "offset": (search.page - 1) * search.per_page,
        "limit": search.per_page,
    }
    alone = [count(name, facets=_counted_fields(search, name)) for name in apart]
    around = [count(PLACE, _within(search, metres), facets=[]) for metres in ringed(search)]
    return [results, *alone, *around]


def _counted_fields(search: Search, name: str) -> list[str]:
    """The document's fields whose values are counted for a wanted part of the answer."""
    if name in search.vertical.facets:
        return [field_of(search, name)]
    found = (bound for bound in search.vertical.ranges if bound.name == name)
    return [field for bound in found for field in histograms.fields(bound)]


def by_id(index: str, key: str, most: int) -> list[dict[str, Any]]:
    """The query for the document with this id; the engine compares ids without regard to case."""
    return [{"indexUid": index, "filter": f"id = {quoted(key)}", "limit": most}]


def _conditions(search: Search) -> dict[str, str]:
    """A clause for each refined facet, range and place; all must hold."""
    conditions = {}
    for name, groups in search.chosen.items():
        field = field_of(search, name)
        conditions[name] = " AND ".join(_one_of(field, values) for values in groups)
    for name, bounds in search.bounds.items():
        conditions[name] = _between(field_of(search, name), bounds)
    if search.radius is not None:
        conditions[PLACE] = _within(search, search.radius)
    return conditions


def _within(search: Search, metres: float) -> str:
    assert search.place is not None
    return f"_geoRadius({_point(search.place)}, {metres:.1f})"


def _one_of(field: str, values: tuple[str, ...]) -> str:
    return f"{field} IN [{', '.join(quoted(value) for value in values)}]"


def _between(field: str, bounds: Bounds) -> str:
    if bounds.least is None:
        return f"{field} <= {bounds.most}"
    if bounds.most is None:
        return f"{field} >= {bounds.least}"
    return f"{field} {bounds.least} TO {bounds.most}"


def _sort(search: Search) -> list[str]:
    """The engine's sort rules, ended by one that no two documents share.

    Relevance has none: a rule here would come before the words.
    """
    if not search.sort.rules:
        return []
    place = _point(search.place) if search.place else ""
    return [*(rule.format(place=place) for rule in search.sort.rules), "id:asc"]


def _point(place: Place) -> str:
    return f"{place.lat:.6f}, {place.lng:.6f}"
