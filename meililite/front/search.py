"""Routes of searches in one index."""

from __future__ import annotations

import os
import time
from typing import Any

import orjson

from meililite.features import refuse_unbuilt
from meililite.front.http import Answer, Call
from meililite.front.router import Router
from meililite.front.state import State
from meililite.shapes import parameters
from meililite.shapes import search as shapes

_RANDOM_BITS = (1 << 74) - 1


def request_uid() -> str:
    """A version 7 UUID (RFC 9562), which Meilisearch gives each search."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10)) & _RANDOM_BITS
    value |= 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def splice(body: bytes, started: float, **more: Any) -> bytes:
    """An answer of a reader with the time it took, and members of our own, put in."""
    extra = b',"processingTimeMs":%d' % int((time.perf_counter() - started) * 1000)
    return body[:-1] + extra + (b"," + orjson.dumps(more)[1:] if more else b"}")


def own_members(
    state: State, call: Call, request: dict[str, Any], uid: str, started: float
) -> dict[str, Any]:
    """What the front adds to the answer of a search."""
    members: dict[str, Any] = {"requestUid": request_uid()}
    if request.get("showPerformanceDetails"):
        took = (time.perf_counter() - started) * 1000
        members["performanceDetails"] = {"search": f"{took:.2f}ms"}
    if call.wants_metadata:
        members["metadata"] = metadata(state, request, uid)
    return members


def metadata(state: State, request: dict[str, Any], uid: str) -> dict[str, Any]:
    """Which query of which index an answer is of."""
    index = state.indexes.get(uid)
    return {
        **({"query": request["q"]} if "q" in request else {}),
        "queryUid": request_uid(),
        "indexUid": uid,
        **({"primaryKey": index.primary_key} if index and index.primary_key else {}),
    }


async def prepared(state: State, call: Call, request: dict[str, Any], uid: str) -> dict[str, Any]:
    """The request as a reader gets it, with the filter of the tenant token if it came with one.

    Raises ApiError when it asks for what is not built, or for a feature that is off.
    """
    refuse_unbuilt(request, state.features)
    request = _narrowed(request, call, uid)
    if "filter" in request:
        await state.check_filter(request["filter"], "invalid_search_filter")
    return request


def _narrowed(request: dict[str, Any], call: Call, uid: str) -> dict[str, Any]:
    rule = call.permission.filter_for(uid)
    if rule is None:
        return request
    given = request.get("filter")
    parts = [part for part in (rule, given) if part not in (None, "", [])]
    return {**request, "filter": parts[0] if len(parts) == 1 else _all_of(parts)}


def _all_of(filters: list[Any]) -> list[Any]:
    """Filters joined by AND: a list's members are joined so, those of a list in it by OR."""
    joined: list[Any] = []
    for part in filters:
        joined += part if isinstance(part, list) else [part]
    return joined


class SearchRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        base = "/indexes/{index_uid}"
        router.add("POST", f"{base}/search", "search", self.search)
        router.add("GET", f"{base}/search", "search", self.search_by_url)
        router.add("POST", f"{base}/facet-search", "search", self.facet_search)

    async def search(self, call: Call) -> Answer:
        return await self._search(call, shapes.search(await call.json()))

    async def search_by_url(self, call: Call) -> Answer:
        return await self._search(call, parameters.search(call.query()))

    async def _search(self, call: Call, request: dict[str, Any]) -> Answer:
        started = time.perf_counter()
        body = await self._ask(call, "search", request)
        own = own_members(self._state, call, request, call.index_uid, started)
        return Answer(200, splice(body, started, **own))

    async def facet_search(self, call: Call) -> Answer:
        started = time.perf_counter()
        request = shapes.facet_search(await call.json())
        return Answer(200, splice(await self._ask(call, "facet_search", request), started))

    async def _ask(self, call: Call, operation: str, request: dict[str, Any]) -> bytes:
        uid = call.index_uid
        self._state.indexes.find(uid)
        asked = {**await prepared(self._state, call, request, uid), "indexUid": uid}
        return await self._state.read(operation, uid, asked)
