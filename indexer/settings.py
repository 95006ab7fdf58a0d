"""The settings of an index: what the file wants, what the engine has, what differs."""

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson

from config.settings import ROOT

SETTINGS_FILE = ROOT / "meilisearch-settings.json"

# Lists whose order means something; in all others only what is in them counts.
_ORDERED = {"searchableAttributes", "rankingRules"}
# Maps that are replaced as a whole: an entry too many is a difference.
_WHOLE = {"synonyms"}


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


def differences(wanted: dict[str, Any], actual: dict[str, Any], above: str = "") -> list[str]:
    """The names of settings in which `actual` is not as `wanted`, `faceting.maxValuesPerFacet`.

    What `wanted` does not name is the engine's default and not compared.
    """
    differing: list[str] = []
    for name, value in wanted.items():
        have = actual.get(name)
        if isinstance(value, dict) and isinstance(have, dict) and name not in _WHOLE:
            differing += differences(value, have, f"{above}{name}.")
        elif canonical(name, value) != canonical(name, have):
            differing.append(f"{above}{name}")
    return differing
