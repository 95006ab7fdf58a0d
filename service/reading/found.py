"""What a rule found in a query: how far it goes, and what it means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.words import Meaning
from service.reading.tokens import Token

OUT = "not"
"""In a meaning and in what it gives: by facet, the values that are left out."""


@dataclass(frozen=True, slots=True)
class Found:
    """The words up to token `end` mean this; None is text.

    `assumed` holds where nothing else says it.
    """

    end: int
    meaning: Meaning | None
    assumed: Mapping[str, Any] = field(default_factory=dict)


Rule = Callable[[Sequence[Token], int], Found | None]
"""What begins at a position of a query, if anything does. Pure, and bounded in time."""


def longest(rules: Sequence[Rule], tokens: Sequence[Token], at: int) -> Found | None:
    """What begins at a position: of several readings the longest, the first of equals."""
    if at >= len(tokens) or not tokens[at].readable:
        return None
    found = [result for rule in rules if (result := rule(tokens, at)) is not None]
    return max(found, key=lambda result: result.end, default=None)


def words_at(tokens: Sequence[Token], at: int, phrases: Mapping[str, object], most: int) -> int:
    """How many words at a position make one of the phrases: the most of them, 0 for none.

    Phrases are squeezed, so that `f150`, `f-150` and `f 150` are one.
    """
    joined, longest = "", 0
    for length, token in enumerate(tokens[at : at + most], start=1):
        if not token.readable or (length > 1 and (token.apart or token.lead)):
            break
        joined += token.text
        if joined in phrases:
            longest = length
        if token.plus:
            break
    return longest


def phrase_at(tokens: Sequence[Token], at: int, length: int) -> str:
    """The words at a position, squeezed."""
    return "".join(token.text for token in tokens[at : at + length])
