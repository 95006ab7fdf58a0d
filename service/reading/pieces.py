"""A query as it was read: pieces in order, each with what it means or left as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.words import Meaning
from service.reading.found import OUT, Found, Rule, longest
from service.reading.negations import denied
from service.reading.tokens import Token, tokens

MOST_READINGS = 30
"""Readings of one query; what follows them stays text."""

_JOINTS = frozenset(
    ("with", "and", "or", "in", "a", "an", "the", "that", "has", "is", "are", "vs", "but")
)
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

    All words are in exactly one piece. What is quoted or has a `-` stays text.
    """
    words = tokens(q)
    read = _listed(words, _joined(words, _read(words, rules)))
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
        found = longest(rules, words, at) or denied(rules, words, at)
        if found is None:
            at += 1
            continue
        if found.meaning is not None:
            read.append((at, found))
        at = found.end
    return read


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


def _listed(words: Sequence[Token], read: list[tuple[int, Found]]) -> list[tuple[int, Found]]:
    """The readings, without what is denied in a list that was read in part.

    `no black or white interior` is said of interiors: all of it stays text.
    """
    whole: list[tuple[int, Found]] = []
    following = len(words)
    for start, found in reversed(read):
        cut = found.end < following and _lists_more(words[found.end])
        if not (cut and OUT in (found.meaning or {})):
            whole.append((start, found))
            following = start
    return whole[::-1]


def _lists_more(word: Token) -> bool:
    return word.text in ("or", "nor") and (not word.apart or word.gap.strip() == ",")


def _is_joint(word: Token) -> bool:
    return word.readable and word.text in _JOINTS


def _piece(q: str, words: Sequence[Token], at: int, found: Found) -> Piece:
    start, end = words[at].start, words[found.end - 1].end
    return Piece(q[start:end], start, end, found.meaning, found.assumed)
