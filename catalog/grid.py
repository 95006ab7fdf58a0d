"""The grid that listings are counted in on a map: tiles of the web's maps, at a few levels.

A level has `2 ** level` columns from west to east and as many rows from north to south, as the
tiles of web maps have (https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames). A cell is one
number, `column * 2 ** level + row`. Documents have their cell of each level in `grid.z4`, `grid.z6`
and so on; the view computes them with the same formulas.
"""

import math
from typing import NamedTuple

LEVELS = (4, 6, 8, 10, 12, 14, 16, 18, 20)
"""The coarsest has 256 cells; one of the finest is 38 m wide at the equator, a dealer's lot."""

NORTHMOST = math.degrees(math.atan(math.sinh(math.pi)))
"""Where the map ends, 85.05 degrees; what lies beyond is in the first or last row."""


class Box(NamedTuple):
    """A part of the map in degrees; over the date line where `west` is more than `east`."""

    south: float
    west: float
    north: float
    east: float


def field(level: int) -> str:
    """The document's field that has its cell of this level."""
    return f"grid.z{level}"


def column(lng: float, level: int) -> int:
    side = 1 << level
    return min(side - 1, math.floor((lng + 180) / 360 * side))


def row(lat: float, level: int) -> int:
    side = 1 << level
    bounded = math.radians(max(-NORTHMOST, min(NORTHMOST, lat)))
    return max(
        0, min(side - 1, math.floor((0.5 - math.asinh(math.tan(bounded)) / math.tau) * side))
    )


def cell(lat: float, lng: float, level: int) -> int:
    """The number of the cell that a point in degrees is in."""
    return (column(lng, level) << level) + row(lat, level)


def cells(lat: float, lng: float) -> dict[str, int]:
    """The member `grid` of a document at this point."""
    return {f"z{level}": cell(lat, lng, level) for level in LEVELS}


def box(number: int, level: int) -> Box:
    """The edges of a cell."""
    west, north = _split(number, level)
    return Box(_lat(north + 1, level), _lng(west, level), _lat(north, level), _lng(west + 1, level))


def above(number: int, level: int, coarser: int) -> int:
    """The cell of a coarser level that has this cell in it."""
    steps = level - coarser
    at_column, at_row = _split(number, level)
    return (at_column >> steps << coarser) + (at_row >> steps)


def _split(number: int, level: int) -> tuple[int, int]:
    """The column and the row of a cell."""
    return number >> level, number & ((1 << level) - 1)


def _lng(edge: int, level: int) -> float:
    return edge / (1 << level) * 360 - 180


def _lat(edge: int, level: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * edge / (1 << level)))))


def count(area: Box, level: int) -> int:
    """How many cells of a level an area touches."""
    side = 1 << level
    rows = row(area.south, level) - row(area.north, level) + 1
    columns = column(area.east, level) - column(area.west, level) + 1
    return rows * (columns if area.west <= area.east else min(side, columns + side))
