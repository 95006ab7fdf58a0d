"""Orders that a request or a ranking rule asks for: by a field, or by distance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.errors import ApiError
from meililite.index.filters.geo import bad_latitude, bad_longitude
from meililite.index.filters.tree import finite
from meililite.index.geo import distances
from meililite.index.patterns import Match, match_field
from meililite.index.settings import Settings
from meililite.index.snapshot import Snapshot

_GEO = re.compile(r"_geoPoint\(([^,]*),(.*)\)", re.DOTALL)
_RESERVED = ("_geo", "_geoDistance")
_MARGIN = 1.0  # metres: places that differ by no more share a rank
_MAX_BUCKET = 1000


@dataclass(frozen=True)
class Order:
    """By `field`, or by the distance from `point`."""

    field: str
    descending: bool
    point: tuple[float, float] | None = None

    @property
    def label(self) -> str:
        """How score details name it."""
        direction = "desc" if self.descending else "asc"
        if self.point is None:
            return f"{self.field}:{direction}"
        return f"_geoPoint({self.point[0]}, {self.point[1]}):{direction}"


def parse_sort(texts: Sequence[str], settings: Settings, code: str, place: str = "") -> list[Order]:
    """The orders of a request's `sort`.

    code: the error's; place: what stands before a message about fields. Raises ApiError.
    """
    orders = [parse_order(text, code) for text in texts]
    for order in orders:
        if not _sortable(order, settings):
            raise ApiError(code, place + _not_sortable(order, settings))
    return orders


def parse_order(text: str, code: str) -> Order:
    """One order: `price:asc`, `_geoPoint(48.8, 2.3):desc`. Raises ApiError with the code."""
    name, _, direction = text.rpartition(":")
    if direction not in ("asc", "desc") or ":" not in text:
        raise ApiError(
            code,
            "Invalid syntax for the sort parameter: expected expression ending by `:asc` or "
            f"`:desc`, found `{text}`.",
        )
    descending = direction == "desc"
    if name.startswith("_geoPoint(") and name.endswith(")"):
        return Order("_geo", descending, _point(name, code))
    if name in _RESERVED or name.startswith(("_geo(", "_geoDistance(")):
        hint = (
            " Use the _geoPoint(latitude, longitude) built-in rule to sort on _geo field "
            "coordinates."
        )
        raise ApiError(code, _reserved(name) + (hint if name == "_geo" else ""))
    for filter_name in ("_geoRadius", "_geoBoundingBox"):
        if name.startswith(f"{filter_name}("):
            raise ApiError(
                code,
                f"{_reserved(filter_name)} Use the _geoPoint(latitude, longitude) built-in rule "
                "to sort on _geo field coordinates.",
            )
    return Order(name, descending)


def _reserved(name: str) -> str:
    return f"`{name}` is a reserved keyword and thus can't be used as a sort expression."


def _point(name: str, code: str) -> tuple[float, float]:
    found = _GEO.fullmatch(name)
    lat = finite(found.group(1).strip()) if found else None
    lng = finite(found.group(2).strip()) if found else None
    if lat is None or lng is None:
        raise ApiError(
            code,
            "Invalid syntax for the geo parameter: expected expression formated like "
            f"`_geoPoint(latitude, longitude)` and ending by `:asc` or `:desc`, found `{name}`.",
        )
    if not -90 <= lat <= 90:
        raise ApiError(code, bad_latitude(lat))
    if not -180 <= lng <= 180:
        raise ApiError(code, bad_longitude(lng))
    return lat, lng


def _sortable(order: Order, settings: Settings) -> bool:
    if order.point is not None:
        return "_geo" in settings.sortable
    return any(match_field(name, order.field) is Match.YES for name in settings.sortable)


def _not_sortable(order: Order, settings: Settings) -> str:
    names = sorted(settings.sortable)
    hidden = ""
    if settings.displayed is not None:
        shown = [
            n for n in names if any(match_field(d, n) is Match.YES for d in settings.displayed)
        ]
        hidden = ", <..hidden-attributes>" if len(shown) < len(names) else ""
        names = shown
    known = (
        f"Available sortable attributes are: `{', '.join(names)}{hidden}`."
        if names or hidden
        else "This index does not have configured sortable attributes."
    )
    return f"Attribute `{order.field}` is not sortable. {known}"


def ranks(order: Order, snapshot: Snapshot, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each document (ascending numbers) its rank in the order; equal ranks are ties."""
    if order.point is not None:
        return _distance_ranks(order, snapshot, rows)
    column = snapshot.column(order.field)
    dictionary = column.dictionary
    groups = np.append(dictionary.groups, len(dictionary.group_starts)).astype(np.int64)
    if column.values is None:
        codes = groups[column.codes[rows]]
    else:
        codes = _extremes(
            groups,
            *column.entries(rows),
            len(rows),
            numbers=len(dictionary.numbers),
            descending=order.descending,
        )
    if not order.descending:
        return codes
    # Numbers stay before strings, and documents without a value last.
    numbers = len(dictionary.numbers)
    return np.where(
        codes < numbers,
        numbers - 1 - codes,
        np.where(codes < groups[-1], numbers + groups[-1] - 1 - codes, groups[-1]),
    )


def _extremes(
    groups: NDArray[np.int64],
    index: NDArray[np.int64],
    codes: NDArray[Any],
    size: int,
    *,
    numbers: int,
    descending: bool,
) -> NDArray[np.int64]:
    """Of documents with several values, the one that stands first in the order."""
    values = groups[codes]
    if not descending:
        first = np.full(size, groups[-1])
        np.minimum.at(first, index, values)
        return first
    best = np.full(size, -1)
    numeric = values < numbers
    np.maximum.at(best, index[numeric], values[numeric])
    strings = np.full(size, -1)
    np.maximum.at(strings, index[~numeric], values[~numeric])
    best = np.where(best >= 0, best, strings)
    return np.where(best >= 0, best, groups[-1])


def _distance_ranks(order: Order, snapshot: Snapshot, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    assert order.point is not None
    metres = distances(snapshot.places[rows], *order.point)
    return nearby_ranks(metres, descending=order.descending)


def nearby_ranks(metres: NDArray[np.float64], *, descending: bool) -> NDArray[np.int64]:
    """Ranks by distance; what lies within a metre of the first of a rank shares it."""
    signed = -metres if descending else metres
    sequence = np.argsort(signed, kind="stable")
    sorted_distances = signed[sequence]
    known = int(np.count_nonzero(~np.isnan(sorted_distances)))
    result = np.empty(len(metres), np.int64)
    start = rank = 0
    while start < known:
        stop = int(
            np.searchsorted(sorted_distances[:known], sorted_distances[start] + _MARGIN, "right")
        )
        stop = max(start + 1, min(stop, start + _MAX_BUCKET))
        result[sequence[start:stop]] = rank
        start, rank = stop, rank + 1
    result[sequence[known:]] = rank
    return result


def sorted_rows(
    orders: Sequence[Order], snapshot: Snapshot, rows: NDArray[np.int64], needed: int
) -> NDArray[np.int64]:
    """The first `needed` of the documents (ascending numbers) in the orders' order."""
    if not orders:
        return rows[:needed]
    keys = [ranks(order, snapshot, rows) for order in orders]
    if needed < len(rows):
        limit = np.partition(keys[0], needed - 1)[needed - 1] if needed else -1
        near = np.flatnonzero(keys[0] <= limit)
        rows, keys = rows[near], [key[near] for key in keys]
    return rows[np.lexsort(keys[::-1])[:needed]]
