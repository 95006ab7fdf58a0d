"""The route of many searches in one request."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.front.access import check_query
from meililite.front.federation import federated_search
from meililite.front.http import Answer, Call
from meililite.front.router import Router
from meililite.front.search import own_members, prepared, splice
from meililite.front.state import State
from meililite.shapes import search as shapes

Query = dict[str, Any]


class MultiSearchRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        router.add("POST", "/multi-search", "search", self.multi_search)

    async def multi_search(self, call: Call) -> Answer:
        queries, federation = shapes.multi_search(await call.json())
        if federation is not None:
            return await federated_search(self._state, call, queries, federation)
        for number, query in enumerate(queries):
            self._check(call, query, number)
        # One waits for each that a reader is at, so that the searches of others come in between.
        turns = asyncio.Semaphore(2 * self._state.options.readers)
        results = await asyncio.gather(
            *(self._one(call, query, number, turns) for number, query in enumerate(queries)),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return Answer(200, b'{"results":[' + b",".join(results) + b"]}")  # type: ignore[arg-type]

    def _check(self, call: Call, query: Query, number: int) -> None:
        if "federationOptions" in query:
            raise ApiError(
                "invalid_multi_search_federation_options",
                f"Inside `.queries[{number}]`: Using `federationOptions` is not allowed in a "
                "non-federated search.\n - Hint: remove `federationOptions` from the query or add "
                "`federation` to the request.",
            )
        check_query(call.permission, query["indexUid"], number)

    async def _one(self, call: Call, query: Query, number: int, turns: asyncio.Semaphore) -> bytes:
        uid = query["indexUid"]
        try:
            self._state.indexes.find(uid)
            asked = await prepared(self._state, call, query, uid)
            async with turns:
                started = time.perf_counter()
                body = await self._state.read("search", uid, asked)
        except ApiError as error:
            raise inside(error, number) from None
        own = own_members(self._state, call, query, uid, started)
        return b'{"indexUid":%s,' % orjson.dumps(uid) + splice(body, started, **own)[1:]


def inside(error: ApiError, number: int) -> ApiError:
    """An error of one query. A missing index is no 404 here: the path does not name it."""
    status = 400 if error.code == "index_not_found" else error.status
    return ApiError(error.code, f"Inside `.queries[{number}]`: {error.message}", status)
