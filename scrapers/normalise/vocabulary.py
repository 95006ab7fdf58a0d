"""Vocabularies: from the spellings of the world to the few values that people filter by.

Each is a YAML file in `catalog/vocabularies`: `spellings` lists whole spellings by value, `words`
are rules tried in order when no spelling fits, `silent` are spellings that say nothing. They are
compared without case, accents and punctuation.

A rule `plug in & gas*` holds when each of its parts is in the spelling as whole words; a `*`
leaves the end of the last word open.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from catalog.vocabulary import fold, read, squeeze


class Meaning(NamedTuple):
    """What a spelling means; `known` with no value is one that is known to say nothing."""

    value: str | None
    known: bool


UNKNOWN = Meaning(None, False)
SILENT = Meaning(None, True)


def phrase(words: str) -> str:
    """The pattern of a phrase in a folded text; a `*` at its end leaves the last word open."""
    ending = r"\w*" if words.endswith("*") else ""
    return rf"\b{re.escape(fold(words))}{ending}\b"


def _rule(parts: str) -> re.Pattern[str]:
    """A pattern that matches a folded text in which every part stands."""
    return re.compile("".join(f"(?=.*{phrase(part)})" for part in str(parts).split("&")))


class Vocabulary:
    """The values of one field and how they are spelled; raises KeyError for a broken file."""

    def __init__(self, name: str) -> None:
        data = read(name)
        self.values: tuple[str, ...] = tuple(data["spellings"])
        self._meanings = {squeeze(str(silent)): SILENT for silent in data.get("silent", [])}
        for value, spellings in data["spellings"].items():
            for spelling in (value, *(spellings or [])):
                self._meanings[squeeze(str(spelling))] = Meaning(value, True)
        self._rules = [
            (_rule(parts), Meaning(value, True))
            for rules in data.get("words", [])
            for value, phrases in rules.items()
            for parts in phrases
        ]
        self.meaning = lru_cache(maxsize=20_000)(self._meaning)

    def _meaning(self, spelling: str) -> Meaning:
        folded = fold(spelling)
        if (exact := self._meanings.get(folded.replace(" ", ""))) is not None:
            return exact
        return next((found for rule, found in self._rules if rule.match(folded)), UNKNOWN)
