"""Answering one search: which documents, in which order, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.index.distinct import Distinct, check_distinct
from meililite.index.facets import facet_answer
from meililite.index.filters import search_filter_mask
from meililite.index.hits import HitWriter
from meililite.index.ranking import Ranked, rank
from meililite.index.snapshot import Snapshot
from meililite.index.sorting import Order, parse_sort

DEFAULT_LIMIT = 20


@dataclass(frozen=True)
class Page:
    """Which of the hits are asked for; `exhaustive` when by page number."""

    offset: int
    limit: int
    exhaustive: bool
    page: int = 1

    @classmethod
    def of(cls, request: dict[str, Any], most: int) -> Page:
        """The page that the request asks for, within the first `most` hits."""
        page, size = request.get("page"), request.get("hitsPerPage")
        exhaustive = page is not None or size is not None
        if exhaustive:
            page = 1 if page is None else page
            limit = DEFAULT_LIMIT if size is None else size
            offset = (page - 1) * limit if page else 0
            limit = limit if page else 0
        else:
            offset = request.get("offset") or 0
            limit = DEFAULT_LIMIT if request.get("limit") is None else request["limit"]
            page = 1
        offset = min(offset, most)
        return cls(offset, min(limit, most - offset), exhaustive, page)


@dataclass(frozen=True)
class Found:
    """What a search found: the hits of the page, and all that it could have found."""

    ranked: Ranked
    orders: list[Order]
    page: Page
    total: int


def run_search(snapshot: Snapshot, request: dict[str, Any]) -> Found:
    """Find and rank. Raises ApiError."""
    settings = snapshot.settings
    page = Page.of(request, settings.max_total_hits)
    ranked, orders = run_ranking(snapshot, request, page)
    candidates = ranked.candidates
    field = request.get("distinct") or settings.distinct
    if page.exhaustive and field:
        rows = Distinct(snapshot, field).take(np.flatnonzero(candidates))
        candidates = np.zeros(snapshot.size, bool)
        candidates[rows] = True
        ranked.candidates = candidates
    total = int(np.count_nonzero(candidates))
    if page.exhaustive:
        total = min(total, settings.max_total_hits)
    return Found(ranked, orders, page, total)


def run_ranking(
    snapshot: Snapshot, request: dict[str, Any], page: Page
) -> tuple[Ranked, list[Order]]:
    """The ranked documents of the page, and the orders that the request asked for."""
    place = snapshot.place
    if request.get("distinct"):
        check_distinct(snapshot.settings, request["distinct"], place)
    orders = parse_sort(request.get("sort") or (), snapshot.settings, "invalid_search_sort", place)
    mask = search_filter_mask(snapshot, request.get("filter"))
    universe: NDArray[np.bool_] = snapshot.alive if mask is None else mask
    return rank(snapshot, request, universe, orders, page.offset, page.limit), orders


def search(snapshot: Snapshot, request: dict[str, Any]) -> bytes:
    """The JSON answer of a search, without processingTimeMs and requestUid. Raises ApiError."""
    found = run_search(snapshot, request)
    page, ranked = found.page, found.ranked
    hits = HitWriter(snapshot, request, found.orders, ranked)
    body = b",".join(
        hits.write(int(row), scores) for row, scores in zip(ranked.rows, ranked.scores, strict=True)
    )
    answer: dict[str, Any] = {"query": request.get("q") or ""}
    if page.exhaustive:
        size = request.get("hitsPerPage")
        size = DEFAULT_LIMIT if size is None else size
        answer |= {
            "hitsPerPage": size,
            "page": page.page,
            "totalPages": -(-found.total // size) if size else 0,
            "totalHits": found.total,
        }
    else:
        limit = request.get("limit")
        answer |= {
            "limit": DEFAULT_LIMIT if limit is None else limit,
            "offset": request.get("offset") or 0,
            "estimatedTotalHits": found.total,
        }
    if request.get("facets"):
        counted, stats = facet_answer(snapshot, request["facets"], ranked.candidates)
        answer |= {"facetDistribution": counted, "facetStats": stats}
    return b'{"hits":[' + body + b"]," + orjson.dumps(answer)[1:]
