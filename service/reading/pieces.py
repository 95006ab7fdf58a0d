"""A query as it was read: pieces in order, each with what it means or left as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.words import Meaning
from service.reading.found import Found, Rule, words_at
from service.reading.tokens import Token, tokens

MOST_READINGS = 30
"""Readings of one query; what follows them stays text."""

_NEGATIONS = dict.fromkeys(
    ("not", "no", "non", "nor", "neither", "without", "except", "minus", "exclude", "excluding",
     "otherthan", "ratherthan", "insteadof", "asidefrom", "apartfrom", "butnot", "isnt", "arent",
     "anythingbut", "everythingbut", "allbut", "anybut", "anycolorbut", "anymakebut",
     "anybrandbut", "dontwant", "donotwant")
)  # fmt: skip
_LONGEST_NEGATION = 3
_ALSO = frozenset(("or", "nor", "and"))
_JOINTS = frozenset(("with", "and", "or", "in", "a", "an", "the", "that", "has", "is", "are", "vs"))
"""Words that join: before what was understood, and at the end, they say nothing of their own."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The words from `start` to `end` of a query; a meaning of None is text, `{}` is nothing."""

    words: str
    start: int
    end: int
    meaning: Meaning | None = None
    assumed: Mapping[str, Any] = field(default_factory=dict)


def pieces(q: str, rules: Sequence[Rule]) -> tuple[Piece, ...]:
    """What the rules read in a query: from left to right, the longest wins, the first of equals.

    All words are in exactly one piece. What is quoted, follows a `not` or has a `-` stays text.
    """
    words = tokens(q)
    read = _joined(words, _read(words, rules))
    found: list[Piece] = []
    at = 0
    for start, result in (*read, (len(words), Found(len(words), None))):
        if start > at:
            found.append(_piece(q, words, at, Found(start, None)))
        if result.meaning is not None:
            found.append(_piece(q, words, start, result))
        at = result.end
    return tuple(found)


def _read(words: Sequence[Token], rules: Sequence[Rule]) -> list[tuple[int, Found]]:
    """The start of each reading, and the reading."""
    read: list[tuple[int, Found]] = []
    at = 0
    while at < len(words) and len(read) < MOST_READINGS:
        found = _longest(words, at, rules)
        if found is None:
            length = words_at(words, at, _NEGATIONS, _LONGEST_NEGATION)
            at = _denied(words, at + length, rules) if length else at + 1
            continue
        if found.meaning is not None:
            read.append((at, found))
        at = found.end
    return read


def _denied(words: Sequence[Token], at: int, rules: Sequence[Rule]) -> int:
    """Where the words end that a `not` before this position is said of: `no ford, chevy or kia`."""
    while at < len(words) and _is_joint(words[at]):
        at += 1
    found = _longest(words, at, rules) if at < len(words) else None
    while found is not None:
        at, last = found.end, (found.meaning or {}).keys()
        more = _listed(words, at)
        found = None if more is None else _longest(words, more, rules)
        if found is None or not last & (found.meaning or {}).keys():
            break
    return at


def _listed(words: Sequence[Token], at: int) -> int | None:
    """Where what is listed goes on after an `or`, an `and` or a comma; None where it does not."""
    if at >= len(words):
        return None
    if words[at].text not in _ALSO:
        return at if words[at].gap.strip() == "," else None
    return at + 1 if at + 1 < len(words) and not words[at + 1].apart else None


def _longest(words: Sequence[Token], at: int, rules: Sequence[Rule]) -> Found | None:
    if not words[at].readable:
        return None
    found = [result for rule in rules if (result := rule(words, at)) is not None]
    return max(found, key=lambda result: result.end, default=None)


def _joined(words: Sequence[Token], read: list[tuple[int, Found]]) -> list[tuple[int, Found]]:
    """The readings, with the words before each that join it to something, and those at the end."""
    joined: list[tuple[int, Found]] = []
    last = 0
    for start, found in read:
        first = start
        while first > last and _is_joint(words[first - 1]):
            first -= 1
        joined.append((first, found))
        last = found.end
    if joined and all(_is_joint(word) for word in words[last:]):
        start, found = joined[-1]
        joined[-1] = start, replace(found, end=len(words))
    return joined


def _is_joint(word: Token) -> bool:
    return word.readable and word.text in _JOINTS


def _piece(q: str, words: Sequence[Token], at: int, found: Found) -> Piece:
    start, end = words[at].start, words[found.end - 1].end
    return Piece(q[start:end], start, end, found.meaning, found.assumed)
