"""Places: US ZIP codes and cities resolved in this process, and the distance between two points."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import zipcodes

from catalog.vocabulary import squeeze

EARTH_RADIUS = 6_371_000.0
"""Metres: the sphere that Meilisearch measures on, so that a distance agrees with its radius."""

METRES = {"mi": 1609.344, "km": 1000.0}
"""Metres in one of each unit; the international mile of 1959."""

UNIT = "mi"
"""The unit of distances where none is given."""

FARTHEST = 12_500
"""The largest radius in either unit; half round the earth is 12,436 miles."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the earth in degrees, and the ZIP code it came from, if it did."""

    lat: float
    lng: float
    zip: str | None = None
    city: str | None = None
    state: str | None = None


def place_of_zip(code: str) -> Place | None:
    """The place of a five-digit US ZIP code; None where there is none."""
    return _by_zip().get(code)


@dataclass(frozen=True, slots=True)
class City:
    """A city by the ZIP code nearest to its middle; `codes` is how many it has."""

    place: Place
    codes: int


def cities(name: str) -> tuple[City, ...]:
    """The cities of this name, squeezed; the one with the most ZIP codes first."""
    return _by_city().get(name, ())


@cache
def all_zips() -> tuple[str, ...]:
    """Every ZIP code in order."""
    return tuple(sorted(_by_zip()))


def all_cities() -> list[City]:
    """Every city, the one with the most ZIP codes first."""
    found = (city for cities in _by_city().values() for city in cities)
    return sorted(found, key=lambda city: (-city.codes, city.place.city, city.place.state))


def read_zips() -> None:
    """Have the tables read: the first look takes 0.5 s, which no request should pay."""
    _by_city()


@cache
def _by_zip() -> dict[str, Place]:
    return {place.zip: place for place in _places() if place.zip}


def _places() -> Iterator[Place]:
    """Every ZIP code's, a tenth at a time: all at once would be 100 MB."""
    names: dict[str, str] = {}  # each name is kept once
    for digit in "0123456789":
        for entry in zipcodes.similar_to(digit):  # type: ignore[no-untyped-call]
            if entry["lat"]:
                city = names.setdefault(entry["city"], entry["city"])
                state = names.setdefault(entry["state"], entry["state"])
                point = (float(entry["lat"]), float(entry["long"]))
                yield Place(*point, entry["zip_code"], city, state)


@cache
def _by_city() -> dict[str, tuple[City, ...]]:
    gathered: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in _by_zip().values():
        gathered[place.city or "", place.state or ""].append(place)
    named: dict[str, list[City]] = defaultdict(list)
    for (city, _), places in gathered.items():
        named[squeeze(city)].append(City(_middle(places), len(places)))
    return {
        name: tuple(sorted(found, key=lambda city: (-city.codes, city.place.state or "")))
        for name, found in named.items()
    }


def _middle(places: list[Place]) -> Place:
    """The place that is nearest to the mean of all of them."""
    if len(places) == 1:
        return places[0]
    lat = sum(place.lat for place in places) / len(places)
    lng = sum(place.lng for place in places) / len(places)
    width = math.cos(math.radians(lat))
    return min(places, key=lambda at: (at.lat - lat) ** 2 + ((at.lng - lng) * width) ** 2)


def distance(lat: float, lng: float, place: Place) -> int:
    """Whole metres from a point to a place, by the haversine formula."""
    north, south = math.radians(lat), math.radians(place.lat)
    haversine = (
        math.sin((north - south) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(math.radians(lng - place.lng) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, haversine))))
