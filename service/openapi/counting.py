"""What the routes that only count do, and their answers as JSON Schema."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.vertical import Vertical
from service.openapi.listings import counted, results, word
from service.openapi.operation import Operation, kept
from service.openapi.schema import (
    COUNT,
    NUMBER,
    TEXT,
    YES_OR_NO,
    Schema,
    array,
    record,
)
from service.understanding.parameters import Parameter

TOOK: Schema = {**NUMBER, "examples": [4.1]}


def operations(
    vertical: Vertical, counting: Mapping[str, Parameter], values: Mapping[str, Parameter]
) -> dict[str, Operation]:
    """The operations of a collection by the names of its routes."""
    facet = next(iter(vertical.facets))
    described = record({"meta": record({"collection": TEXT, "took_ms": TOOK}), "data": filters()})
    return {
        "facets": Operation(
            "The counts and ranges of a search, without its results",
            kept(_counts(vertical)),
            parameters=counting,
        ),
        "values": Operation(
            "The values of one facet among what matches",
            kept(_values()),
            parameters=values,
            path={"facet": {"description": "the facet's parameter", "examples": [facet]}},
        ),
        "filters": Operation("What can be filtered and sorted by", kept(described), parameters={}),
    }


def all_filters(verticals: Iterable[Vertical]) -> Operation:
    each: dict[str, Schema] = {vertical.collection: filters() for vertical in verticals}
    meta = record({"collections": array(TEXT), "took_ms": TOOK})
    answer = record({"meta": meta, "data": record(each)})
    return Operation(
        "What can be filtered and sorted by, in every collection",
        kept(answer),
        parameters={},
    )


def _counts(vertical: Vertical) -> Schema:
    """The answer to a search, of which nothing can be told later what was done with it."""
    whole = results(vertical)
    members = dict(whole["properties"]["meta"]["properties"])
    del members["query_id"]
    needed = {name: members.pop(name) for name in ("total", "took_ms", "applied")}
    meta = record(needed, optional=members)
    return {**whole, "properties": {**whole["properties"], "meta": meta}}


def _values() -> Schema:
    meta = record(
        {
            "facet": TEXT,
            "label": TEXT,
            "facet_query": TEXT,
            "applied": {"type": "object"},
            "took_ms": TOOK,
        },
        optional={"words": array(word())},
    )
    return record({"meta": meta, "data": array(counted())})


def filters() -> Schema:
    """What a collection can be filtered and sorted by."""
    end: dict[str, Any] = {"type": ["integer", "null"]}
    kinds = ["text", "facet", "range", "place"]
    one = record(
        {
            "name": {**TEXT, "examples": ["make"]},
            "type": {"type": "string", "enum": kinds},
            "label": {**TEXT, "examples": ["Make"]},
            "parameters": array(TEXT),
        },
        optional={
            "several": {**YES_OR_NO, "description": "whether one thing has several values"},
            "values": {**COUNT, "description": "how many values there are"},
            "more": {**YES_OR_NO, "description": "whether there are more than can be counted"},
            "unit": {**TEXT, "examples": ["USD"]},
            "min": end,
            "max": end,
        },
    )
    sort = record({"name": TEXT, "label": TEXT, "needs_place": YES_OR_NO})
    return record({"total": COUNT, "filters": array(one), "sorts": array(sort)})
