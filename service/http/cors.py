"""Who may read: pages of any origin, since the API is public and takes no cookies."""

from sanic import HTTPResponse, Request
from sanic.response import BaseHTTPResponse

from service.http.admin import PREFIX

PRIVATE = (PREFIX, "/api/v1/analytics")
PUBLIC = ("/api/", "/multi-search", "/indexes/")
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "*, Authorization",  # which `*` does not include
    "Access-Control-Max-Age": "86400",
}

EXPOSED = "Cache-Status, ETag, Query-Id, RateLimit, RateLimit-Policy, Retry-After"
"""Headers that scripts of other origins may read."""


def is_public(request: Request) -> bool:
    return request.path.startswith(PUBLIC) and not request.path.startswith(PRIVATE)


async def answer_preflight(request: Request) -> HTTPResponse | None:
    """A browser asks so before a request with headers of its own."""
    if request.method == "OPTIONS" and is_public(request):
        return HTTPResponse(status=204, headers=PREFLIGHT)
    return None


async def add_headers(request: Request, response: BaseHTTPResponse) -> None:
    """What every response carries: it is what it says it is, and who may read it."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if is_public(request):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
