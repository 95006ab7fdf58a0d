"""Clusters: how many results are in each part of a map, at a zoom level.

Results are counted by cells of the grid. The engine tells at most `maxValuesPerFacet` cells of a
level, so up to three levels are asked for: one of which the map has few enough cells in any case,
the one that fits the zoom, and the finest, which says where in a cell its results are. A level
counts only where it is complete: each result with a place has one cell of each level.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from catalog import grid
from catalog.grid import Box
from service.answering.results import Counts, Result

MOST_CELLS = 256
"""Fewer than `maxValuesPerFacet`: an edge of the map that is rounded may touch one row more."""

FINER = 2
"""How many levels the cells of clusters are below the map's tiles: a quarter of a tile wide."""

DIGITS = 6  # of a degree, 0.1 m


def fields(box: Box, zoom: int) -> list[str]:
    """The document's fields whose values are to be counted."""
    return [grid.field(level) for level in sorted({_sure(box), _fitting(zoom), grid.LEVELS[-1]})]


def counted(box: Box, zoom: int, result: Result) -> list[Any]:
    """The clusters of the answer, the largest first, from the counts of `fields`.

    Each has its `count`, the place `lat`, `lng` where its results are on average, and `bounds`
    (west, south, east, north) around them. What is not known more exactly is in the middle of its
    cell of the finest level that is complete.
    """
    counts = {
        level: _by_cell(result.counts(grid.field(level)))
        for level in (_sure(box), _fitting(zoom), grid.LEVELS[-1])
    }
    total = sum(counts[_sure(box)].values())
    complete = [level for level in counts if sum(counts[level].values()) == total]
    finest = max(complete)
    level = min(finest, zoom + FINER)
    parts: defaultdict[int, list[tuple[Box, int]]] = defaultdict(list)
    for cell, count in counts[finest].items():
        parts[grid.above(cell, finest, level)].append((grid.box(cell, finest), count))
    found = [_cluster(boxes) for boxes in parts.values()]
    return sorted(found, key=lambda one: (-one["count"], one["lat"], one["lng"]))


def _by_cell(told: Counts) -> dict[int, int]:
    return {int(float(cell)): count for cell, count in told.items()}


def _sure(box: Box) -> int:
    """The finest level of which a map never has more cells than the engine tells."""
    enough = (level for level in grid.LEVELS if grid.count(box, level) <= MOST_CELLS)
    return max(enough, default=grid.LEVELS[0])


def _fitting(zoom: int) -> int:
    """The level of the documents that has the cells for this zoom, or finer ones."""
    enough = (level for level in grid.LEVELS if level >= zoom + FINER)
    return min(enough, default=grid.LEVELS[-1])


def _cluster(parts: Sequence[tuple[Box, int]]) -> dict[str, Any]:
    boxes, counts = zip(*parts, strict=True)
    count = sum(counts)
    return {
        "lat": round(sum((box.south + box.north) / 2 * n for box, n in parts) / count, DIGITS),
        "lng": round(sum((box.west + box.east) / 2 * n for box, n in parts) / count, DIGITS),
        "count": count,
        "bounds": [
            _down(min(box.west for box in boxes)),
            _down(min(box.south for box in boxes)),
            -_down(-max(box.east for box in boxes)),
            -_down(-max(box.north for box in boxes)),
        ],
    }


def _down(degrees: float) -> float:
    parts: int = 10**DIGITS
    return math.floor(degrees * parts) / parts
