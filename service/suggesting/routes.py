"""The routes of suggestions: one for each collection, and one for all of them."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, islice, zip_longest
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from catalog.vertical import Vertical
from engine.client import Engine
from engine.version import connect
from service.background import meanwhile
from service.http.responses import METHODS, json
from service.openapi.operation import Answer, Operation
from service.openapi.schema import COUNT, NUMBER, TEXT, YES_OR_NO, array, nullable, record
from service.suggesting.cities import prepare
from service.suggesting.suggester import Suggester
from service.understanding.forms import Whole, Words
from service.understanding.parameters import LONGEST_QUERY, Parameter, read

SHOWN = 10
MOST_SHOWN = 20

PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter("q", Words(LONGEST_QUERY), "what somebody typed so far"),
        Parameter("limit", Whole(1, MOST_SHOWN), f"suggestions at most; {SHOWN} if not given"),
    )
}

SUGGESTION = record(
    {
        "collection": {**TEXT, "examples": ["listings"]},
        "kind": {**TEXT, "examples": ["make"]},
        "text": {**TEXT, "examples": ["Mercedes-Benz"]},
        "parts": array(record({"text": TEXT, "matched": YES_OR_NO})),
        "parameters": {"type": "object", "examples": [{"make": ["Mercedes-Benz"]}]},
        "count": nullable(COUNT),
    }
)
ANSWER = Answer(record({"meta": record({"took_ms": NUMBER}), "data": array(SUGGESTION)}))
OF_ONE = Operation(
    "What somebody may mean who is still typing", {200: ANSWER}, parameters=PARAMETERS
)
OF_ALL = replace(OF_ONE, summary=f"{OF_ONE.summary}, in every collection")


class Suggestions:
    """The handlers of every vertical's suggestions."""

    def __init__(self, verticals: Iterable[Vertical]) -> None:
        self.suggesters = {each.collection: Suggester(each) for each in verticals}

    @asynccontextmanager
    async def kept(self, engine: Engine, redis_url: str | None) -> AsyncIterator[None]:
        """Keep all tables up to date in the background; those of places are there at once."""
        prepare()
        async with AsyncExitStack() as opened:
            valkey = connect(redis_url) if redis_url else None
            if valkey is not None:
                opened.push_async_callback(valkey.aclose)
            for suggester in self.suggesters.values():
                keeping = partial(suggester.keep, engine, valkey)
                await opened.enter_async_context(meanwhile("Suggesting", keeping))
            yield

    def routes(self) -> Blueprint:
        routes = Blueprint("suggestions", url_prefix="/api/v1")
        routes.add_route(self.of_all, "/suggest", METHODS, name="all", ctx_operation=OF_ALL)
        for collection in self.suggesters:
            handler = partial(self.of_one, collection=collection)
            path = f"/{collection}/suggest"
            routes.add_route(handler, path, METHODS, name=collection, ctx_operation=OF_ONE)
        return routes

    async def of_one(self, request: Request, collection: str) -> HTTPResponse:
        return _answer(request, [collection], self.suggesters)

    async def of_all(self, request: Request) -> HTTPResponse:
        return _answer(request, list(self.suggesters), self.suggesters)


def _answer(
    request: Request, collections: list[str], suggesters: dict[str, Suggester]
) -> HTTPResponse:
    """The suggestions of these collections in turns; each names its own."""
    started = time.perf_counter()
    given = read(PARAMETERS, request.query_string)
    most = given.get("limit", SHOWN)
    each: list[list[dict[str, Any]]] = [
        [{"collection": name, **one} for one in suggesters[name].suggest(given.get("q", ""), most)]
        for name in collections
    ]
    turns = (one for one in chain.from_iterable(zip_longest(*each)) if one is not None)
    data = list(islice(turns, most))
    took = round((time.perf_counter() - started) * 1000, 2)
    return json({"meta": {"took_ms": took}, "data": data})
