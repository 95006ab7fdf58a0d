"""The routes that only count: facets of a search, values of one of them, what can be filtered."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial

import orjson
from sanic import Blueprint, HTTPResponse, Request

from engine.client import Engine
from service.answering import filters
from service.answering.asking import ask, ask_facet
from service.answering.facets import alike
from service.answering.queries import facet_search
from service.caching.cache import HIT, Cache, Found
from service.caching.keys import key_of
from service.caching.memory import Kept, etag_of
from service.caching.replies import OPENING, reply, rest
from service.http.problems import Problem
from service.http.responses import METHODS
from service.openapi.counting import all_filters, operations
from service.routes.collections import Collection
from service.understanding.forms import Words
from service.understanding.parameters import LONGEST_QUERY, Parameter, nearest, read, shown
from service.understanding.search import Search

LISTED = ("sort", "page", "per_page", "offset", "limit", "fields", "highlight")
"""Parameters that say how results are listed: where only counts are given, there are none."""

FACET_QUERY = Parameter(
    "facet_query", Words(LONGEST_QUERY), "the beginning of a word of the values"
)


class CountingOne:
    """The handlers of one collection."""

    def __init__(self, collection: Collection) -> None:
        self.collection, self.vertical = collection, collection.vertical
        declared = collection.reader.parameters
        self.parameters = {name: one for name, one in declared.items() if name not in LISTED}
        among = {name: one for name, one in self.parameters.items() if name != "facets"}
        self.value_parameters = {FACET_QUERY.name: FACET_QUERY, **among}
        self.told = operations(self.vertical, self.parameters, self.value_parameters)

    def add_to(self, routes: Blueprint) -> None:
        for handler, path, name in (
            (self.facets, "/facets", "facets"),
            (self.values, "/facets/<facet:str>", "values"),
            (self.filters, "/filters", "filters"),
        ):
            full = f"/{self.vertical.collection}{path}"
            own = f"{self.vertical.name}_{name}"
            routes.add_route(handler, full, METHODS, name=own, ctx_operation=self.told[name])

    async def facets(self, request: Request) -> HTTPResponse:
        began = time.perf_counter()
        given = read(self.parameters, request.query_string)
        search = self.collection.reader.understand({**given, "limit": 0})
        return reply(request, await self.collection.found(request, search, key_of(search)), began)

    async def values(self, request: Request, facet: str) -> HTTPResponse:
        began = time.perf_counter()
        cache: Cache = request.app.ctx.cache
        if facet not in self.vertical.facets:
            raise _no_facet(facet, tuple(self.vertical.facets))
        given = read(self.value_parameters, request.query_string)
        text = given.pop(FACET_QUERY.name, "")
        search = self.collection.reader.understand({**given, "facets": ("none",)})
        make = partial(self._values, request.app.ctx.engine, search, facet, text)
        key = orjson.dumps([facet, text]) + key_of(search)
        return reply(request, await cache.find(self.vertical.name, key, make), began)

    async def _values(self, engine: Engine, search: Search, facet: str, text: str) -> bytes:
        question = facet_search(search, facet, text)
        counts = await ask_facet(engine, self.vertical.index, question)
        told = {} if search.words is None else {"words": search.words}
        label = self.vertical.facets[facet].label
        meta = {"facet": facet, "label": label, "facet_query": text, "applied": search.applied}
        return rest({"meta": {**meta, **told}, "data": alike(search, facet, counts)})

    async def filters(self, request: Request) -> HTTPResponse:
        began = time.perf_counter()
        read({}, request.query_string)
        return reply(request, await self.described(request), began)

    async def described(self, request: Request) -> Found:
        """What can be filtered, as it is kept while the index stays as it is."""
        cache: Cache = request.app.ctx.cache
        make = partial(self._filters, request.app.ctx.engine)
        return await cache.find(self.vertical.name, b"filters", make)

    async def _filters(self, engine: Engine) -> bytes:
        (result,) = await ask(engine, [filters.query(self.vertical)])
        told = filters.described(self.vertical, self.parameters, result)
        return rest({"meta": {"collection": self.vertical.collection}, "data": told})


class Counting:
    """The handlers of every collection, and of all of them together."""

    def __init__(self, collections: Sequence[Collection]) -> None:
        self.each = [CountingOne(collection) for collection in collections]

    def routes(self) -> Blueprint:
        """What is below `/api/v1/{collection}`; `/api/v1/facets` is the first collection's."""
        routes = Blueprint("counting", url_prefix="/api/v1")
        for one in self.each:
            one.add_to(routes)
        first, operation = self.each[0], all_filters(one.vertical for one in self.each)
        routes.add_route(
            first.facets, "/facets", METHODS, name="facets", ctx_operation=first.told["facets"]
        )
        routes.add_route(self.filters, "/filters", METHODS, name="filters", ctx_operation=operation)
        return routes

    async def filters(self, request: Request) -> HTTPResponse:
        began = time.perf_counter()
        read({}, request.query_string)
        found = await asyncio.gather(*(one.described(request) for one in self.each))
        return reply(request, together(found), began)


def together(found: Sequence[Found]) -> Found:
    """What can be filtered in each collection as one answer, which changes when one of them does.

    Of its parts the one that was farthest away says where it came from.
    """
    bodies = [orjson.loads(OPENING + one.kept.body) for one in found]
    told = {body["meta"]["collection"]: body["data"] for body in bodies}
    body = rest({"meta": {"collections": [*told]}, "data": told})
    made = min(one.kept.made for one in found)
    statuses = [one.status for one in found]
    farthest = max(statuses, key=lambda status: ("fwd" in status, status != HIT))
    return Found(Kept(body, etag_of(body), None, made), farthest)


def _no_facet(name: str, facets: tuple[str, ...]) -> Problem:
    near = nearest(name, facets)
    hint = f" Did you mean {near}?" if near else f" There are {', '.join(facets)}."
    extra = {"nearest": near} if near else {}
    return Problem(404, "not-found", f"There is no facet {shown(name)}.{hint}", extra)
