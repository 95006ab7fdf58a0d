"""Moments as microseconds since 1970, and as clients see them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


def now() -> int:
    return time.time_ns() // 1000


def rfc3339(moment: int | None) -> str | None:
    """`2026-01-31T09:30:00.25Z`."""
    if moment is None:
        return None
    text = datetime.fromtimestamp(moment // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{moment % _SECOND:06}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"


def duration(start: int | None, end: int | None) -> str | None:
    """ISO 8601 (`PT0.25S`) of the time between two moments, or None while it runs."""
    if start is None or end is None or end < start:
        return None
    days, rest = divmod(end - start, _DAY)
    seconds, fraction = divmod(rest, _SECOND)
    date = f"{days}D" if days else ""
    if days and not rest:
        return f"P{date}"
    if not fraction:
        return f"P{date}T{seconds}S"
    digits = f"{fraction // 1000:03}" if fraction % 1000 == 0 else f"{fraction:06}"
    return f"P{date}T{seconds}.{digits}S"
