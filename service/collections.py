"""The routes of each vertical's collection: its search, one listing, that listing's prices."""

import time

from sanic import Blueprint, HTTPResponse, Request

from catalog.vertical import Vertical
from service.answers import answer, listing
from service.asking import ask
from service.history import History
from service.parameters import read, shown
from service.problems import not_found
from service.queries import by_id, multi_search
from service.responses import METHODS, json
from service.search import Reader

KEY = "[A-Za-z0-9_-]{1,200}"
"""The form of a listing's key, which is also its document's id."""

SAME_LETTERS = 10
"""Documents whose ids may differ in case only: one search finds them all."""


class Collection:
    """The handlers of one vertical; they find `engine` and `history` in `app.ctx`."""

    def __init__(self, vertical: Vertical) -> None:
        self.vertical = vertical
        self.reader = Reader(vertical)

    def prepare(self) -> None:
        """Read what no request should wait for."""
        self.reader.queries.prepare()

    def routes(self) -> Blueprint:
        """`/api/v1/{collection}` and what is below it."""
        routes = Blueprint(self.vertical.name, url_prefix=f"/api/v1/{self.vertical.collection}")
        routes.add_route(self.search, "", METHODS, name="search")
        routes.add_route(self.one, f"/<key:{KEY}>", METHODS, name="one")
        routes.add_route(self.prices, f"/<key:{KEY}>/history", METHODS, name="history")
        return routes

    async def search(self, request: Request) -> HTTPResponse:
        started = time.perf_counter()
        wanted = self.reader.read(request.query_string)
        found = await ask(request.app.ctx.engine, multi_search(wanted))
        return json(answer(wanted, found, time.perf_counter() - started))

    async def one(self, request: Request, key: str) -> HTTPResponse:
        read({}, request.query_string)
        queries = by_id(self.vertical.index, key, SAME_LETTERS)
        found = await ask(request.app.ctx.engine, queries)
        for document in found[0]["hits"]:
            if document["id"] == key:
                return json({"data": listing(document)})
        raise not_found(f"There is no live listing with the key {shown(key)}.")

    async def prices(self, request: Request, key: str) -> HTTPResponse:
        read({}, request.query_string)
        history: History = request.app.ctx.history
        return json(await history.of(self.vertical, key))
