"""The routes of analytics: what pages report, and what the people on call read."""

from functools import partial
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from catalog.verticals import VERTICALS
from service.analytics.description import operation_of, reporting
from service.analytics.posted import read_events
from service.analytics.reports import REPORTS, report
from service.http.admin import require_key
from service.http.responses import METHODS, Response, json
from service.limits.middleware import charge
from service.understanding.forms import Choice, Whole
from service.understanding.parameters import Parameter, read

DAYS = 7
MOST_DAYS = 90
ROWS = 50
MOST_ROWS = 1_000

PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter("days", Whole(1, MOST_DAYS), f"how far back; {DAYS} if not given"),
        Parameter("limit", Whole(1, MOST_ROWS), f"rows at most; {ROWS} if not given"),
        Parameter(
            "collection",
            Choice(tuple(vertical.collection for vertical in VERTICALS.values())),
            "only searches of this one",
        ),
    )
}


def routes() -> list[Blueprint]:
    """`/api/v1/events` for everybody, and `/api/v1/analytics/…` behind the admin key."""
    events = Blueprint("events", url_prefix="/api/v1")
    events.add_route(take, "/events", ("POST",), name="post", ctx_operation=reporting())
    reports = Blueprint("analytics", url_prefix="/api/v1/analytics")
    reports.middleware(require_key, "request")
    for name in REPORTS:
        told = operation_of(name, PARAMETERS)
        handler = partial(show, name=name)
        reports.add_route(handler, f"/{name}", METHODS, name=name, ctx_operation=told)
    return [events, reports]


async def take(request: Request) -> HTTPResponse:
    """Note the events, all or none; they are written within seconds."""
    read({}, request.query_string)
    rows = read_events(request.body)
    charge(request, len(rows) - 1)
    request.app.ctx.analytics.noted(rows)
    return Response(status=202)


async def show(request: Request, name: str) -> HTTPResponse:
    given: dict[str, Any] = read(PARAMETERS, request.query_string)
    days, most = given.get("days", DAYS), given.get("limit", ROWS)
    pool = request.app.ctx.analytics.pool
    return json(await report(pool, name, days, most, given.get("collection")))
