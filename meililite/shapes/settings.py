"""The settings of an index: their shapes, defaults, and how an update changes them.

Stored are only the settings that were set ("raw"), in Meilisearch's JSON shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meililite.errors import ApiError
from meililite.shapes.locales import locale
from meililite.shapes.shape import (
    Field,
    Shape,
    anything,
    array,
    boolean,
    byte,
    choice,
    invalid,
    mapping,
    non_zero,
    optional,
    record,
    sorted_set,
    string,
    unsigned,
)

Settings = dict[str, Any]

_RANKING_RULES = (
    "words",
    "typo",
    "proximity",
    "attribute",
    "attributeRank",
    "wordPosition",
    "sort",
    "exactness",
)
_RESERVED = ("_geo", "_geojson", "_geoDistance", "_geoPoint", "_geoRadius", "_geoBoundingBox")
_NESTED = ("typoTolerance", "faceting", "pagination", "embedders", "chat")
_WILDCARD = ("displayedAttributes", "searchableAttributes")


def _ranking_rule(value: Any, place: str, code: str) -> str:
    rule = string(value, place, code)
    if rule in _RANKING_RULES:
        return rule
    custom = re.fullmatch(r"(.+):(asc|desc)", rule, re.DOTALL)
    if custom is None:
        raise invalid(
            place,
            code,
            f"`{rule}` ranking rule is invalid. Valid ranking rules are words, typo, sort, "
            "proximity, attribute, exactness and custom ranking rules.",
        )
    if fault := _reserved(custom[1]):
        raise invalid(place, code, fault)
    return rule


def _reserved(field: str) -> str | None:
    said = "is a reserved keyword and thus can't be used as a ranking rule"
    if field.startswith("_geoPoint"):
        return f"`_geoPoint` {said}. `_geoPoint` can only be used for sorting at search time"
    for name in ("_geoRadius", "_geoBoundingBox"):
        if field.startswith(name):
            return f"`{name}` {said}. `{name}` can only be used for filtering at search time"
    reserved = field in _RESERVED or field.startswith(("_geo(", "_geoDistance("))
    return f"`{field}` {said}" if reserved else None


_filter_features = record({"equality": Field(boolean), "comparison": Field(boolean)})
_features = record({"facetSearch": Field(boolean), "filter": Field(_filter_features)})
_pattern_rule = record(
    {
        "attributePatterns": Field(array(string), missing="invalid_settings_filterable_attributes"),
        "features": Field(_features),
    }
)


def _filterable(value: Any, place: str, code: str) -> str | dict[str, Any]:
    if not isinstance(value, dict):
        return string(value, place, code)
    rule = _pattern_rule(value, place, code)
    features = rule.get("features", {})
    allowed = {"equality": True, "comparison": False} | features.get("filter", {})
    return {
        "attributePatterns": rule["attributePatterns"],
        "features": {"facetSearch": features.get("facetSearch", False), "filter": allowed},
    }


def _wildcard(value: Any, place: str, code: str) -> list[str] | None:
    """Names in order; null, or a list with `*`, means all of them."""
    names: list[str] = array(string)(value, place, code)
    return None if "*" in names else names


_typo_sizes = record({"oneTypo": Field(optional(byte)), "twoTypos": Field(optional(byte))})


def _word_sizes(value: Any, place: str, code: str) -> dict[str, Any]:
    sizes = _typo_sizes(value, place, code)
    one, two = sizes.get("oneTypo"), sizes.get("twoTypos")
    if one is not None and two is not None and one > two:
        raise invalid(place, code, _word_size_fault(one, two))
    return dict(sizes)


def _word_size_fault(one: int, two: int) -> str:
    return (
        "`minWordSizeForTypos` setting is invalid. `oneTypo` and `twoTypos` fields should be "
        "between `0` and `255`, and `twoTypos` should be greater or equals to `oneTypo` but found "
        f"`oneTypo: {one}` and twoTypos: {two}`."
    )


_localized = record(
    {
        "attributePatterns": Field(array(string), missing="invalid_settings_localized_attributes"),
        "locales": Field(array(locale), missing="invalid_settings_localized_attributes"),
    }
)
_typo_tolerance = record(
    {
        "enabled": Field(optional(boolean)),
        "minWordSizeForTypos": Field(optional(_word_sizes)),
        "disableOnWords": Field(optional(sorted_set)),
        "disableOnAttributes": Field(optional(sorted_set)),
        "disableOnNumbers": Field(optional(boolean)),
    }
)
_faceting = record(
    {
        "maxValuesPerFacet": Field(optional(unsigned)),
        "sortFacetValuesBy": Field(optional(mapping(choice("alpha", "count")))),
    }
)
_pagination = record({"maxTotalHits": Field(optional(non_zero))})
_foreign_key = record({"foreignIndexUid": Field(string), "fieldName": Field(string)})


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its shape, its code, its value when not set, its route and the route's verb."""

    shape: Shape
    code: str
    default: Any
    route: str
    verb: str = "PUT"


SETTINGS: dict[str, Setting] = {
    name: Setting(
        optional(shape),
        "invalid_settings_" + re.sub("([A-Z])", r"_\1", name).lower(),
        default,
        re.sub("([A-Z])", r"-\1", name).lower(),
        "PATCH" if name in _NESTED else "PUT",
    )
    for name, shape, default in (
        ("displayedAttributes", _wildcard, ["*"]),
        ("searchableAttributes", _wildcard, ["*"]),
        ("filterableAttributes", array(_filterable), []),
        ("sortableAttributes", sorted_set, []),
        ("foreignKeys", array(_foreign_key), []),
        ("rankingRules", array(_ranking_rule), [
            "words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness",
        ]),
        ("stopWords", sorted_set, []),
        ("nonSeparatorTokens", sorted_set, []),
        ("separatorTokens", sorted_set, []),
        ("dictionary", sorted_set, []),
        ("synonyms", mapping(array(string)), {}),
        ("distinctAttribute", string, None),
        ("proximityPrecision", choice("byWord", "byAttribute"), "byWord"),
        ("typoTolerance", _typo_tolerance, {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
            "disableOnWords": [],
            "disableOnAttributes": [],
            "disableOnNumbers": False,
        }),
        ("faceting", _faceting, {
            "maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"},
        }),
        ("pagination", _pagination, {"maxTotalHits": 1000}),
        ("embedders", mapping(anything), {}),
        ("searchCutoffMs", unsigned, None),
        ("localizedAttributes", array(_localized), None),
        ("facetSearch", boolean, True),
        ("prefixSearch", choice("indexingTime", "disabled"), "indexingTime"),
        ("chat", mapping(anything), None),
    )
}  # fmt: skip

# Settings that are there only when an experimental feature is on, with the feature.
GUARDED = {"foreignKeys": "foreignKeys", "chat": "chatCompletions"}

_all = record(
    {name: Field(setting.shape, setting.code) for name, setting in SETTINGS.items()},
    code="bad_request",
)


def update(body: Any) -> Settings:
    """A request that changes settings, checked; null stands for "back to the default"."""
    return _refuse_unbuilt(_all(body, "", "bad_request"))


def update_one(name: str, body: Any) -> Settings:
    """The same for one setting's own route."""
    setting = SETTINGS[name]
    return _refuse_unbuilt({name: setting.shape(body, "", setting.code)})


def _refuse_unbuilt(given: Settings) -> Settings:
    rules = given.get("rankingRules") or []
    if "attribute" in rules and ("attributeRank" in rules or "wordPosition" in rules):
        raise ApiError(
            "invalid_settings_ranking_rules",
            "Cannot use the `attribute` ranking rule together with `attributeRank` or "
            "`wordPosition`.",
        )
    if given.get("embedders"):
        raise ApiError(
            "invalid_settings_embedders",
            "`.embedders`: this server has no vector search, so no embedder can be configured.",
        )
    return {name: given[name] for name in SETTINGS if name in given}


def reset() -> Settings:
    """The update that puts every setting back to its default."""
    return dict.fromkeys(SETTINGS)


def details(given: Settings) -> Settings:
    """An update as its task shows it."""
    return {
        name: ["*"] if value is None and name in _WILDCARD else value
        for name, value in given.items()
    }


def merge(raw: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    """Raw settings after an update; members of objects are changed one by one.

    Raises ApiError when the sizes of words that allow typos end up the wrong way round.
    """
    merged = dict(raw)
    for name, value in given.items():
        if value is None:
            merged.pop(name, None)
        elif name in _NESTED:
            merged[name] = _merge_members(merged.get(name, {}), value)
        else:
            merged[name] = value
    _check_word_sizes(merged)
    return merged


def _merge_members(raw: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    merged = dict(raw)
    for name, value in given.items():
        if value is None:
            merged.pop(name, None)
        elif name == "sortFacetValuesBy":
            merged[name] = value
        elif isinstance(value, dict):
            merged[name] = _merge_members(merged.get(name, {}), value)
        else:
            merged[name] = value
    return merged


def _check_word_sizes(raw: Settings) -> None:
    sizes = view(raw)["typoTolerance"]["minWordSizeForTypos"]
    if sizes["oneTypo"] > sizes["twoTypos"]:
        raise ApiError(
            "invalid_settings_typo_tolerance",
            _word_size_fault(sizes["oneTypo"], sizes["twoTypos"]),
        )


def view(raw: Mapping[str, Any], features: Mapping[str, bool] | None = None) -> Settings:
    """All settings as clients see them, defaults filled in; `features` are those that are on."""
    shown = {}
    for name, setting in SETTINGS.items():
        value = raw.get(name)
        if name in _NESTED and setting.default is not None:
            value = _fill(setting.default, value or {})
        shown[name] = setting.default if value is None else value
    order = shown["faceting"]["sortFacetValuesBy"]
    shown["faceting"]["sortFacetValuesBy"] = dict(sorted(({"*": "alpha"} | order).items()))
    on = {name for name, feature in GUARDED.items() if (features or {}).get(feature)}
    return {name: value for name, value in shown.items() if name not in GUARDED or name in on}


def _fill(default: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    filled = dict(default) | dict(given)
    for name, value in default.items():
        if isinstance(value, dict):
            filled[name] = _fill(value, given.get(name, {}))
    return filled
