"""ZIP codes and distances."""

from functools import cache
from typing import NamedTuple

import numpy as np
import zipcodes

from stack.market.vocabulary import Floats

EARTH_MILES = 3958.8


class Place(NamedTuple):
    """A ZIP code's place; latitude and longitude in degrees."""

    zip: str
    city: str
    state: str
    lat: float
    lng: float
    area_code: str


@cache
def places() -> dict[str, Place]:
    """The active, ordinary ZIP codes of the fifty states and DC, by code."""
    return {
        known["zip_code"]: Place(
            known["zip_code"],
            known["city"],
            known["state"],
            float(known["lat"]),
            float(known["long"]),
            known["area_codes"][0] if known["area_codes"] else "800",
        )
        for known in zipcodes.list_all()  # type: ignore[no-untyped-call]
        if known["active"] and known["zip_code_type"] == "STANDARD" and known["lat"]
    }


def miles(lat: float, lng: float, lats: Floats, lngs: Floats) -> Floats:
    """Great-circle distances from one point to many (haversine), in miles."""
    north, south = np.radians(lat), np.radians(lats)
    across = np.radians(lngs - lng)
    half = (
        np.sin((south - north) / 2) ** 2 + np.cos(north) * np.cos(south) * np.sin(across / 2) ** 2
    )
    distances: Floats = 2 * EARTH_MILES * np.arcsin(np.sqrt(half))
    return distances
