"""Headers of answers, described once; operations refer to them by name."""

from collections.abc import Iterable
from typing import Any

from service.caching.replies import CACHE_CONTROL
from service.http.problems import RETRY_SECONDS
from service.openapi.schema import TEXT, Schema

TAGGED = ("ETag", "Cache-Control")
KEPT = (*TAGGED, "Cache-Status")
RATE = ("RateLimit", "RateLimit-Policy")
"""Of every answer, while there is a limit."""


def _header(description: str, schema: Schema, *, always: bool = True) -> dict[str, Any]:
    return {"description": description, "required": always, "schema": schema}


HEADERS: dict[str, dict[str, Any]] = {
    "ETag": _header(
        "changes with the answer; send it as `If-None-Match`",
        {**TEXT, "pattern": r'^(W/)?"[0-9a-f]+"$', "examples": ['W/"6c94683a02bdda38721278e5"']},
    ),
    "Cache-Control": _header(
        "for how long the answer may be kept", {**TEXT, "examples": [CACHE_CONTROL]}
    ),
    "Cache-Status": _header(
        "where the answer came from (RFC 9211)",
        {
            **TEXT,
            "pattern": (
                r"^showroom; "
                r"(hit(; (ttl=-\d+|detail=shared))?|fwd=(miss; (stored|collapsed)|bypass))$"
            ),
            "examples": ["showroom; hit"],
        },
    ),
    "Query-Id": _header(
        "by which `POST /api/v1/events` names what a person searched: one for each index, in the "
        "order of their queries; none where the call only counts",
        {
            **TEXT,
            "pattern": r"^[0-9a-f-]{36}(, [0-9a-f-]{36})*$",
            "examples": ["019ab1c2-7a00-7b3c-8d4e-5f6071829304"],
        },
        always=False,
    ),
    "RateLimit": _header(
        "how many requests could come at once now; in a 429 the seconds to wait",
        {**TEXT, "pattern": r'^"client";r=\d+(;t=\d+)?$', "examples": ['"client";r=997']},
        always=False,
    ),
    "RateLimit-Policy": _header(
        "the limit: how many requests in how many seconds",
        {**TEXT, "pattern": r'^"client";q=\d+;w=\d+$', "examples": ['"client";q=1000;w=5']},
        always=False,
    ),
    "Retry-After": _header(
        "seconds to wait", {"type": "integer", "minimum": 1, "examples": [RETRY_SECONDS]}
    ),
    "Accept-Encoding": _header(
        "how a body may be coded: not at all", {**TEXT, "const": "identity"}
    ),
    "Location": _header("where the new one is", {**TEXT, "examples": ["/api/v1/admin/jobs/17"]}),
}


def references(names: Iterable[str]) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
