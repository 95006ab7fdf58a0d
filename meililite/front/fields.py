"""The route that lists the fields of an index with what settings say of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from meililite.front.http import Answer, Call, answer
from meililite.front.router import Router
from meililite.front.state import State
from meililite.index.patterns import Match, match_field, match_pattern, stronger
from meililite.shapes import settings
from meililite.shapes.shape import Field, array, boolean, optional, record, string, unsigned

_FLAGS = ("displayed", "searchable", "sortable", "distinct", "rankingRule", "filterable")
_CODE = "invalid_index_fields_filter"

_filter = record(
    {
        "attributePatterns": Field(optional(array(string)), f"{_CODE}_attribute_patterns"),
        "displayed": Field(optional(boolean), f"{_CODE}_displayed"),
        "searchable": Field(optional(boolean), f"{_CODE}_searchable"),
        "sortable": Field(optional(boolean), f"{_CODE}_sortable"),
        "distinct": Field(optional(boolean), f"{_CODE}_distinct"),
        "rankingRule": Field(optional(boolean), f"{_CODE}_ranking_rule"),
        "filterable": Field(optional(boolean), f"{_CODE}_filterable"),
    },
    code=_CODE,
)
_request = record(
    {
        "offset": Field(unsigned, "invalid_index_offset"),
        "limit": Field(unsigned, "invalid_index_limit"),
        "filter": Field(optional(_filter), _CODE),
    },
    code="bad_request",
)


def _is_in(name: str, listed: Iterable[str]) -> bool:
    return stronger(match_field(field, name) for field in listed) is Match.YES


def describe(name: str, view: dict[str, Any]) -> dict[str, Any]:
    """What the settings, as clients see them, say of a field."""
    order = next(
        (rule.rpartition(":")[2] for rule in view["rankingRules"] if rule.startswith(f"{name}:")),
        None,
    )
    features = _filterable(name, view["filterableAttributes"])
    orders = view["faceting"]["sortFacetValuesBy"]
    everything = ["*"]
    return {
        "name": name,
        "displayed": {
            "enabled": view["displayedAttributes"] == everything
            or _is_in(name, view["displayedAttributes"])
        },
        "searchable": {
            "enabled": view["searchableAttributes"] == everything
            or _is_in(name, view["searchableAttributes"])
        },
        "sortable": {"enabled": _is_in(name, view["sortableAttributes"])},
        "distinct": {"enabled": view["distinctAttribute"] == name},
        "rankingRule": {"enabled": order is not None, **({"order": order} if order else {})},
        "filterable": {
            "enabled": any(features.values()),
            "sortBy": orders.get(name, orders["*"]),
            **features,
        },
        "localized": {"locales": _locales(name, view["localizedAttributes"] or [])},
    }


def _filterable(name: str, rules: list[Any]) -> dict[str, bool]:
    """The features of the first rule that matches."""
    for rule in rules:
        if isinstance(rule, str):
            if match_field(rule, name) is Match.YES:
                return {"facetSearch": True, "equality": True, "comparison": True}
        elif _any_pattern(name, rule["attributePatterns"]):
            return {"facetSearch": rule["features"]["facetSearch"], **rule["features"]["filter"]}
    return {"facetSearch": False, "equality": False, "comparison": False}


def _locales(name: str, rules: list[dict[str, Any]]) -> list[str]:
    found = (rule["locales"] for rule in rules if _any_pattern(name, rule["attributePatterns"]))
    return next(found, [])


def _any_pattern(name: str, patterns: list[str]) -> bool:
    return stronger(match_pattern(pattern, name) for pattern in patterns) is Match.YES


def _wanted(field: dict[str, Any], given: dict[str, Any]) -> bool:
    patterns = given.get("attributePatterns")
    if patterns is not None and not _any_pattern(field["name"], patterns):
        return False
    return all(given.get(flag) is None or given[flag] == field[flag]["enabled"] for flag in _FLAGS)


class FieldRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        router.add("POST", "/indexes/{index_uid}/fields", "fields.post", self.page)

    async def page(self, call: Call) -> Answer:
        given = {"offset": 0, "limit": 20} | _request(await call.json(), "", "bad_request")
        uid, offset = call.index_uid, given["offset"]
        view = settings.view(self._state.indexes.find(uid).settings)
        names = orjson.loads(await self._state.read("fields", uid))
        described = (describe(name, view) for name in names)
        fields = [field for field in described if _wanted(field, given.get("filter") or {})]
        return answer(
            {
                "results": fields[offset : offset + given["limit"]],
                "offset": offset,
                "limit": given["limit"],
                "total": len(fields),
            }
        )
