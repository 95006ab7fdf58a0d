"""A polygon as boxes, which is what the engine's filters can say of points.

Its `_geoPolygon` takes only documents with `_geojson`, which would bend the boxes of all other
searches, too, and it loses points (https://github.com/meilisearch/meilisearch/issues/6575). So a
polygon is cut along parallels into slabs, and a box stands for each stretch that is inside. Edges
along meridians and parallels are exact; of a slanted one each box takes in as much as it leaves
out.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from catalog.grid import Box

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True)
class Shape:
    """A polygon by its corners, and the boxes that stand for it."""

    corners: tuple[Point, ...]
    boxes: tuple[Box, ...]


SLABS = 64
"""How many slabs there are at least from the southern end to the northern one."""

MOST_BOXES = 256
"""Beyond, a polygon is too winding to be asked for."""


def boxes(corners: Sequence[Point]) -> list[Box]:
    """The boxes of a polygon, in which a point counts that an odd number of edges go round.

    An edge takes the shorter way around the earth. ValueError, to follow "must be", for a polygon
    that goes round a pole, that has no height or width, or that is too winding.
    """
    ring = _unrolled(corners)
    if len({lat for lat, _ in ring}) == 1 or len({lng for _, lng in ring}) == 1:
        raise ValueError("a shape with some area")
    found: list[Box] = []
    for south, north in pairwise(_cuts(ring)):
        for west, east in _inside(ring, (south + north) / 2):
            _add(found, Box(south, west, north, east))
        if len(found) > MOST_BOXES:
            raise ValueError("a simpler shape: one that winds less")
    return [box._replace(west=_rolled(box.west), east=_rolled(box.east)) for box in found]


def _unrolled(corners: Sequence[Point]) -> list[Point]:
    """The closed ring on a plane: longitudes go on beyond the date line."""
    ring = [corners[0]]
    for lat, lng in (*corners[1:], corners[0]):
        before = ring[-1][1]
        ring.append((lat, before + _rolled(lng - before)))
    if round(ring[-1][1] - ring[0][1]) != 0:
        raise ValueError("a shape that does not go round a pole")
    return ring


def _rolled(lng: float) -> float:
    """The same longitude from -180 to 180."""
    return lng if -180 <= lng <= 180 else (lng + 180) % 360 - 180


def _cuts(ring: Sequence[Point]) -> list[float]:
    """The latitudes between slabs, ascending: one at each corner, and so many between."""
    corners = sorted({lat for lat, _ in ring})
    height = (corners[-1] - corners[0]) / SLABS
    cuts = corners[:1]
    for south, north in pairwise(corners):
        parts = math.ceil((north - south) / height)
        cuts += [south + (north - south) * part / parts for part in range(1, parts)]
        cuts.append(north)
    return cuts


def _inside(ring: Sequence[Point], lat: float) -> Iterator[tuple[float, float]]:
    """The stretches of a parallel inside of the ring; no corner is on it."""
    crossed = sorted(
        lng + (lat - south) / (north - south) * (other - lng)
        for (south, lng), (north, other) in pairwise(ring)
        if (south < lat) != (north < lat)
    )
    return zip(crossed[::2], crossed[1::2], strict=True)


def _add(found: list[Box], box: Box) -> None:
    """Put a box with those found, or let the one below it that is as wide reach up to its top."""
    for place, below in enumerate(found):
        if (below.north, below.west, below.east) == (box.south, box.west, box.east):
            found[place] = below._replace(north=box.north)
            return
    found.append(box)
