"""How the names of fields match the patterns in settings and requests."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Match(enum.IntEnum):
    """NO; PARENT: a field below this one may match; YES."""

    NO = 0
    PARENT = 1
    YES = 2


def below(field: str, parent: str) -> bool:
    """Whether `field` is `parent` or one of its nested fields: `dealer.name` of `dealer`."""
    return field.startswith(parent) and field[len(parent) : len(parent) + 1] in ("", ".")


def match_pattern(pattern: str, field: str) -> Match:
    """Match a pattern with an optional `*` at its start, its end, or both."""
    if pattern == "*":
        return Match.YES
    if pattern.startswith("*") and pattern.endswith("*"):
        matched = pattern[1:-1] in field
    elif pattern.startswith("*"):
        matched = field.endswith(pattern[1:])
    elif pattern.endswith("*"):
        matched = field.startswith(pattern[:-1])
    else:
        matched = pattern == field
    if matched:
        return Match.YES
    return Match.PARENT if below(pattern, field) else Match.NO


def match_field(name: str, field: str) -> Match:
    """Match the name of a field, which stands for everything below it too."""
    if below(field, name):
        return Match.YES
    return Match.PARENT if below(name, field) else Match.NO


def stronger(matches: Iterable[Match]) -> Match:
    """The best of several matches."""
    return max(matches, default=Match.NO)
