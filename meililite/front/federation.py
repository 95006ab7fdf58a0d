"""Federated searches: what is asked of each index, and the answers made one."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.features import Switched, require
from meililite.federation import compatibility, facets
from meililite.federation.one_index import best_first
from meililite.front.access import check_query
from meililite.front.http import Answer, Call
from meililite.front.search import metadata, prepared, request_uid, splice
from meililite.front.state import State
from meililite.shapes import settings

Query = dict[str, Any]

_DEFAULT_LIMIT = 20
_PAGINATION = ("offset", "limit", "page", "hitsPerPage")


@dataclass(frozen=True, slots=True)
class Page:
    """Which hits are asked for: so many after the first `skip`."""

    skip: int
    take: int
    number: int | None = None  # when they are asked for by page

    @classmethod
    def of(cls, federation: Query) -> Page:
        page, size = federation.get("page"), federation.get("hitsPerPage")
        if page is None and size is None:
            return cls(federation.get("offset", 0), federation.get("limit", _DEFAULT_LIMIT))
        page = 1 if page is None else page
        size = _DEFAULT_LIMIT if size is None else size
        return cls((page - 1) * size, size, page) if page else cls(0, 0, 0)

    def info(self, federation: Query, total: int) -> dict[str, int]:
        if self.number is None:
            return {"limit": self.take, "offset": self.skip, "estimatedTotalHits": total}
        size = federation.get("hitsPerPage") or _DEFAULT_LIMIT
        return {
            "hitsPerPage": size,
            "page": self.number,
            "totalPages": -(-total // size),
            "totalHits": total,
        }


@dataclass(frozen=True, slots=True)
class _Hit:
    uid: str
    parts: list[Any]
    score: float
    position: int
    values: list[Any]
    hit: dict[str, Any]

    def shown(self) -> dict[str, Any]:
        origin = {
            "indexUid": self.uid,
            "queriesPosition": self.position,
            "weightedRankingScore": self.score,
        }
        return {**self.hit, "_federation": origin}


async def federated_search(
    state: State, call: Call, queries: list[Query], federation: Query
) -> Answer:
    """Answer a multi-search that has a `federation`."""
    started, page = time.perf_counter(), Page.of(federation)
    by_index: dict[str, list[Query]] = {}
    for position, query in enumerate(queries):
        part = await _part(state, call, query, federation, position)
        by_index.setdefault(query["indexUid"], []).append(part)
    _check_rankings(state, by_index)
    answers = await _ask(state, by_index, federation, page)
    total = sum(answer["total"] for answer in answers.values())
    body = {
        "hits": [hit.shown() for hit in _merged(answers, page, federation.get("distinct"))],
        **page.info(federation, total),
        **_facets(state, answers, federation),
    }
    if call.wants_metadata:
        body["metadata"] = [metadata(state, query, query["indexUid"]) for query in queries]
    return Answer(200, splice(orjson.dumps(body), started, requestUid=request_uid()))


async def _part(state: State, call: Call, query: Query, federation: Query, position: int) -> Query:
    """A query as its index gets it. Raises for what one of a federated search may not hold."""
    check_query(call.permission, query["indexUid"], position)
    try:
        _check_options(query, federation, state.features)
        options = query.pop("federationOptions", None) or {}
        request = await prepared(state, call, query, query["indexUid"])
    except ApiError as error:
        raise error.at(f"Inside `.queries[{position}]`: ") from None
    return {"position": position, "weight": options.get("weight", 1.0), "request": request}


def _check_rankings(state: State, by_index: dict[str, list[Query]]) -> None:
    """Raise for queries whose hits cannot be compared."""
    compatibility.check(
        compatibility.ranking(uid, part["position"], part["request"], rules)
        for uid in sorted(by_index)
        if (index := state.indexes.get(uid)) is not None
        for rules in [settings.view(index.settings)["rankingRules"]]
        for part in by_index[uid]
    )


def _check_options(query: Query, federation: Query, features: Switched) -> None:
    if (name := next((name for name in _PAGINATION if name in query), None)) is not None:
        raise ApiError(
            "invalid_multi_search_query_pagination",
            "Using pagination options is not allowed in federated queries.\n"
            f" - Hint: remove `{name}` from the query or remove `federation` from the request\n"
            " - Hint: pass `federation.limit` and `federation.offset` for pagination in federated "
            "search",
        )
    if "facets" in query:
        names = ", ".join(orjson.dumps(name).decode() for name in query["facets"])
        raise ApiError(
            "invalid_multi_search_query_facets",
            "Using facet options is not allowed in federated queries.\n"
            " - Hint: remove `facets` from the query or remove `federation` from the request\n"
            f" - Hint: pass `federation.facetsByIndex.{query['indexUid']}: [{names}]` for facets "
            "in federated search",
        )
    if "distinct" in query and "distinct" in federation:
        raise ApiError(
            "invalid_multi_search_distinct",
            "Using `distinct` options is not allowed in federated queries when it also appears in "
            "`.federation.distinct`.\n - Hint: remove `distinct` from the query or remove "
            "`federation` from the request\n  - Note: `distinct` at the query level is discouraged "
            "in federated search.",
        )
    options = query.get("federationOptions") or {}
    if options.get("remote") is not None:
        require(features, "network", "Performing a remote federated search")
    if options.get("queryPosition") is not None:
        require(features, "network", "Using `federationOptions.queryPosition`")


async def _ask(
    state: State, by_index: dict[str, list[Query]], federation: Query, page: Page
) -> dict[str, Any]:
    """What each index answers, in the order of their names."""
    wanted = federation.get("facetsByIndex", {})
    started = cache(time.monotonic)  # one deadline for all, from the first one's turn on
    uids = sorted({*by_index, *wanted})
    found = await asyncio.gather(
        *(
            _ask_index(
                state,
                {
                    "indexUid": uid,
                    "queries": by_index.get(uid, []),
                    "limit": page.skip + page.take,
                    "exhaustive": page.number is not None,
                    "facets": wanted.get(uid),
                    "distinct": federation.get("distinct"),
                },
                started,
            )
            for uid in uids
        ),
        return_exceptions=True,
    )
    for answer in found:
        if isinstance(answer, BaseException):
            raise answer
    return {uid: answer for uid, answer in zip(uids, found, strict=True) if uid in by_index}


async def _ask_index(state: State, job: Query, started: Callable[[], float]) -> Any:
    uid = job["indexUid"]
    try:
        return orjson.loads(
            await state.read("federate", uid, lambda: {**job, "startedAt": started()})
        )
    except ApiError as error:
        message = error.message
        if error.code == "index_not_found":
            message = f"{_place(job)}{message}"
        unused = f"\n - Note: index `{uid}` is not used in queries" if not job["queries"] else ""
        raise ApiError(error.code, message + unused, min(error.status, 400)) from None


def _place(job: Query) -> str:
    if job["queries"]:
        return f"Inside `.queries[{job['queries'][0]['position']}]`: "
    return f"Inside `.federation.facetsByIndex.{job['indexUid']}`: "


def _merged(answers: dict[str, Any], page: Page, distinct: str | None) -> Iterator[_Hit]:
    """The page's hits of all indexes, the best first."""
    lists = ([_Hit(uid, **hit) for hit in answer["hits"]] for uid, answer in answers.items())
    seen: set[bytes] = set()
    place = 0
    for hit in heapq.merge(*lists, key=best_first):
        if place == page.skip + page.take:
            return
        values = {orjson.dumps(value) for value in hit.values} if distinct else set()
        if values & seen:
            continue
        seen |= values
        if place >= page.skip:
            yield hit
        place += 1


def _facets(state: State, answers: dict[str, Any], federation: Query) -> dict[str, Any]:
    counted = {
        uid: answer["facets"] for uid, answer in answers.items() if answer["facets"] is not None
    }
    if not counted:
        return {}
    merging = federation.get("mergeFacets")
    if merging is None:
        return {
            "facetsByIndex": {
                uid: {"distribution": distribution, "stats": stats}
                for uid, (distribution, stats) in counted.items()
            }
        }
    orders = {
        uid: settings.view(state.indexes.find(uid).settings)["faceting"]["sortFacetValuesBy"]
        for uid in counted
    }
    facets.check_orders(counted, orders)
    return facets.merge(counted, orders, merging.get("maxValuesPerFacet"))
