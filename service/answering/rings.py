"""Rings: how many results are within each of a few distances from a place, whatever the radius."""

from collections.abc import Sequence
from typing import Any

from service.answering.results import Result
from service.geography.places import METRES

DISTANCES = {"mi": (10, 25, 50, 100, 250), "km": (20, 50, 100, 200, 400)}
"""The radius of each ring in a unit, the smallest first: round numbers about as far in either."""


def radii(unit: str) -> list[float]:
    """The radius of each ring in metres."""
    return [distance * METRES[unit] for distance in DISTANCES[unit]]


def counted(unit: str, results: Sequence[Result]) -> list[dict[str, Any]]:
    """The rings of the answer, from the results of a query for each of `radii`."""
    return [
        {"radius": distance, "unit": unit, "count": result.total}
        for distance, result in zip(DISTANCES[unit], results, strict=True)
    ]
