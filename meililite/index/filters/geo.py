"""Filters on places: around a point, in a box, in a polygon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meililite.index.filters.tree import Geo, Word
from meililite.index.geo import within_radius
from meililite.index.geojson import circle, intersecting
from meililite.index.numbers import format_number
from meililite.index.snapshot import Snapshot

Mask = NDArray[np.bool_]
Point = tuple[float, float]

_RESOLUTION = 125  # corners of the polygon that stands for a circle


class GeoFilterError(Exception):
    """A place that does not exist."""


def geo_mask(node: Geo, snapshot: Snapshot) -> Mask | None:
    """The documents in the area; None if neither `_geo` nor `_geojson` can be filtered.

    Raises GeoFilterError.
    """
    settings = snapshot.settings
    mask: Mask | None = None
    if node.name == "_geoRadius":
        point, metres, corners = _radius(node)
        if settings.geo_filterable:
            mask = within_radius(snapshot.places, *point, metres)
        area = circle(point, metres, corners) if settings.geojson_filterable else []
    elif node.name == "_geoBoundingBox":
        top, bottom = _box(node)
        if settings.geo_filterable:
            mask = _in_box(snapshot.degrees, top, bottom)
        area = [top, (top[0], bottom[1]), bottom, (bottom[0], top[1])]
    else:
        area = [_point(*pair) for pair in node.points]
    if settings.geojson_filterable:
        found = np.zeros(snapshot.size, bool)
        found[intersecting(snapshot.shapes(), area)] = True
        mask = found if mask is None else mask | found
    return mask


def boxes_mask(nodes: Sequence[Geo], snapshot: Snapshot) -> Mask:
    """The documents whose `_geo` is in one of the boxes: those near any are sorted by latitude
    once, so that each box looks only at its own slice. Raises GeoFilterError.
    """
    boxes = [_box(node) for node in nodes]
    lat, lng = snapshot.degrees[:, 0], snapshot.degrees[:, 1]
    south, north = min(bottom[0] for _, bottom in boxes), max(top[0] for top, _ in boxes)
    near = np.flatnonzero((lat >= south) & (lat <= north))
    near = near[np.argsort(lat[near])]
    lats, lngs = lat[near], lng[near]
    mask = np.zeros(snapshot.size, bool)
    for top, bottom in boxes:
        first, last = np.searchsorted(lats, bottom[0]), np.searchsorted(lats, top[0], "right")
        mask[near[first:last][_between(lngs[first:last], bottom[1], top[1])]] = True
    return mask


def _number(word: Word) -> float:
    number = word.number()
    if number is None:
        raise GeoFilterError(f"Non finite floats are not supported\n{word.source.pointed()}")
    return number


def _refuse(message: str, word: Word) -> GeoFilterError:
    return GeoFilterError(f"{message}\n{word.source.pointed()}")


def _point(lat_word: Word, lng_word: Word) -> Point:
    lat, lng = _number(lat_word), _number(lng_word)
    if not -90 <= lat <= 90:
        raise _refuse(bad_latitude(lat), lat_word)
    if not -180 <= lng <= 180:
        raise _refuse(bad_longitude(lng), lng_word)
    return lat, lng


def bad_latitude(lat: float) -> str:
    return (
        f"Bad latitude `{format_number(lat)}`. Latitude must be contained between -90 and 90 "
        "degrees."
    )


def bad_longitude(lng: float) -> str:
    wrapped = (lng + 180.0) % 360.0 - 180.0
    return (
        f"Bad longitude `{format_number(lng)}`. Longitude must be contained between -180 and 180 "
        f"degrees. Hint: try using `{format_number(wrapped)}` instead."
    )


def _radius(node: Geo) -> tuple[Point, float, int]:
    words = node.points[0]
    point = _point(words[0], words[1])
    metres = _number(words[2])
    corners = int(_number(words[3])) if len(words) == 4 else _RESOLUTION
    if not 3 <= corners <= 1000:
        message = f"Invalid resolution `{corners}`. Resolution must be between 3 and 1000."
        raise _refuse(message, words[3])
    return point, metres, corners


def _box(node: Geo) -> tuple[Point, Point]:
    """(top right, bottom left)"""
    top, bottom = _point(*node.points[0]), _point(*node.points[1])
    if top[0] < bottom[0]:
        message = (
            f"The top latitude `{format_number(top[0])}` is below the bottom latitude "
            f"`{format_number(bottom[0])}`."
        )
        raise _refuse(message, node.points[1][1])
    return top, bottom


def _in_box(degrees: NDArray[np.float64], top: Point, bottom: Point) -> Mask:
    lat, lng = degrees[:, 0], degrees[:, 1]
    mask: Mask = (lat >= bottom[0]) & (lat <= top[0]) & _between(lng, bottom[1], top[1])
    return mask


def _between(lng: NDArray[np.float64], west: float, east: float) -> Mask:
    """Over the date line where `west` is more than `east`."""
    mask: Mask = (lng >= west) | (lng <= east) if east < west else (lng >= west) & (lng <= east)
    return mask
