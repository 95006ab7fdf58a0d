"""Orders that a request or a ranking rule asks for: by a field, or by distance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
_FIRST = 256  # so many documents are brought in order at first,
_MORE = 8  # and each time so many times more

Rows = NDArray[np.int64]


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


def ranks(order: Order, snapshot: Snapshot, rows: Rows) -> NDArray[Any]:
    """For each document its rank in the order of a field; equal ranks are ties."""
    column = snapshot.column(order.field)
    if column.values is None:
        ranked = column.descending if order.descending else column.ascending
        return ranked if len(rows) == len(ranked) else ranked[rows]
    dictionary = column.dictionary
    groups = np.append(dictionary.groups, len(dictionary.group_starts)).astype(np.int64)
    first = _extremes(
        groups,
        *column.entries(rows),
        len(rows),
        numbers=len(dictionary.numbers),
        descending=order.descending,
    )
    return dictionary.reversed_ranks[first] if order.descending else first


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


def ties(order: Order, snapshot: Snapshot, rows: Rows) -> Iterator[Rows]:
    """The documents (ascending numbers) that the order ranks alike, the first ones first.

    Each as ascending places among `rows`. They are found when they are asked for: a page is often
    full after a few.
    """
    if order.point is None:
        ranked = ranks(order, snapshot, rows)
        for places in ascending(ranked):
            own = ranked[places]
            starts = np.flatnonzero(own[1:] != own[:-1]) + 1
            yield from np.split(places, starts)
    else:
        metres = distances(snapshot.places[rows], *order.point)
        yield from nearby(-metres if order.descending else metres)


def ascending(keys: NDArray[Any]) -> Iterator[Rows]:
    """The places of the keys in their order, a few at first; equal keys come together."""
    left = np.arange(len(keys))
    size = _FIRST
    while size < len(left):
        own = keys[left]
        near = own <= np.partition(own, size)[size]
        places = left.compress(near)
        yield places[np.argsort(keys[places], kind="stable")]
        left = left.compress(~near)
        size *= _MORE
    yield left[np.argsort(keys[left], kind="stable")]


def nearby(metres: NDArray[np.float64]) -> Iterator[Rows]:
    """Places by distance: what lies within a metre of the first shares its rank; NaN is last."""
    known = np.flatnonzero(~np.isnan(metres))
    pending = known[:0]
    for chunk in ascending(metres[known]):
        near = np.concatenate([pending, known[chunk]])
        own = metres[near]
        start = 0
        while start < len(near):
            stop = int(np.searchsorted(own, own[start] + _MARGIN, "right"))
            stop = max(start + 1, min(stop, start + _MAX_BUCKET))
            if stop == len(near) < start + _MAX_BUCKET:
                break  # there may be more of them in the next chunk
            yield np.sort(near[start:stop])
            start = stop
        pending = near[start:]
    yield from (np.sort(pending), np.flatnonzero(np.isnan(metres)))


def sorted_rows(orders: Sequence[Order], snapshot: Snapshot, rows: Rows, needed: int) -> Rows:
    """The first `needed` of the documents (ascending numbers) in the orders' order."""
    if not orders or needed <= 0:
        return rows[:needed]
    if any(order.point is not None for order in orders):
        return _sorted_by_ties(orders, snapshot, rows, needed)
    chosen = np.sort(_first_rows(orders, snapshot, rows, needed))
    keys = [ranks(order, snapshot, chosen) for order in orders]
    return chosen[np.lexsort(keys[::-1])]


def _first_rows(orders: Sequence[Order], snapshot: Snapshot, rows: Rows, needed: int) -> Rows:
    """As `sorted_rows`, in any order: only ties at the border are compared by the next order."""
    found: list[Rows] = []
    for order in orders:
        if needed >= len(rows):
            break
        own = ranks(order, snapshot, rows)
        border = np.partition(own, needed - 1)[needed - 1]
        before, tied = np.flatnonzero(own < border), np.flatnonzero(own == border)
        found.append(rows[before])
        rows, needed = rows[tied], needed - len(before)
    return np.concatenate([*found, rows[:needed]])


def _sorted_by_ties(orders: Sequence[Order], snapshot: Snapshot, rows: Rows, needed: int) -> Rows:
    """As `sorted_rows`; distances have ranks among ties only, not among all documents."""
    found: list[Rows] = []
    left = needed
    for places in ties(orders[0], snapshot, rows):
        found.append(sorted_rows(orders[1:], snapshot, rows[places], left))
        left -= len(found[-1])
        if left <= 0:
            break
    return np.concatenate(found)
