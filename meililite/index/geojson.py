"""GeoJSON shapes of documents, and whether they touch an area."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.index.geo import EARTH_RADIUS

Point = tuple[float, float]  # (latitude, longitude)
Ring = Sequence[Point]

_HORIZON = 0.05  # how high above the horizon of the plane a point must stand to be projected
_FAR = 1e9  # where points below it are put: out of every area

_TYPES = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


def parse_shape(value: Any) -> list[tuple[str, list[Point]]]:
    """The parts of a GeoJSON object: ("point" | "line" | "ring", its points).

    Raises ApiError(invalid_document_geo_field) as Meilisearch words it.
    """
    if not isinstance(value, dict):
        raise _refused(f"Expected an owned Object, but got `{orjson.dumps(value).decode()}`")
    kind = value.get("type")
    if not isinstance(kind, str):
        raise _refused("Expected a GeoJSON property for `type`, but got None")
    if kind == "Feature":
        return [] if value.get("geometry") is None else parse_shape(value["geometry"])
    if kind in ("FeatureCollection", "GeometryCollection"):
        items = value.get("features" if kind == "FeatureCollection" else "geometries") or []
        return [part for item in items for part in parse_shape(item)]
    if kind not in _TYPES:
        raise _refused("Expected a Feature, FeatureCollection, or Geometry, but got an empty type")
    if "coordinates" not in value:
        raise _refused("Expected a GeoJSON property for `coordinates`, but got None")
    return list(_parts(kind, value["coordinates"]))


def _refused(message: str) -> ApiError:
    return ApiError("invalid_document_geo_field", message)


def _parts(kind: str, coordinates: Any) -> Iterator[tuple[str, list[Point]]]:
    if kind == "Point":
        yield "point", [_position(coordinates)]
    elif kind.startswith("Multi"):
        for item in coordinates:
            yield from _parts(kind.removeprefix("Multi"), item)
    elif kind == "LineString":
        yield "line", [_position(item) for item in coordinates]
    else:
        for ring in coordinates:
            yield "ring", [_position(item) for item in ring]


def _position(item: Any) -> Point:
    if not isinstance(item, list) or len(item) < 2:
        raise _refused(
            "A position must contain two or more elements, but got "
            f"`{len(item) if isinstance(item, list) else orjson.dumps(item).decode()}`"
        )
    return float(item[1]), float(item[0])


def intersecting(shapes: Sequence[tuple[int, bytes]], area: Ring) -> list[int]:
    """The numbers of the shapes (number, GeoJSON) that touch the area.

    Borders are great circles: everything is projected from the centre of the globe onto a plane
    that touches it in the middle of the area, which makes them straight.
    """
    flat = _plane(area)
    border = [flat(point) for point in area]
    found: list[int] = []
    for number, raw in shapes:
        parts = [
            (kind, [flat(point) for point in points])
            for kind, points in parse_shape(orjson.loads(raw))
        ]
        if _touches(parts, border):
            found.append(number)
    return found


def _plane(area: Ring) -> Callable[[Point], Point]:
    """The gnomonic projection at the middle of the area; the plain degrees of a huge area."""
    middle = (sum(lat for lat, _ in area) / len(area), sum(lng for _, lng in area) / len(area))
    lat0, lng0 = map(math.radians, middle)
    sin0, cos0 = math.sin(lat0), math.cos(lat0)

    def height(point: Point) -> float:
        lat, lng = map(math.radians, point)
        return sin0 * math.sin(lat) + cos0 * math.cos(lat) * math.cos(lng - lng0)

    def flat(point: Point) -> Point:
        lat, lng = map(math.radians, point)
        up = height(point)
        if up <= _HORIZON:
            return _FAR + lat, _FAR + lng
        north = cos0 * math.sin(lat) - sin0 * math.cos(lat) * math.cos(lng - lng0)
        return north / up, math.cos(lat) * math.sin(lng - lng0) / up

    if min(height(point) for point in area) <= _HORIZON:
        return lambda point: point
    return flat


def _touches(parts: list[tuple[str, list[Point]]], area: Ring) -> bool:
    rings = [points for kind, points in parts if kind == "ring"]
    for kind, points in parts:
        if any(contains(area, point) for point in points):
            return True
        if kind != "point" and _borders_cross(points, area, closed=kind == "ring"):
            return True
    covering = sum(contains(ring, area[0]) for ring in rings)
    return covering % 2 == 1


def contains(ring: Ring, point: Point) -> bool:
    """Whether the point is in the ring, or on its border."""
    y, x = point
    inside = False
    for (y1, x1), (y2, x2) in _edges(ring, closed=True):
        if _on_segment(point, (y1, x1), (y2, x2)):
            return True
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _edges(points: Ring, *, closed: bool) -> Iterator[tuple[Point, Point]]:
    yield from pairwise(points)
    if closed and points[0] != points[-1]:
        yield points[-1], points[0]


def _borders_cross(left: Ring, right: Ring, *, closed: bool) -> bool:
    return any(
        _cross(*one, *other)
        for one in _edges(left, closed=closed)
        for other in _edges(right, closed=True)
    )


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1])


def _on_segment(point: Point, a: Point, b: Point) -> bool:
    if _turn(a, b, point) != 0:
        return False
    return min(a[0], b[0]) <= point[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= point[1] <= max(
        a[1], b[1]
    )


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    if (_turn(a, b, c) > 0) != (_turn(a, b, d) > 0) and (_turn(c, d, a) > 0) != (
        _turn(c, d, b) > 0
    ):
        return True
    return any(
        _on_segment(p, *line) for p, line in ((c, (a, b)), (d, (a, b)), (a, (c, d)), (b, (c, d)))
    )


def circle(centre: Point, metres: float, corners: int) -> list[Point]:
    """The polygon that stands for a circle on the sphere."""
    angle = metres / EARTH_RADIUS
    lat, lng = map(math.radians, centre)
    points: list[Point] = []
    for corner in range(corners):
        bearing = 2 * math.pi * corner / corners
        y = math.asin(
            math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing)
        )
        x = lng + math.atan2(
            math.sin(bearing) * math.sin(angle) * math.cos(lat),
            math.cos(angle) - math.sin(lat) * math.sin(y),
        )
        points.append((math.degrees(y), math.degrees(x)))
    return points
