"""Filters on places: around a point, in a box, in a polygon."""

from __future__ import annotations

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
    mask: Mask = (lat >= bottom[0]) & (lat <= top[0])
    if top[1] < bottom[1]:  # over the date line
        return mask & ((lng >= bottom[1]) | (lng <= top[1]))
    return mask & (lng >= bottom[1]) & (lng <= top[1])
