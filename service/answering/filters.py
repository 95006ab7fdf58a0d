"""What a collection can be filtered and sorted by, with what its index has of it now."""

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.vertical import Vertical
from service.answering.facets import MOST_VALUES
from service.answering.results import Result
from service.understanding.parameters import Parameter

PLACES = ("zip", "lat", "lng", "radius", "unit", "bbox", "polygon")


def query(vertical: Vertical) -> dict[str, Any]:
    """The question for the values and bounds of everything there is."""
    fields = [facet.field for facet in vertical.facets.values()]
    ranges = [bound.name for bound in vertical.ranges]
    return {"indexUid": vertical.index, "facets": [*fields, *ranges], "limit": 0}


def described(
    vertical: Vertical, parameters: Mapping[str, Parameter], result: Result
) -> dict[str, Any]:
    """The filters and orders of a collection; `result` is that of `query`."""
    filters = [
        _filter("q", "text", "Search", ("q",)),
        *_facets(vertical, parameters, result),
        *_ranges(vertical, result),
        *([_filter("place", "place", "Place", PLACES)] if vertical.place else []),
    ]
    sorts = [
        {"name": sort.name, "label": sort.label, "needs_place": sort.needs_place}
        for sort in vertical.sorts
    ]
    return {"total": result.total, "filters": filters, "sorts": sorts}


def _filter(name: str, kind: str, label: str, parameters: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": label, "parameters": list(parameters)}


def _facets(
    vertical: Vertical, parameters: Mapping[str, Parameter], result: Result
) -> Iterator[dict[str, Any]]:
    """`values` is how many there are; with `more`, how many of them are listed at most."""
    for name, facet in vertical.facets.items():
        takes = tuple(one for one in (name, f"{name}_all") if one in parameters)
        values = len(result.counts(facet.field))
        yield {
            **_filter(name, "facet", facet.label, takes),
            "several": facet.many,
            "values": values,
            "more": values >= MOST_VALUES,
        }


def _ranges(vertical: Vertical, result: Result) -> Iterator[dict[str, Any]]:
    for bound in vertical.ranges:
        ends = result.ends.get(bound.name)
        yield {
            **_filter(bound.name, "range", bound.label, (f"{bound.name}_min", f"{bound.name}_max")),
            "unit": bound.unit,
            "min": int(ends.min) if ends else None,
            "max": int(ends.max) if ends else None,
        }
