"""Colour families: from a maker's two thousand names to the fifteen that people filter by."""

import re
from functools import lru_cache

from catalog.vocabulary import fold, read, squeeze
from scrapers.normalise.vocabulary import SILENT, UNKNOWN, Meaning, phrase

_DATA = read("color")
FAMILIES: tuple[str, ...] = tuple(_DATA["families"])
_FINISH = frozenset(fold(str(word)) for word in _DATA["finish"])
_SILENT = frozenset(squeeze(str(name)) for name in _DATA["silent"])
_SECOND = re.compile("|".join(re.escape(mark) for mark in _DATA["second"]), re.IGNORECASE)


def _bare(folded: str) -> str:
    """A folded name without its words of finish."""
    return " ".join(word for word in folded.split() if word not in _FINISH)


_NAMES = {
    _bare(fold(str(name))) or fold(str(name)): family
    for family, lists in _DATA["families"].items()
    for name in lists["names"]
}


def _patterns(kind: str) -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile("|".join(phrase(str(word)) for word in lists[kind])), family)
        for family, lists in _DATA["families"].items()
        if lists[kind]
    ]


_WORDS = _patterns("words")
_HINTS = _patterns("hints")


def _last(folded: str, patterns: list[tuple[re.Pattern[str], str]]) -> str | None:
    """The family whose word stands last: in `Black Jade Green` the green is the colour."""
    best, family = -1, None
    for pattern, name in patterns:
        for match in pattern.finditer(folded):
            if match.end() > best:
                best, family = match.end(), name
    return family


def _family(name: str) -> str | None:
    folded = fold(name)
    return _NAMES.get(_bare(folded) or folded) or _last(folded, _WORDS) or _last(folded, _HINTS)


@lru_cache(maxsize=50_000)
def color_family(name: str) -> Meaning:
    """The family of a colour's name; of two colours the first, which is the body's.

    `Agate Black Metallic` is black, `Ice Cap` white (by list), `White / Black` white.
    """
    if squeeze(name) in _SILENT:
        return SILENT
    # The whole name is a last resort: `Two-Tone (Red, Gray)` has nothing before its first mark.
    for part in (*_SECOND.split(name), name):
        if (family := _family(part)) is not None:
            return Meaning(family, True)
    return UNKNOWN
