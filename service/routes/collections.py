"""The routes of each vertical's collection: its search, one listing, that listing's prices."""

import time
from functools import partial

from sanic import Blueprint, HTTPResponse, Request

from catalog.vertical import Vertical
from engine.client import Engine
from service.answering.answers import answer
from service.answering.asking import ask
from service.answering.facets import rare
from service.answering.hints import Hints
from service.answering.history import History
from service.answering.known import Known
from service.answering.listings import KEY, listing
from service.answering.queries import by_id, multi_search
from service.answering.results import Document, value
from service.answering.similar import PARAMETERS, SHOWN, Like
from service.caching.cache import Cache, Found
from service.caching.replies import reply, rest, total
from service.http.problems import not_found
from service.http.responses import METHODS, json
from service.openapi.listings import operations
from service.routes.remembered import Remembered
from service.understanding.parameters import read, shown
from service.understanding.search import Reader, Search

SAME_LETTERS = 10
"""Documents whose ids may differ in case only: one search finds them all."""


class Collection:
    """The handlers of one vertical; they find `engine` and `history` in `app.ctx`."""

    def __init__(self, vertical: Vertical) -> None:
        self.vertical = vertical
        self.reader = Reader(vertical)
        self.hints = Hints(self.reader)
        self._remembered = Remembered(self.reader)
        self._known = Known()

    def prepare(self) -> None:
        """Read what no request should wait for."""
        self.reader.queries.prepare()

    def routes(self) -> Blueprint:
        """`/api/v1/{collection}` and what is below it."""
        routes = Blueprint(self.vertical.name, url_prefix=f"/api/v1/{self.vertical.collection}")
        told = operations(self.vertical, self.reader.parameters)
        for handler, path, name in (
            (self.search, "", "search"),
            (self.one, f"/<key:{KEY}>", "one"),
            (self.prices, f"/<key:{KEY}>/history", "history"),
            (self.similar, f"/<key:{KEY}>/similar", "similar"),
        ):
            routes.add_route(handler, path, METHODS, name=name, ctx_operation=told[name])
        return routes

    async def search(self, request: Request) -> HTTPResponse:
        began = time.perf_counter()
        asked = self._remembered.read(request.query_string)
        found = await self.found(request, asked.search, asked.key)
        query_id = request.app.ctx.analytics.searched(
            request,
            self.vertical.collection,
            asked.told,
            total(found.kept.body),
            asked.search.window.page,
        )
        return reply(request, found, began, query_id)

    async def found(self, request: Request, search: Search, key: bytes) -> Found:
        """The answer to a search, kept while the index stays as it is."""
        cache: Cache = request.app.ctx.cache
        make = partial(self._make, request.app.ctx.engine, cache, search)
        return await cache.find(self.vertical.name, key, make)

    async def _make(self, engine: Engine, cache: Cache, search: Search) -> bytes:
        version = cache.version(self.vertical.name)
        results = await self._known.ask(engine, multi_search(search), version)
        body = answer(search, results, await rare(engine, search, results))
        if body["meta"]["total"] == 0:
            body["meta"]["hints"] = await self.hints.of(engine, search)
        return rest(body)

    async def one(self, request: Request, key: str) -> HTTPResponse:
        read({}, request.query_string)
        document = await self._document(request.app.ctx.engine, key)
        return json({"data": listing(self.vertical, document)})

    async def similar(self, request: Request, key: str) -> HTTPResponse:
        began = time.perf_counter()
        cache: Cache = request.app.ctx.cache
        most = read(PARAMETERS, request.query_string).get("limit", SHOWN)
        make = partial(self._like, request.app.ctx.engine, key, most)
        question = f"similar/{most}/{key}".encode()
        return reply(request, await cache.find(self.vertical.name, question, make), began)

    async def _like(self, engine: Engine, key: str, most: int) -> bytes:
        like = Like(self.vertical, await self._document(engine, key))
        queries = like.queries(most)
        found = await ask(engine, queries) if queries else []
        return rest({"meta": {"key": key}, "data": like.merged(found, most)})

    async def _document(self, engine: Engine, key: str) -> Document:
        """The live document with this key; raises Problem 404."""
        found = await ask(engine, by_id(self.vertical.index, key, SAME_LETTERS))
        for document in found[0].hits:
            if value(document, "id") == key:
                return document
        raise not_found(f"There is no live listing with the key {shown(key)}.")

    async def prices(self, request: Request, key: str) -> HTTPResponse:
        read({}, request.query_string)
        history: History = request.app.ctx.history
        return json(await history.of(self.vertical, key))
