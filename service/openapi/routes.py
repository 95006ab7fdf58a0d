"""The route of the description, `/openapi.json`; the page at `/docs` shows it."""

import orjson
from sanic import Blueprint, HTTPResponse, Request

from service.http.responses import METHODS
from service.openapi.document import document
from service.openapi.operation import Answer, Operation
from service.openapi.schema import Schema, record


class Description:
    """The handlers of the API's description of itself, made when it is first asked for."""

    def __init__(self) -> None:
        self._content: bytes | None = None

    def routes(self) -> Blueprint:
        routes = Blueprint("description")
        part: Schema = {"type": "object"}
        version: Schema = {"const": "3.1.0"}
        schema = record({"openapi": version, "info": part, "paths": part, "components": part})
        routes.add_route(
            self.openapi,
            "/openapi.json",
            METHODS,
            name="openapi",
            ctx_operation=Operation(
                "This description (OpenAPI 3.1)", {200: Answer(schema)}, tag="service"
            ),
        )
        return routes

    async def openapi(self, request: Request) -> HTTPResponse:
        if self._content is None:
            self._content = orjson.dumps(document(request.app.router.routes))
        return HTTPResponse(self._content, content_type="application/json")
