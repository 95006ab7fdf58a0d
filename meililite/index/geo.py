"""Places: reading `_geo`, unit vectors, distances.

Distances are great circles on a sphere, as Meilisearch computes them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.errors import ApiError

EARTH_RADIUS = 6_371_000.0  # metres, as in the geoutils crate

_ROUNDING = 1e-14  # more than a product of unit vectors can be off

Vectors = NDArray[np.float64]


def parse_place(document_id: str, value: Any) -> tuple[float, float] | None:
    """(latitude, longitude) of a document's `_geo`; None for null.

    Raises ApiError(invalid_document_geo_field) for anything else.
    """
    if value is None:
        return None
    shown = orjson.dumps(document_id).decode()
    if not isinstance(value, dict):
        raise _refused(
            f"The `_geo` field in the document with the id: `{shown}` is not an object. Was "
            "expecting an object with the `_geo.lat` and `_geo.lng` fields but instead got "
            f"`{_json(value)}`."
        )
    missing = [name for name in ("lat", "lng") if name not in value]
    if missing:
        raise _refused(_missing_message(missing, shown))
    extra = {name: item for name, item in value.items() if name not in ("lat", "lng")}
    if extra:
        raise _refused(
            f"The `_geo` field in the document with the id: `{shown}` contains the following "
            f"unexpected fields: `{_json(extra)}`."
        )
    lat, lng = _number(value["lat"]), _number(value["lng"])
    if lat is None or lng is None:
        raise _refused(_unparsed_message(lat, lng, value, shown))
    return lat, lng


def _missing_message(missing: list[str], shown: str) -> str:
    if len(missing) == 2:
        return (
            f"Could not find latitude nor longitude in the document with the id: `{shown}`. Was "
            "expecting `_geo.lat` and `_geo.lng` fields."
        )
    name = "latitude" if missing == ["lat"] else "longitude"
    return (
        f"Could not find {name} in the document with the id: `{shown}`. Was expecting a "
        f"`_geo.{missing[0]}` field."
    )


def _unparsed_message(
    lat: float | None, lng: float | None, value: dict[str, Any], shown: str
) -> str:
    where = f"in the document with the id: `{shown}`"
    if lat is None and lng is None:
        return (
            f"Could not parse latitude nor longitude {where}. Was expecting finite numbers but "
            f"instead got `{_json(value['lat'])}` and `{_json(value['lng'])}`."
        )
    name, key = ("latitude", "lat") if lat is None else ("longitude", "lng")
    return (
        f"Could not parse {name} {where}. Was expecting a finite number but instead got "
        f"`{_json(value[key])}`."
    )


def _refused(message: str) -> ApiError:
    return ApiError("invalid_document_geo_field", message)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def unit_vectors(lat: NDArray[np.float64], lng: NDArray[np.float64]) -> Vectors:
    """Points on the unit sphere, one row each, of degrees."""
    phi, theta = np.radians(lat), np.radians(lng)
    return np.stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)], axis=1)


def squared_chords(vectors: Vectors, lat: float, lng: float) -> NDArray[np.float64]:
    """The squared straight-line distance of each vector to the place, in earth radii."""
    difference = vectors - _vector(lat, lng)
    return np.asarray(np.square(difference) @ np.ones(3))


def _vector(lat: float, lng: float) -> NDArray[np.float64]:
    vector: NDArray[np.float64] = unit_vectors(np.array([lat]), np.array([lng]))[0]
    return vector


def within_radius(vectors: Vectors, lat: float, lng: float, metres: float) -> NDArray[np.bool_]:
    """Which vectors are within `metres` of the place; rows of NaN are not."""
    if metres < 0:
        return np.zeros(len(vectors), bool)
    limit = (2 * math.sin(min(metres / (2 * EARTH_RADIUS), math.pi / 2))) ** 2
    # One product is fast but rounds; what is too close to the border is measured exactly.
    cosines = vectors @ _vector(lat, lng)
    least = 1 - limit / 2
    inside = np.asarray(cosines >= least - _ROUNDING)
    chosen = np.flatnonzero(inside)
    near = chosen.compress(cosines[chosen] <= least + _ROUNDING)
    inside[near] = squared_chords(vectors[near], lat, lng) <= limit * (1 + 1e-12)
    return inside


def distances(vectors: Vectors, lat: float, lng: float) -> NDArray[np.float64]:
    """Metres from each vector to the place; NaN stays NaN."""
    chords = np.sqrt(squared_chords(vectors, lat, lng))
    result: NDArray[np.float64] = 2 * EARTH_RADIUS * np.arcsin(np.minimum(chords / 2, 1.0))
    return result
