"""The settings of an index: what the file wants, what the engine has, what differs."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from config.settings import ROOT

SETTINGS_FILE = ROOT / "meilisearch-settings.json"

# Lists whose order means something; in all others only what is in them counts.
_ORDERED = {"searchableAttributes", "rankingRules"}
# Maps that are replaced as a whole: an entry too many is a difference.
_WHOLE = {"synonyms", "sortFacetValuesBy"}

# What a setting is that the file does not name: the engine's defaults,
# https://www.meilisearch.com/docs/reference/api/settings#settings-object
_DEFAULTS: dict[str, Any] = {
    "displayedAttributes": ["*"],
    "searchableAttributes": ["*"],
    "filterableAttributes": [],
    "sortableAttributes": [],
    "stopWords": [],
    "nonSeparatorTokens": [],
    "separatorTokens": [],
    "dictionary": [],
    "synonyms": {},
    "distinctAttribute": None,
    "proximityPrecision": "byWord",
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
        "disableOnWords": [],
        "disableOnAttributes": [],
        "disableOnNumbers": False,
    },
    "faceting": {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
    "pagination": {"maxTotalHits": 1000},
    "searchCutoffMs": None,
    "localizedAttributes": None,
    "facetSearch": True,
    "prefixSearch": "indexingTime",
}


class SettingsFileError(Exception):
    """The settings file cannot be used; the message says why."""


def wanted(index: str, path: Path = SETTINGS_FILE) -> dict[str, Any]:
    """The settings of an index as the file has them; raises SettingsFileError."""
    try:
        settings: dict[str, Any] = json.loads(path.read_text())[index]
    except KeyError as error:
        raise SettingsFileError(f"{path.name} has no settings for the index {index}.") from error
    except (OSError, ValueError) as error:
        raise SettingsFileError(f"{path.name} cannot be read: {error}.") from error
    return settings


def canonical(name: str, value: Any) -> Any:
    """The value in a form that is equal for settings that mean the same."""
    if isinstance(value, dict):
        return {key: canonical(key, each) for key, each in sorted(value.items())}
    if isinstance(value, list) and name not in _ORDERED:
        return sorted(value, key=lambda each: orjson.dumps(each, option=orjson.OPT_SORT_KEYS))
    return value


def digest(settings: dict[str, Any]) -> str:
    """md5 of what the settings mean."""
    text = orjson.dumps(canonical("", settings), option=orjson.OPT_SORT_KEYS)
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def differences(wanted: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    """The names of settings in which `actual` is not as `wanted`, `faceting.maxValuesPerFacet`.

    What `wanted` does not name is to be as the engine's default.
    """
    return [name for name, _, _ in _pairs(_completed(wanted, actual), actual)]


@dataclass(frozen=True)
class Change:
    """A setting in which an index is not as the file wants it."""

    name: str  # "faceting.maxValuesPerFacet"
    live: Any
    file: Any
    in_place: bool


def changes(wanted: dict[str, Any], actual: dict[str, Any]) -> list[Change]:
    """What has to change in an index with the settings `actual`, and whether it can in place.

    In place is what the engine only reads when it answers a search. Everything else makes it go
    through all documents again (milli, `InnerIndexSettingsDiff::any_reindexing_needed`): that
    belongs into a new index, for the engine does one task at a time, so that all changes would
    wait for it, and there would be no way back.
    """
    full = _completed(wanted, actual)
    same_fields = _stored_fields(full) == _stored_fields(actual)
    return [
        Change(name, have, value, _read_when_searching(name, have, value, same_fields))
        for name, have, value in _pairs(full, actual)
    ]


def update(wanted: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The request that makes these settings as wanted; null is the engine's default."""
    request: dict[str, Any] = {}
    for name in names:
        source, target = wanted, request
        *above, last = name.split(".")
        for part in above:
            source, target = source.get(part) or {}, target.setdefault(part, {})
        target[last] = source.get(last)
    return request


_WHEN_SEARCHING = {
    "displayedAttributes",
    "synonyms",
    "typoTolerance.enabled",
    "typoTolerance.minWordSizeForTypos.oneTypo",
    "typoTolerance.minWordSizeForTypos.twoTypos",
    "typoTolerance.disableOnWords",
    "faceting.maxValuesPerFacet",
    "faceting.sortFacetValuesBy",
    "pagination.maxTotalHits",
    "searchCutoffMs",
}
# Read when searching as long as the fields that are stored for filters and sorts are the same.
_BY_FIELDS = {"rankingRules", "sortableAttributes", "distinctAttribute"}


def _read_when_searching(name: str, have: Any, value: Any, same_fields: bool) -> bool:
    if name == "searchableAttributes":  # their order is only a weight
        return sorted(have or []) == sorted(value or [])
    return name in _WHEN_SEARCHING or (name in _BY_FIELDS and same_fields)


def _stored_fields(settings: dict[str, Any]) -> set[str]:
    """The fields whose values the engine keeps for filters, facets and sorts."""
    rules = [rule.rpartition(":") for rule in settings.get("rankingRules") or []]
    named = [*(settings.get("filterableAttributes") or []), settings.get("distinctAttribute")]
    return {
        *(each for each in named if isinstance(each, str)),
        *(settings.get("sortableAttributes") or []),
        *(field for field, _, order in rules if order in ("asc", "desc")),
    }


def _completed(
    wanted: dict[str, Any], actual: dict[str, Any], defaults: dict[str, Any] = _DEFAULTS
) -> dict[str, Any]:
    """`wanted` with the engine's defaults for what it does not name, as far as `actual` has it."""
    full = {name: value for name, value in defaults.items() if name in actual} | wanted
    for name, default in defaults.items():
        if isinstance(default, dict) and isinstance(full.get(name), dict):
            full[name] = _completed(wanted.get(name, {}), actual.get(name) or {}, default)
    return full


def _pairs(
    wanted: dict[str, Any], actual: dict[str, Any], above: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """(name, what `actual` has, what is wanted) where the two differ."""
    for name, value in wanted.items():
        have = actual.get(name)
        if isinstance(value, dict) and isinstance(have, dict) and name not in _WHOLE:
            yield from _pairs(value, have, f"{above}{name}.")
        elif canonical(name, value) != canonical(name, have):
            yield f"{above}{name}", have, value


class Wanted:
    """What the file wants of one index; read at the start, and again when a person applies it."""

    def __init__(self, index: str) -> None:
        self.index = index
        self.values = wanted(index)

    @property
    def digest(self) -> str:
        return digest(self.values)

    def read_again(self) -> None:
        """Raises SettingsFileError; what was wanted before stays then."""
        self.values = wanted(self.index)
