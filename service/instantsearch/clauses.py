"""The clauses of a filter, looked into only as far as it takes to bound them.

The engine reads them (https://www.meilisearch.com/docs/learn/filtering_and_sorting): what is wrong
in them it says itself.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TypeAlias

Given: TypeAlias = "str | Sequence[Given]"

TEXT = r"\"(?:\\.|[^\"\\])*(?:\"|\\?\Z)|'(?:\\.|[^'\\])*(?:'|\\?\Z)"
"""A text in quotes. What is not closed goes on to the end: nothing is looked through twice."""

_QUOTED = re.compile(TEXT, re.DOTALL)
_PART = re.compile(rf"(?P<text>{TEXT})|(?P<word>[^\s()\[\],=<>!'\"]+)|[(\[\]]", re.DOTALL)
_JOINT = re.compile(r"(?:EXISTS|NULL|EMPTY)?(?:AND|OR)")
"""Between two conditions; to the engine these operators end where they end, also within a word."""

_PLACES = ("_geo", "_geoRadius", "_geoBoundingBox")
"""What is about places, and stands where else the name of a field does. `_geoPolygon` is not: it
asks about a field of shapes that documents do not have.
"""


def every(given: Given) -> list[str]:
    """Every clause of a filter, those of its lists too."""
    if isinstance(given, str):
        return [given]
    return [clause for part in given for clause in every(part)]


def depth(clause: str) -> int:
    """How many parentheses are open at most; those in quotes are text."""
    bare = _QUOTED.sub("", clause)
    return max(accumulate((one == "(") - (one == ")") for one in bare), default=0)


def fields(clause: str) -> Iterator[str]:
    """The names of the fields that a clause is about.

    A name is the first of each condition: at the beginning, after `(`, `NOT`, `AND` and `OR`.
    What follows it up to the next `AND` or `OR` are operators and values, also those between
    brackets. A name in quotes is given as it is written between them: one with a backslash is the
    name of no field here, whatever it stands for.
    """
    named = listed = False
    for part in _PART.finditer(clause):
        text, word = part["text"], part["word"]
        if part[0] in ("[", "]"):
            listed = part[0] == "["
        elif listed:
            continue
        elif named:
            named = word is None or not _JOINT.fullmatch(word)
        elif text is not None:
            named = True
            yield text[1:-1]
        elif word is not None and word not in ("AND", "OR", "NOT"):
            named = True
            if word not in _PLACES:
                yield word
