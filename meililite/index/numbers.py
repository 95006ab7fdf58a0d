"""Numbers as Meilisearch writes them in facets and messages."""

from __future__ import annotations

from decimal import Decimal


def format_number(number: float) -> str:
    """The shortest decimal that gives the number back, without an exponent or `.0`."""
    if number == int(number) and abs(number) < 1e16:
        return f"-{-int(number)}" if number < 0 else str(int(number))
    return format(Decimal(repr(number)), "f")
