"""The limit on requests as HTTP shows it (draft-ietf-httpapi-ratelimit-headers-10)."""

from math import ceil

from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from service.http.admin import may_scrape
from service.http.problems import too_many
from service.limits.clients import Clients
from service.limits.limiter import Limiter, Standing

PROBES = frozenset({"/health", "/ready"})
"""Asked by those who watch the service, also when it has much to do."""


def limit(app: Sanic, clients: Clients) -> None:  # type: ignore[type-arg]
    """Hold every client to the limiter in `app.ctx.limiter`, where there is one.

    Handlers find who asks in `request.ctx.client`.
    """

    async def admit(request: Request) -> None:
        request.ctx.client = clients.of(request)
        limiter: Limiter | None = request.app.ctx.limiter
        if limiter is None or request.path in PROBES or may_scrape(request):
            return
        standing = limiter.admit(request.ctx.client)
        request.ctx.standing = standing
        if not standing.admitted:
            raise too_many(ceil(standing.wait))

    async def tell(request: Request, response: BaseHTTPResponse) -> None:
        standing = getattr(request.ctx, "standing", None)
        if standing is not None:
            response.headers["RateLimit-Policy"] = request.app.ctx.limiter.policy
            response.headers["RateLimit"] = _told(standing)

    app.register_middleware(admit, "request")
    app.register_middleware(tell, "response")


def charge(request: Request, more: int) -> None:
    """Count a request as so many more; raises Problem (429)."""
    limiter: Limiter | None = request.app.ctx.limiter
    if limiter is not None and more:
        standing = request.ctx.standing = limiter.admit(request.ctx.client, more)
        if not standing.admitted:
            raise too_many(ceil(standing.wait))


def _told(standing: Standing) -> str:
    again = "" if standing.admitted else f";t={ceil(standing.wait)}"
    return f'"client";r={standing.left}{again}'
