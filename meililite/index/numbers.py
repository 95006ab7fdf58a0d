"""Numbers as Meilisearch writes them in facets and messages."""

from __future__ import annotations

import math
from decimal import Decimal


def format_number(number: float) -> str:
    """The shortest decimal that gives the number back, without an exponent or `.0`."""
    if number == int(number) and abs(number) < 1e16:
        return f"-{-int(number)}" if number < 0 else str(int(number))
    return format(Decimal(repr(number)), "f")


def is_number(word: str) -> bool:
    """Whether the word writes a number."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def number_or_none(number: float) -> float | None:
    """The number; None for what JSON cannot write."""
    return number if math.isfinite(number) else None
