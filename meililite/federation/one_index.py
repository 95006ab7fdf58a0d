"""The part of a federated search that one index answers, in a process that reads."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any

import numpy as np
import orjson

from meililite.errors import ApiError
from meililite.federation.scores import Part, compare, parts
from meililite.index.facets import facet_answer
from meililite.index.hits import HitWriter
from meililite.index.ranking.scores import merged
from meililite.index.reader import IndexReader
from meililite.index.search import Found, run_search

Query = dict[str, Any]


class Candidate:
    """A document as one query found it."""

    __slots__ = ("parts", "place", "position", "query", "row", "score")

    def __init__(self, query: _Answered, place: int) -> None:
        ranked = query.found.ranked
        scores = ranked.scores[place]
        self.query = query
        self.place = place
        self.position = query.position
        self.row = int(ranked.rows[place])
        self.parts: list[Part] = parts(scores, query.weight)
        self.score = merged(scores) * query.weight


class _Answered:
    """A query with what it found."""

    def __init__(self, query: Query, found: Found) -> None:
        self.position: int = query["position"]
        self.weight: float = query["weight"]
        self.request: Query = query["request"]
        self.found = found

    def candidates(self) -> Iterator[Candidate]:
        return (Candidate(self, place) for place in range(len(self.found.ranked.rows)))


def best_first(hit: Any) -> Any:
    """The sort key of anything with parts, score and position: the best first, then by query."""
    return cmp_to_key(_before)((hit.parts, hit.score, hit.position))


def _before(left: tuple[list[Part], float, int], right: tuple[list[Part], float, int]) -> int:
    return -compare(left[:2], right[:2]) or left[2] - right[2]


class FederatedReader(IndexReader):
    """A reader that also answers several queries at once."""

    def federate(self, job: dict[str, Any]) -> bytes:
        """The first `job["limit"]` hits of all queries together.

        `job` holds indexUid, queries (each with position, weight and request), limit, exhaustive
        (whether totals are exact), facets (names or null), distinct (a field or null) and startedAt
        (since when the time of all queries runs, see `rank`). The answer holds hits (parts, score,
        position, hit), total and facets. Raises ApiError that says which query it is about.
        """
        snapshot = self._named({"indexUid": job["indexUid"]})
        union = np.zeros(snapshot.size, bool)
        answered = []
        for query in job["queries"]:
            found = self._ask(query, job)
            union |= found.ranked.candidates
            answered.append(_Answered(query, found))
        hits = [self._hit(found, job) for found in _first(answered, job["limit"])]
        return orjson.dumps(
            {"hits": hits, "total": int(union.sum()), "facets": self._facets(job, union)}
        )

    def _ask(self, query: Query, job: dict[str, Any]) -> Found:
        request = {
            **query["request"],
            "indexUid": job["indexUid"],
            "startedAt": job["startedAt"],
            "showRankingScore": True,
            "showRankingScoreDetails": True,
            **({"distinct": job["distinct"]} if job["distinct"] else {}),
            **(
                {"page": 1, "hitsPerPage": job["limit"]}
                if job["exhaustive"]
                else {"limit": job["limit"]}
            ),
        }
        try:
            return run_search(self._named(request), request)
        except ApiError as error:
            raise error.at(f"Inside `.queries[{query['position']}]`: ") from None

    def _hit(self, candidate: Candidate, job: dict[str, Any]) -> dict[str, Any]:
        query = candidate.query
        ranked = query.found.ranked
        writer = HitWriter(self._snapshot, query.request, query.found.orders, ranked)
        return {
            "parts": candidate.parts,
            "score": candidate.score,
            "position": candidate.position,
            "values": self._values(candidate.row, job["distinct"]),
            "hit": orjson.Fragment(writer.write(candidate.row, ranked.scores[candidate.place])),
        }

    def _values(self, row: int, field: str | None) -> list[Any]:
        if field is None:
            return []
        return list(_values_at(orjson.loads(self._snapshot.body(row)), field.split(".")))

    def _facets(self, job: dict[str, Any], union: np.ndarray[Any, np.dtype[np.bool_]]) -> Any:
        if job["facets"] is None:
            return None
        try:
            return facet_answer(self._snapshot, job["facets"], union)
        except ApiError as error:
            uid = job["indexUid"]
            raise error.at(f"Inside `.federation.facetsByIndex.{uid}`: ") from None


def _first(answered: list[_Answered], limit: int) -> Iterator[Candidate]:
    """The best of all queries' documents, each document once."""
    seen: set[int] = set()
    for candidate in heapq.merge(*(query.candidates() for query in answered), key=best_first):
        if len(seen) == limit:
            return
        if candidate.row not in seen:
            seen.add(candidate.row)
            yield candidate


def _values_at(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _values_at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _values_at(value[path[0]], path[1:])
