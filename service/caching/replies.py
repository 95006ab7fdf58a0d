"""A kept answer as a response: what is said of this request first, then the bytes as they are."""

import re
import time
from typing import Any
from uuid import UUID

import msgspec
from sanic import HTTPResponse, Request

from service.caching.cache import Found
from service.http.responses import Response

OPENING = b'{"meta":{'
TOTAL = re.compile(rb'"total":([0-9]+)')
CACHE_CONTROL = "public, max-age=0, stale-if-error=60"
"""Whoever keeps an answer asks each time whether it is still the same (`ETag`)."""


def rest(body: dict[str, Any]) -> bytes:
    """The bytes of a body after OPENING; its `meta` comes first and is not empty."""
    told = msgspec.json.encode(body)
    assert told.startswith(OPENING)
    return told[len(OPENING) :]


def total(kept: bytes) -> int:
    """The total in what `rest` made, which comes first of all numbers."""
    found = TOTAL.search(kept)
    assert found is not None
    return int(found[1])


def reply(
    request: Request, found: Found, began: float, query_id: UUID | None = None
) -> HTTPResponse:
    """The response with this answer, or a 304 where the client has it.

    `began` is when the request came, on the clock of time.perf_counter; by `query_id` a page says
    what was done with the results, if there are any.
    """
    headers = {
        "Cache-Control": CACHE_CONTROL,
        "ETag": found.kept.etag,
        "Cache-Status": found.status,
    }
    if has(request, found.kept.etag):
        return Response(status=304, headers=headers)
    took = (time.perf_counter() - began) * 1000
    known = b'"query_id":"%b",' % str(query_id).encode() if query_id else b""
    content = b'%b%b"took_ms":%.1f,%b' % (OPENING, known, took, found.kept.body)
    return Response(content, 200, headers, "application/json")


def has(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` names this tag, compared weakly (RFC 9110, 13.1.2)."""
    named = request.headers.get("if-none-match")
    return named is not None and (named.strip() == "*" or etag.removeprefix("W/") in named)
