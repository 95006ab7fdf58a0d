"""Places in the USA: ZIP codes as people write them, and where they are."""

import re
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

import zipcodes

from catalog.vocabulary import squeeze
from scrapers.normalise.vocabulary import Vocabulary

STATES = Vocabulary("state")

_ZIP = re.compile(r"(\d{3,5})(?:\.0+)?|(\d{5})[-\s]?\d{4}")


class Place(NamedTuple):
    """Where a ZIP code is, in degrees, and what its post office is called."""

    lat: float
    lng: float
    city: str
    state: str


@lru_cache(maxsize=50_000)
def zip_code(text: str) -> str | None:
    """Five digits: ZIP+4 cut, the zeros restored that spreadsheets drop (`2134`, `2134.0`)."""
    match = _ZIP.fullmatch(text.strip())
    if match is None:
        return None
    return (match[2] or match[1]).zfill(5)


def place_of(zip_code: str) -> Place | None:
    """The place of a ZIP code of five digits; None if the post has no such code."""
    return _section(zip_code[:3]).get(zip_code)


@lru_cache(maxsize=1_000)
def _section(prefix: str) -> dict[str, Place]:
    """The places of ZIP codes that begin with three digits; all at once would be 100 MB."""
    if not (len(prefix) == 3 and prefix.isascii() and prefix.isdigit()):
        return {}
    entries = zipcodes.similar_to(prefix)  # type: ignore[no-untyped-call]
    return {entry["zip_code"]: _place(entry) for entry in entries if entry["lat"]}


def _place(entry: dict[str, str]) -> Place:
    return Place(float(entry["lat"]), float(entry["long"]), entry["city"], entry["state"])


@lru_cache(maxsize=100)
def _cities(state: str) -> dict[str, list[Place]]:
    """The places of the ZIP codes of a state, by the city's name."""
    cities: dict[str, list[Place]] = defaultdict(list)
    for entry in zipcodes.filter_by_state(state):  # type: ignore[no-untyped-call]
        if entry["lat"]:
            cities[squeeze(entry["city"])].append(_place(entry))
    return cities


@lru_cache(maxsize=20_000)
def place_of_city(city: str, state: str) -> Place | None:
    """The middle of a city's ZIP codes; `state` is two letters."""
    offices = _cities(state).get(squeeze(city))
    if not offices:
        return None
    lat = sum(office.lat for office in offices) / len(offices)
    lng = sum(office.lng for office in offices) / len(offices)
    return Place(round(lat, 4), round(lng, 4), offices[0].city, state)


@lru_cache(maxsize=50_000)
def coordinates(lat: str | None, lng: str | None) -> tuple[float, float] | None:
    """Degrees, both or none; (0, 0) is how programs write that they do not know."""
    try:
        north, east = float(lat or ""), float(lng or "")
    except ValueError:
        return None
    if not (-90 <= north <= 90 and -180 <= east <= 180) or (north == 0 and east == 0):
        return None
    return north, east


def state_code(text: str) -> str:
    """Two letters for a state of the USA, else the text as it is."""
    return STATES.meaning(text).value or text
