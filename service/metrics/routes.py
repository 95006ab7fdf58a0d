"""`/metrics`: what someone on call has scraped and is alerted by."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import BaseHTTPResponse

from service.background import meanwhile
from service.http.admin import METRICS, require_key
from service.http.responses import METHODS
from service.http.urls import AnyRequest
from service.metrics.exposition import exposed
from service.metrics.ledger import EVERY_SECONDS, Ledger
from service.metrics.tally import Tally
from service.metrics.truth import Truth
from service.openapi.document import template
from service.openapi.operation import Answer, Operation
from service.understanding.parameters import read

log = logging.getLogger("service")

OPERATION = Operation(
    "What this service and what is behind it do, as numbers",
    {200: Answer(None, "Prometheus' text format", "text/plain")},
    tag="service",
    description=(
        "The numbers of all API processes together, and what Postgres knows of sync, jobs and"
        " sources. `Accept: application/openmetrics-text` is answered with OpenMetrics 1.0."
    ),
    parameters={},
    admin=True,
)


class Metrics:
    """The handlers of one worker; `ledger` has the numbers of the others."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._truth = Truth()
        self._tally: Tally | None = None
        self._addresses: dict[str, str] = {}
        self._alone = False  # what is counted here cannot be told to the others

    def routes(self) -> Blueprint:
        routes = Blueprint("metrics")
        routes.on_request(require_key)
        add = routes.add_route
        add(self.metrics, METRICS, METHODS, name="metrics", ctx_operation=OPERATION)
        return routes

    def note(self, request: AnyRequest, response: BaseHTTPResponse) -> None:
        """Count a request that is about to be answered."""
        if self._tally is not None:
            self._tally.note(request, response)

    @asynccontextmanager
    async def kept(
        self, app: Sanic[Any, Any], tally: Tally, url: str | None
    ) -> AsyncIterator[None]:
        """Count into `tally` and tell it to the other workers, every second and at the end."""
        self._addresses = {route.name: template(route) for route in app.router.routes}
        self._tally = tally
        try:
            async with self._truth.opened(url), meanwhile("Metrics", self._publish_forever):
                yield
        finally:
            self._publish()

    async def metrics(self, request: Request) -> HTTPResponse:
        read({}, request.query_string)
        known = await self._truth.numbers()
        self._publish()
        accept = request.headers.get("accept", "")
        content, kind = await asyncio.to_thread(
            lambda: exposed({**self._ledger.total(), **known}, accept)
        )
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        return HTTPResponse(content, 200, headers, kind)

    async def _publish_forever(self) -> NoReturn:
        while True:
            self._publish()
            await asyncio.sleep(EVERY_SECONDS)

    def _publish(self) -> None:
        if self._tally is None:
            return
        try:
            self._ledger.publish(self._tally.numbers(self._addresses))
        except OSError as error:
            if not self._alone:
                log.warning("What this worker counts cannot be told to the others: %s", error)
            self._alone = True
        else:
            self._alone = False
