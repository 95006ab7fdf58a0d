"""Whether this process lives, and whether it can answer searches."""

from sanic import Blueprint, HTTPResponse, Request

from catalog.verticals import VERTICALS
from engine.client import Engine, EngineAway, EngineError
from service.answering.asking import ask
from service.caching.flights import Flights
from service.http.problems import unavailable
from service.http.responses import METHODS, json
from service.openapi.operation import Answer, Operation
from service.openapi.schema import COUNT, mapping, record

Indexes = dict[str, dict[str, int]]

INDEX = record({"documents": COUNT})
HEALTH = Operation(
    "Whether the process lives",
    {200: Answer(record({"status": {"const": "alive"}}))},
    tag="service",
)
READY = Operation(
    "Whether searches can be answered",
    {200: Answer(record({"status": {"const": "ready"}, "indexes": mapping(INDEX)}))},
    tag="service",
)


def routes() -> Blueprint:
    """`/health` and `/ready`."""
    routes = Blueprint("readiness")
    routes.add_route(health, "/health", METHODS, ctx_operation=HEALTH)
    routes.add_route(Readiness().ready, "/ready", METHODS, name="ready", ctx_operation=READY)
    return routes


async def health(_: Request) -> HTTPResponse:
    """The process answers; it says nothing of the servers behind it."""
    return json({"status": "alive"})


class Readiness:
    """Looks once for all who ask at the same time: probes are not limited, and searches wait for
    the same turns.
    """

    def __init__(self) -> None:
        self._looks: Flights[Indexes] = Flights()

    async def ready(self, request: Request) -> HTTPResponse:
        """The search server answers and has an index for each vertical; else a 503 says why."""
        flight, _ = self._looks.join("ready", lambda: _look(request.app.ctx.engine))
        return json({"status": "ready", "indexes": await flight.result()})


async def _look(engine: Engine) -> Indexes:
    """How many documents each index has; raises Problem (503)."""
    indexes = {}
    for vertical in VERTICALS.values():
        query = {"indexUid": vertical.index, "limit": 0}
        try:
            found = await ask(engine, [query])
        except EngineAway:
            raise unavailable("The search server does not answer.") from None
        except EngineError as error:
            detail = f"The index {vertical.index} cannot be searched ({error.code})."
            raise unavailable(detail) from None
        indexes[vertical.index] = {"documents": found[0].total}
    return indexes
