"""Errors in the shape of Meilisearch's, which its clients read."""

from collections.abc import Mapping

import orjson
from sanic import HTTPResponse

from service.http.problems import problem_of
from service.openapi.schema import TEXT, Schema, record

TYPES = {401: "auth", 403: "auth", 500: "internal", 503: "system"}
"""Status → type; of every other it is `invalid_request`."""

CODES = {
    413: "payload_too_large",
    415: "invalid_content_type",
    429: "too_many_search_requests",
    500: "internal",
    503: "too_many_search_requests",
}
"""Status of a problem → Meilisearch's code that is nearest to it; else it is `bad_request`."""

SCHEMA: Schema = record(
    {
        "message": {**TEXT, "examples": ["Unknown field `qq`: expected one of `indexUid`, `q`"]},
        "code": {**TEXT, "examples": ["bad_request"]},
        "type": {"enum": ["invalid_request", "auth", "internal", "system"]},
        "link": {**TEXT, "examples": ["https://docs.meilisearch.com/errors#bad_request"]},
    }
)


ADDRESSES = ("/multi-search", "/indexes/")
"""How the addresses begin whose clients read errors in this shape."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is not passed on; `code` is one of Meilisearch's, in snake case."""

    def __init__(
        self, code: str, message: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})
        self.code = code
        self.message = message
        self.status = status

    def response(self) -> HTTPResponse:
        body = {
            "message": self.message,
            "code": self.code,
            "type": TYPES.get(self.status, "invalid_request"),
            "link": f"https://docs.meilisearch.com/errors#{self.code}",
        }
        return HTTPResponse(orjson.dumps(body), self.status, self.headers, "application/json")


def speaks(path: str) -> bool:
    """Whether who asks for this path reads errors in this shape."""
    return path.startswith(ADDRESSES)


def refusal_of(error: BaseException, path: str) -> Refusal:
    """What a client is told of an error; what it is not told goes to the log."""
    if isinstance(error, Refusal):
        return error
    problem = problem_of(error, path)
    code = CODES.get(problem.status, "bad_request")
    return Refusal(code, problem.detail, problem.status, problem.headers)
