"""Places: US ZIP codes resolved in this process, and the distance between two points."""

import math
from dataclasses import dataclass
from functools import lru_cache

import zipcodes

EARTH_RADIUS = 6_371_000.0
"""Metres: the sphere that Meilisearch measures on, so that a distance agrees with its radius."""

METRES = {"mi": 1609.344, "km": 1000.0}
"""Metres in one of each unit; the international mile of 1959."""


@dataclass(frozen=True)
class Place:
    """A point of the earth in degrees, and the ZIP code it came from, if it did."""

    lat: float
    lng: float
    zip: str | None = None
    city: str | None = None
    state: str | None = None


@lru_cache(maxsize=4096)
def place_of_zip(code: str) -> Place | None:
    """The place of a five-digit US ZIP code; None where there is none."""
    found = zipcodes.matching(code)  # type: ignore[no-untyped-call]
    if not found:
        return None
    entry = found[0]
    return Place(float(entry["lat"]), float(entry["long"]), code, entry["city"], entry["state"])


def read_zips() -> None:
    """Have the table of ZIP codes read: the first look takes 0.3 s, which no request should pay."""
    place_of_zip("60601")


def distance(lat: float, lng: float, place: Place) -> int:
    """Whole metres from a point to a place, by the haversine formula."""
    north, south = math.radians(lat), math.radians(place.lat)
    haversine = (
        math.sin((north - south) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(math.radians(lng - place.lng) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, haversine))))
