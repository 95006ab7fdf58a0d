"""Who may do more than search: whoever holds the admin key.

`routes.on_request(require_key)` puts every route of a blueprint behind it.
"""

import hmac

from sanic import Request

from service.http.problems import Problem, not_found

PREFIX = "/api/v1/admin"
METRICS = "/metrics"


async def require_key(request: Request) -> None:
    """Let a request pass that has the key (RFC 6750: `Authorization: Bearer KEY`).

    Raises Problem 401 for any other, and 404 while SHOWROOM_ADMIN_KEY is empty.
    """
    key: str | None = request.app.ctx.admin_key
    if not key:
        raise not_found(
            "The admin API is switched off: set SHOWROOM_ADMIN_KEY, and send it as"
            " `Authorization: Bearer KEY`."
        )
    if not has_key(request, key):
        raise Problem(
            401,
            "no-key",
            "This needs the admin key: send `Authorization: Bearer KEY` with the value of"
            " SHOWROOM_ADMIN_KEY.",
            headers={"WWW-Authenticate": 'Bearer realm="showroom"'},
        )


def may_scrape(request: Request) -> bool:
    """Whether it is the monitoring that asks, with the key, which is never limited."""
    key: str | None = request.app.ctx.admin_key
    return request.path == METRICS and bool(key and has_key(request, key))


def has_key(request: Request, key: str) -> bool:
    """Whether a request came with the key (RFC 6750); it takes equally long for all others."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    sent = given.strip().encode(errors="surrogateescape")
    return scheme.lower() == "bearer" and hmac.compare_digest(sent, key.encode())
