"""Errors as RFC 9457 problem details: what was wrong, where, and what to do."""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from sanic import HTTPResponse
from sanic.exceptions import SanicException

from engine.client import EngineAway, EngineError, EngineFull
from service.http.bounds import LONGEST_BODY, LONGEST_HEADERS, SLOWEST_SECONDS

log = logging.getLogger("service")

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 2
MALFORMED = (
    "The request is not well-formed HTTP. A URL begins with a slash; a space, and all that is not "
    "ASCII, is written with % signs in it: é is %C3%A9."
)
LONGEST_PATH = 200  # characters of a path that an answer repeats


class Kind(NamedTuple):
    """A kind of problem: its title, and the statuses it is answered with."""

    title: str
    statuses: tuple[int, ...]


TYPES = {
    "unknown-parameter": Kind("The parameter does not exist", (400,)),
    "bad-value": Kind("The value of a parameter cannot be used", (400,)),
    "no-key": Kind("The key is missing or wrong", (401,)),
    "not-found": Kind("There is nothing here", (404,)),
    "conflict": Kind("The state of what this is about does not allow it", (409,)),
    "key-reused": Kind("The idempotency key is that of another request", (422,)),
    "bad-method": Kind("The method is not allowed here", (405,)),
    "bad-request": Kind("The request cannot be understood", (400,)),
    "too-slow": Kind("The request took too long to come", (408,)),
    "too-long": Kind("The request is too long", (413, 414)),
    "unsupported-coding": Kind("The body is coded in a way that is not read", (415,)),
    "unmet-expectation": Kind("What the request expects cannot be met", (417,)),
    "too-many": Kind("There were too many requests", (429,)),
    "busy": Kind("More is asked for than can be answered", (503,)),
    "unavailable": Kind("A server behind this one does not answer", (503,)),
    "fault": Kind("Something went wrong on this side", (500,)),
}
"""Every kind of problem by its name; `type` is `urn:showroom:problem:{name}`."""

REFUSED = {
    408: (
        "too-slow",
        f"The headers of a request must come within {SLOWEST_SECONDS} s, and then its body within "
        f"{SLOWEST_SECONDS} s; send it again.",
    ),
    413: (
        "too-long",
        f"A request may have {LONGEST_HEADERS:,} bytes of headers and a body of {LONGEST_BODY:,} "
        "bytes; send less.",
    ),
    417: (
        "unmet-expectation",
        "No expectation but `100-continue` can be met; leave out the header `Expect`.",
    ),
}
"""What the HTTP server refuses before any route sees it: status → kind and detail."""


@dataclass
class Problem(Exception):  # noqa: N818 - the RFC's word
    """A request that cannot be answered; `extra` are members beside the standard ones."""

    status: int
    kind: str
    detail: str
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> HTTPResponse:
        body = {
            "type": f"urn:showroom:problem:{self.kind}",
            "title": TYPES[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }
        return HTTPResponse(orjson.dumps(body), self.status, self.headers, CONTENT_TYPE)


def bad_value(parameter: str, detail: str, **extra: Any) -> Problem:
    """A 400 for a parameter that exists and has a value that cannot be used."""
    return Problem(400, "bad-value", detail, {"parameter": parameter, **extra})


def not_found(detail: str) -> Problem:
    return Problem(404, "not-found", detail)


def unavailable(detail: str) -> Problem:
    """A 503 that says when to come back."""
    return Problem(503, "unavailable", detail, headers={"Retry-After": str(RETRY_SECONDS)})


def busy(detail: str) -> Problem:
    """A 503 for what would have to wait too long."""
    return Problem(503, "busy", detail, headers={"Retry-After": str(RETRY_SECONDS)})


def too_many(seconds: int) -> Problem:
    """A 429 for a client that asks too often; `seconds` is when it may ask again."""
    detail = f"Too many requests came from your address; send the next in {seconds} s."
    return Problem(429, "too-many", detail, headers={"Retry-After": str(seconds)})


def problem_of(error: BaseException, path: str) -> Problem:
    """The problem that a person is told of; what it does not say goes to the log."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, EngineFull):
        return busy("Too many searches wait for the search server; try again in a moment.")
    if isinstance(error, EngineAway):
        return unavailable("The search server does not answer; try again in a moment.")
    if isinstance(error, EngineError) and error.code == "index_not_found":
        return unavailable("The index is not there yet; try again in a moment.")
    if isinstance(error, EngineError) and error.code == "invalid_search_facets":
        # What is counted is ours: the index is one of before an upgrade.
        return unavailable("The index is being made anew; try again in a moment.")
    if isinstance(error, EngineError) and error.temporary:
        return unavailable("The search server is busy; try again in a moment.")
    if isinstance(error, SanicException):
        return _of_sanic(error, path)
    log.error("%s could not be answered", path, exc_info=error)
    return Problem(500, "fault", "The request could not be answered; the log says why.")


def _of_sanic(error: SanicException, path: str) -> Problem:
    status = error.status_code
    headers = {str(name): str(value) for name, value in error.headers.items()}
    if status == HTTPStatus.NOT_FOUND:
        return not_found(f"There is nothing at {path[:LONGEST_PATH]}; /docs lists what there is.")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(headers.get("Allow", "GET, HEAD").split(", ")))
        return Problem(
            status, "bad-method", f"This address answers {allowed} only.", headers=headers
        )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return unavailable("The answer took too long; try again in a moment.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s could not be answered", path, exc_info=error)
        return Problem(500, "fault", "The request could not be answered; the log says why.")
    if status in REFUSED:
        return Problem(status, *REFUSED[status], headers=headers)
    return Problem(400, "bad-request", MALFORMED)
