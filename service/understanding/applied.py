"""What was understood of a search, as its answer shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.geography.places import Place
from service.reading.found import OUT
from service.reading.merging import Reading
from service.reading.reader import Undo

ASIDE = ("page", "per_page", "offset", "limit", "zoom", "facets", "fields", "highlight", "parse")
"""Parameters that say how to answer, not what is looked for."""


def applied(
    given: Mapping[str, Any], excluded: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Filters as they can be given again, the place that was found for a ZIP code, and under `not`
    the values of facets that are excluded.
    """
    shown = {name: value for name, value in given.items() if name not in ASIDE and value != ()}
    if excluded:
        shown[OUT] = excluded
    if "bbox" in shown:
        box = shown["bbox"]
        shown["bbox"] = [box.west, box.south, box.east, box.north]
    if "polygon" in shown:
        shown["polygon"] = [
            degrees for lat, lng in shown["polygon"].corners for degrees in (lng, lat)
        ]
    if "radius" in shown:
        shown["unit"] = given.get("unit", "mi")
    place = given.get("zip")
    if isinstance(place, Place):
        shown["zip"] = place.zip
        shown["place"] = {
            "city": place.city,
            "state": place.state,
            "lat": place.lat,
            "lng": place.lng,
        }
    return shown


def words(readings: Sequence[Reading], undo: Sequence[Undo], longest: int) -> list[dict[str, Any]]:
    """The words of a query in order: what each did, and the queries that take it back.

    A query that is longer than `longest` characters could not be asked and is left out.
    """
    return [_word(reading, back, longest) for reading, back in zip(readings, undo, strict=True)]


def _word(reading: Reading, undo: Undo, longest: int) -> dict[str, Any]:
    piece = reading.piece
    text = piece.meaning is None
    shown: dict[str, Any] = {
        "words": piece.words,
        "applied": {"q": piece.words} if text else applied(reading.applied),
    }
    if reading.overruled:
        shown["overruled"] = list(reading.overruled)
    if reading.needs:
        shown["needs"] = list(reading.needs)
    queries = {"without": undo.without, "as_text": undo.as_text}
    fitting = {name: q for name, q in queries.items() if q is not None and len(q) <= longest}
    return {**shown, **fitting}
