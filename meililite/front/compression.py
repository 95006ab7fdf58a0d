"""Answers in fewer bytes, for clients that ask for them."""

from __future__ import annotations

import asyncio
import zlib
from functools import lru_cache

_SMALLEST = 1024  # bytes; below, what is saved fits in the same packet
_AT_ONCE = 64 * 1024  # bytes that are compressed without leaving the loop: less than a millisecond
_LEVEL = 1  # JSON shrinks to a fifth; a higher level takes three times as long for a tenth less
_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


async def compressed(body: bytes, accepted: str | None) -> tuple[bytes, str | None]:
    """The body as it is sent, and its Content-Encoding (None: as it is).

    `accepted` is the request's Accept-Encoding header.
    """
    coding = None if accepted is None or len(body) < _SMALLEST else chosen(accepted)
    if coding is None:
        return body, None
    if len(body) <= _AT_ONCE:
        return _compress(body, coding), coding
    return await asyncio.to_thread(_compress, body, coding), coding


def _compress(body: bytes, coding: str) -> bytes:
    return zlib.compress(body, _LEVEL, _WINDOWS[coding])


@lru_cache(128)
def chosen(accepted: str) -> str | None:
    """The coding that an Accept-Encoding header likes best of those that we have; None for none.

    Of equal ones the first counts (RFC 9110, 12.5.3, leaves it open).
    """
    best, weight = None, 0.0
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";")
        coding = {"*": "gzip", "x-gzip": "gzip"}.get(name.strip(), name.strip())
        if coding in (*_WINDOWS, "identity") and (found := _weight(quality)) > weight:
            best, weight = coding, found
    return None if best == "identity" else best


def _weight(quality: str) -> float:
    """The weight of `q=0.5`: 1 when there is none, 0 when it is none."""
    if not quality:
        return 1.0
    name, _, value = quality.strip().partition("=")
    try:
        return float(value) if name == "q" else 0.0
    except ValueError:
        return 0.0
