"""Searches in the engine's words: one multi-search for one search."""

import secrets
from collections.abc import Iterable
from functools import partial
from typing import Any

from catalog.grid import Box
from service.answering import clusters, histograms, rings
from service.geography.places import Place
from service.understanding.parameters import CLUSTERS, RINGS
from service.understanding.search import Bounds, Search

PLACE = "place"

Conditions = dict[str, str]
"""A clause of the engine's filter by what it is about."""

_NOT_IN_TEXTS = secrets.token_hex(8)
MARKS = (f"\ue000{_NOT_IN_TEXTS}", f"\ue001{_NOT_IN_TEXTS}")
"""Around a match in a text, until they become HTML with the rest: what no text has by chance, and
nobody can put into one, since it is another in each process and never leaves it.
"""


def quoted(value: str) -> str:
    """A value as a string of the engine's filter language; nothing in it can end the string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def refined(search: Search) -> tuple[str, ...]:
    """The wanted facets and ranges that have a filter of their own: each is counted without it."""
    own = search.chosen.keys() | search.excluded.keys() | search.bounds.keys()
    return tuple(name for name in search.wanted if name in own)


def ringed(search: Search) -> list[float]:
    """The radius in metres of each wanted ring; none where there is no place."""
    return rings.radii(search.unit) if search.place and RINGS in search.wanted else []


def mapped(search: Search) -> tuple[Box, int] | None:
    """The part of the map and the zoom of the wanted clusters, if there are to be any."""
    if CLUSTERS not in search.wanted or search.box is None or search.zoom is None:
        return None
    return search.box, search.zoom


def field_of(search: Search, name: str) -> str:
    """The document's field behind a facet or a range."""
    facet = search.vertical.facets.get(name)
    return facet.field if facet else name


def multi_search(search: Search) -> list[dict[str, Any]]:
    """The results with the counts of what is not refined; then a query for each `refined`; then
    one for each `ringed`.
    """
    conditions = _conditions(search)
    count = partial(_counting, search, conditions)
    apart = refined(search)
    together = [name for name in search.wanted if name not in apart]
    results = {
        **_words(search),
        "filter": [*conditions.values()],
        "facets": [field for name in together for field in _counted_fields(search, name)],
        "sort": _sort(search),
        "offset": search.window.offset,
        "limit": search.window.limit,
        **_members(search),
    }
    alone = [count(name, facets=_counted_fields(search, name)) for name in apart]
    around = [count(PLACE, _within(search, metres), facets=[]) for metres in ringed(search)]
    return [results, *alone, *around]


def counting(search: Search, without: str, *clauses: str, facets: list[str]) -> dict[str, Any]:
    """The query that only counts: without one of the search's conditions, with more clauses."""
    return _counting(search, _conditions(search), without, *clauses, facets=facets)


def _counting(
    search: Search, conditions: Conditions, without: str, *clauses: str, facets: list[str]
) -> dict[str, Any]:
    kept = [*_but(conditions, without), *clauses]
    return {**_words(search), "filter": kept, "facets": facets, "limit": 0}


def facet_search(search: Search, name: str, text: str) -> dict[str, Any]:
    """The question for the values of a facet that begin with a text, counted without its filter."""
    asked = {"facetName": field_of(search, name), "facetQuery": text, "exhaustiveFacetCount": True}
    words = {"q": search.q, "matchingStrategy": "all"}
    return {**asked, **words, "filter": _but(_conditions(search), name)}


def _words(search: Search) -> dict[str, Any]:
    return {"indexUid": search.vertical.index, "q": search.q, "matchingStrategy": "all"}


def _but(conditions: Conditions, without: str) -> list[str]:
    return [clause for name, clause in conditions.items() if name != without]


def _counted_fields(search: Search, name: str) -> list[str]:
    """The document's fields whose values are counted for a wanted part of the answer."""
    if name in search.vertical.facets:
        return [field_of(search, name)]
    seen = mapped(search)
    if name == CLUSTERS and seen:
        return clusters.fields(*seen)
    found = (bound for bound in search.vertical.ranges if bound.name == name)
    return [field for bound in found for field in histograms.fields(bound)]


def by_id(index: str, key: str, most: int) -> list[dict[str, Any]]:
    """The query for the document with this id; the engine compares ids without regard to case."""
    return [{"indexUid": index, "filter": f"id = {quoted(key)}", "limit": most}]


def _members(search: Search) -> dict[str, Any]:
    """What of a document is asked for, where it is not all of it; with what texts are marked."""
    asked: dict[str, Any] = {}
    if search.fields is not None:
        known = [name for name in search.fields if name in search.vertical.fields]
        asked["attributesToRetrieve"] = [
            *known,
            *(["_geo"] if len(known) < len(search.fields) else []),
        ]
    if search.highlight:
        asked["attributesToHighlight"] = list(search.highlight)
        asked["highlightPreTag"], asked["highlightPostTag"] = MARKS
    return asked


def _conditions(search: Search) -> Conditions:
    """A clause for each refined facet, range and place; all must hold."""
    filtered = [n for n in search.vertical.facets if n in search.chosen or n in search.excluded]
    conditions = {name: _of_facet(search, name) for name in filtered}
    for name, values in search.required.items():
        field = field_of(search, name)
        conditions[f"{name}_all"] = " AND ".join(f"{field} = {quoted(value)}" for value in values)
    for name, bounds in search.bounds.items():
        conditions[name] = _between(field_of(search, name), bounds)
    if search.radius is not None:
        conditions[PLACE] = _within(search, search.radius)
    if search.box is not None:
        conditions["bbox"] = _in_box(search.box)
    if search.polygon is not None:
        conditions["polygon"] = " OR ".join(_in_box(box) for box in search.polygon.boxes)
    return {name: clause for name, clause in conditions.items() if clause}


def _of_facet(search: Search, name: str) -> str:
    """The clause of a facet's own filter, empty where it has none."""
    field = field_of(search, name)
    clauses = [one_of(field, values) for values in search.chosen.get(name, ())]
    if name in search.excluded:
        clauses.append(f"NOT {one_of(field, search.excluded[name])}")
    return " AND ".join(clauses)


def one_of(field: str, values: Iterable[str]) -> str:
    """The clause that a field has one of these values."""
    return f"{field} IN [{', '.join(quoted(value) for value in values)}]"


def _in_box(box: Box) -> str:
    """The engine takes the corner in the north-east, then the one in the south-west."""
    northeast, southwest = f"{box.north:.6f}, {box.east:.6f}", f"{box.south:.6f}, {box.west:.6f}"
    return f"_geoBoundingBox([{northeast}], [{southwest}])"


def _within(search: Search, metres: float) -> str:
    assert search.place is not None
    return f"_geoRadius({point(search.place)}, {metres:.1f})"


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
    place = point(search.place) if search.place else ""
    return [*(rule.format(place=place) for rule in search.sort.rules), "id:asc"]


def point(place: Place) -> str:
    """A place in the engine's words, to 11 cm."""
    return f"{place.lat:.6f}, {place.lng:.6f}"
