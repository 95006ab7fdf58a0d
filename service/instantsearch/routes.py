"""The two routes that `@meilisearch/instant-meilisearch` calls, in Meilisearch's language.

A search-only view of the verticals' indexes: there is no other index, no other route, and what
is asked is bounded. The engine's answer is passed on as it is, and kept like that of any search.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from http import HTTPStatus
from itertools import chain

import orjson
from sanic import Blueprint, HTTPResponse, Request

from catalog.vertical import Vertical
from engine.client import Engine, EngineError
from service.analytics.analytics import Analytics
from service.answering.asking import send
from service.caching.cache import NOT_KEPT, Cache
from service.http.admin import has_key
from service.http.responses import Response
from service.instantsearch import description, passing, searches
from service.instantsearch.refusals import Refusal
from service.instantsearch.requests import FacetSearch, MultiSearch, Query, read
from service.instantsearch.sentences import in_public_names

UID = "[A-Za-z0-9_-]{1,200}"
POST = ("POST",)
MISSING_KEY = "The Authorization header is missing. It must use the bearer authorization method."


class InstantSearch:
    """The handlers; where `key` is given, whoever has it may search, else everybody."""

    def __init__(self, verticals: Iterable[Vertical], key: str | None) -> None:
        self._verticals = {vertical.index: vertical for vertical in verticals}
        self._key = key

    def routes(self) -> Blueprint:
        """`/multi-search` and `/indexes/{uid}/facet-search`."""
        routes = Blueprint("instantsearch")
        told = description.operations(self._verticals.values())
        for handler, path, name in (
            (self.multi_search, "/multi-search", "multi_search"),
            (self.facet_search, f"/indexes/<uid:{UID}>/facet-search", "facet_search"),
        ):
            routes.add_route(handler, path, POST, name=name, ctx_operation=told[name])
        return routes

    async def multi_search(self, request: Request) -> HTTPResponse:
        self._admit(request)
        asked = read(MultiSearch, request.body)
        queries = [self._query(place, query) for place, query in enumerate(asked.queries)]
        indexes = {query.index_uid for query in asked.queries}
        begins = b'{"results":[{' if queries else b'{"results":[]'
        answer = await self._pass(request, "/multi-search", {"queries": queries}, indexes, begins)
        self._note(request, asked.queries, answer)
        return answer

    def _note(self, request: Request, queries: Sequence[Query], answer: HTTPResponse) -> None:
        """Note what a person searched, and name it in a header: the body is the engine's."""
        places = searches.of_people(queries)
        totals = searches.totals(answer.body or b"", len(queries)) if places else []
        if not totals:
            return
        analytics: Analytics = request.app.ctx.analytics
        noted = []
        for query, total in ((queries[place], totals[place]) for place in places):
            vertical = self._verticals[query.index_uid]
            told = searches.told(vertical, query)
            collection, page = vertical.collection, query.page_number
            noted.append(str(analytics.searched(request, collection, told, total, page)))
        answer.headers["Query-Id"] = ", ".join(noted)

    async def facet_search(self, request: Request, uid: str) -> HTTPResponse:
        self._admit(request)
        asked = passing.facet_search(self._vertical(uid), read(FacetSearch, request.body))
        path = f"/indexes/{uid}/facet-search"
        return await self._pass(request, path, asked, {uid}, b'{"facetHits":[')

    def _admit(self, request: Request) -> None:
        """Let a request pass that has the key, where there is one; raises Refusal 401 or 403."""
        if not self._key or has_key(request, self._key):
            return
        if "authorization" in request.headers:
            raise Refusal("invalid_api_key", "The provided API key is invalid.", 403)
        raise Refusal("missing_authorization_header", MISSING_KEY, 401)

    def _query(self, place: int, query: Query) -> dict[str, object]:
        try:
            return passing.search(self._vertical(query.index_uid), query)
        except Refusal as refusal:
            message = f"Inside `.queries[{place}]`: {refusal.message}"
            raise Refusal(refusal.code, message, refusal.status) from None

    def _vertical(self, uid: str) -> Vertical:
        if uid not in self._verticals:
            raise Refusal("index_not_found", f"Index `{uid}` not found.", 404)
        return self._verticals[uid]

    async def _pass(
        self,
        request: Request,
        path: str,
        asked: dict[str, object],
        indexes: set[str],
        begins: bytes,
    ) -> HTTPResponse:
        """The engine's answer, which `begins` so; one about several indexes has no one version, and
        is not kept.

        Raises Refusal where it is the client's fault that there is none, else EngineError.
        """
        cache: Cache = request.app.ctx.cache
        body = orjson.dumps(asked)
        make = partial(self._send, request.app.ctx.engine, path, body, begins)
        if len(indexes) != 1:
            return _answer(await make(), NOT_KEPT)
        (vertical,) = (self._verticals[uid] for uid in indexes)
        question = hashlib.sha256(b"%b\n%b" % (path.encode(), body)).digest()
        found = await cache.find(vertical.name, question, make)
        return _answer(found.kept.body, found.status)

    async def _send(self, engine: Engine, path: str, body: bytes, begins: bytes) -> bytes:
        try:
            answer = await send(engine, path, body)
        except EngineError as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            fields = chain.from_iterable(map(passing.public, self._verticals.values()))
            raise Refusal(error.code, in_public_names(error.message, fields)) from None
        if not answer.startswith(begins):  # as that of a proxy, which is not to be kept
            raise EngineError(
                HTTPStatus.BAD_GATEWAY, "bad_answer", "That is no answer to a search."
            )
        return answer


def _answer(body: bytes, status: str) -> HTTPResponse:
    return Response(body, 200, {"Cache-Status": status}, "application/json")
