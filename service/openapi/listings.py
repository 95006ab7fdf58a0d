"""What the routes of a collection do, and their answers as JSON Schema."""

from collections.abc import Mapping
from typing import Any

from catalog.vertical import Vertical
from service.answering.similar import PARAMETERS as SIMILAR
from service.geography.places import METRES
from service.openapi.operation import Answer, Operation, kept
from service.openapi.schema import (
    COUNT,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    Schema,
    array,
    example,
    nullable,
    record,
)
from service.understanding.parameters import Parameter

LATITUDE: Schema = {**NUMBER, "minimum": -90, "maximum": 90, "examples": [41.8858]}
LONGITUDE: Schema = {**NUMBER, "minimum": -180, "maximum": 180, "examples": [-87.6181]}
PRICE: Schema = {"type": "integer", "description": "whole dollars", "examples": [18995]}
KEY: Schema = {
    "description": "the listing's key: its VIN where it has one",
    "examples": ["4T1G11AK5LU123456"],
}
DISTANCE: Schema = {**COUNT, "description": "metres from the place", "examples": [1204]}
QUERY_ID: Schema = {
    **TEXT,
    "format": "uuid",
    "description": "by which `POST /api/v1/events` names this answer",
    "examples": ["019ab1c2-7a00-7b3c-8d4e-5f6071829304"],
}


def operations(vertical: Vertical, parameters: Mapping[str, Parameter]) -> dict[str, Operation]:
    """The operations of a collection by the names of its routes."""
    return {
        "search": Operation(
            "What matches, with its counts and ranges",
            kept(results(vertical)),
            parameters=parameters,
            examples=_examples(vertical),
        ),
        "one": Operation(
            "One listing that is live",
            {200: Answer(record({"data": listing(vertical)}))},
            path={"key": KEY},
            parameters={},
        ),
        "similar": Operation(
            "What is for sale that is like a listing",
            kept(record({"meta": _of_one(), "data": array(_similar(vertical))})),
            path={"key": KEY},
            parameters=SIMILAR,
        ),
        "history": Operation(
            "What a listing has cost, oldest first; also when it is no longer live",
            {200: Answer(history())},
            path={"key": KEY},
            parameters={},
        ),
    }


def _examples(vertical: Vertical) -> dict[str, Any]:
    """A value for each facet, that of its field."""
    listed = example(listing(vertical))
    found = {}
    for name, facet in vertical.facets.items():
        value: Any = listed
        for step in facet.field.split("."):
            value = value[step]
        found[name] = value if isinstance(value, list) else [value]
    return found


def results(vertical: Vertical) -> Schema:
    """The answer to a search."""
    facets = {name: array(counted()) for name in vertical.facets}
    ranges = {bound.name: _ends() for bound in vertical.ranges}
    return record(
        {
            "data": array(_found(vertical)),
            "meta": _meta(),
            "facets": record({}, optional=facets),
            "ranges": record({}, optional=ranges),
        },
        optional=_around() if vertical.place else {},
    )


def listing(vertical: Vertical) -> Schema:
    """A listing as `service.answering.listings.listing` makes it."""
    fields = {name: dict(schema) for name, schema in vertical.fields.items()}
    place = {"location": nullable(record({"lat": LATITUDE, "lng": LONGITUDE}))}
    return record(fields | (place if vertical.place else {}))


def _found(vertical: Vertical) -> Schema:
    """A result as `service.answering.listings.found` makes it: `fields` may leave out any."""
    whole = listing(vertical)
    marked = {name: {"type": ["string", "array", "null"]} for name in vertical.texts}
    more = {"distance": nullable(DISTANCE), "highlights": record({}, optional=marked)}
    return {**record({}, optional={**whole["properties"], **more})}


def _of_one() -> Schema:
    return record({"key": {**TEXT, **KEY}, "took_ms": {**NUMBER, "examples": [4.1]}})


def _similar(vertical: Vertical) -> Schema:
    """One that is like another, with the facets and ranges in which it is."""
    whole = listing(vertical)
    names = [*vertical.alike.same, *(near.name for near in vertical.alike.near)]
    shared = {"shared": array({"enum": names})} if names else {"shared": array(TEXT)}
    always = {
        name: schema for name, schema in whole["properties"].items() if name not in vertical.detail
    }
    return record({**always, **shared}, optional={"distance": nullable(DISTANCE)})


def history() -> Schema:
    """What a listing has cost, oldest first."""
    price = record({"price": nullable(PRICE), "at": MOMENT})
    meta = record({"key": {**TEXT, **KEY}, "active": YES_OR_NO})
    return record({"data": array(price), "meta": meta})


def counted() -> Schema:
    """A value of a facet; those that were asked for, or left out, say so."""
    marks = {"selected": {"const": True}, "excluded": {"const": True}}
    return record({"value": TEXT, "label": TEXT, "count": COUNT}, optional=marks)


def _ends() -> Schema:
    end: dict[str, Any] = {"type": ["integer", "null"]}
    span = record({"min": WHOLE, "max": end, "count": COUNT})
    return record({"min": end, "max": end, "histogram": array(span)})


def _around() -> dict[str, Schema]:
    """What is counted by distance and on the map."""
    return {"rings": array(_ring()), "clusters": array(_cluster())}


def _ring() -> Schema:
    """How many results are within a distance of the place."""
    radius = {**WHOLE, "examples": [25]}
    unit = {"enum": list(METRES)}
    return record({"radius": radius, "unit": unit, "count": COUNT})


def _cluster() -> Schema:
    """How many results are in a part of the map, where on average, and what holds them all."""
    bounds = {**array(NUMBER), "minItems": 4, "maxItems": 4}
    bounds |= {"description": "west, south, east, north", "examples": [[-87.7, 41.8, -87.5, 42]]}
    return record({"lat": LATITUDE, "lng": LONGITUDE, "count": COUNT, "bounds": bounds})


def _meta() -> Schema:
    return record(
        {
            "query_id": QUERY_ID,
            "total": {**COUNT, "description": "exact"},
            "took_ms": {**NUMBER, "examples": [4.1]},
            "applied": {"type": "object", "description": "the parameters that were understood"},
        },
        optional={
            "page": COUNT,
            "per_page": COUNT,
            "pages": {**COUNT, "description": "how many can be asked for"},
            "offset": COUNT,
            "limit": COUNT,
            "words": array(word()),
            "hints": _hints(),
        },
    )


def _hints() -> Schema:
    """What to do where nothing matches."""
    q = {**TEXT, "description": "what to send as `q`"}
    left_out = {"parameters": array(TEXT), "words": TEXT, "q": q}
    drop = record({"total": COUNT}, optional=left_out)
    value = record(
        {
            "parameter": {**TEXT, "examples": ["make"]},
            "value": {**TEXT, "examples": ["Toyoto"]},
            "nearest": {**TEXT, "examples": ["Toyota"]},
        }
    )
    meant = {
        "spelling": record({"q": q, "total": COUNT}),
        "nearest": record({"values": array(value), "total": COUNT}),
        "drop_both": record({"total": COUNT}, optional={**left_out, "words": array(TEXT)}),
    }
    return record({"drop": array(drop)}, optional=meant)


def word() -> Schema:
    """What became of some words of `q`."""
    back = {**TEXT, "description": "what to send as `q` to take it back"}
    return record(
        {"words": {**TEXT, "examples": ["red"]}, "applied": {"type": "object"}},
        optional={
            "overruled": array(TEXT),
            "needs": array(TEXT),
            "without": back,
            "as_text": back,
        },
    )
