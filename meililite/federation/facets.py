"""Facets of several indexes made one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meililite.errors import ApiError

Facets = list[Any]  # distribution and stats, as an index answers them


def check_orders(facets: Mapping[str, Facets], orders: Mapping[str, Mapping[str, str]]) -> None:
    """Raise unless every facet is ordered alike in all indexes. `orders` is by index and facet."""
    first: dict[str, tuple[str, str]] = {}
    for uid, (distribution, _) in facets.items():
        for facet in distribution:
            order = orders[uid].get(facet, orders[uid]["*"])
            other_uid, other = first.setdefault(facet, (uid, order))
            if other != order:
                raise ApiError(
                    "invalid_multi_search_facet_order",
                    f"Inside `.federation.facetsByIndex.{uid}`: Inconsistent order for values in "
                    f"facet `{facet}`: index `{other_uid}` orders {_said(other)}, but index "
                    f"`{uid}` orders {_said(order)}.\n - Hint: Remove `federation.mergeFacets` or "
                    "change `faceting.sortFacetValuesBy` to be consistent in settings.",
                )


def _said(order: str) -> str:
    return "alphabetically" if order == "alpha" else "by count"


def merge(
    facets: Mapping[str, Facets], orders: Mapping[str, Mapping[str, str]], limit: int | None
) -> dict[str, Any]:
    """One distribution and one stats of all indexes, in the order of their names."""
    merged: dict[str, dict[str, int]] = {}
    by_facet: dict[str, str] = {}
    stats: dict[str, dict[str, float]] = {}
    for uid, (distribution, index_stats) in sorted(facets.items()):
        for facet, values in distribution.items():
            by_facet.setdefault(facet, orders[uid].get(facet, orders[uid]["*"]))
            counts = merged.setdefault(facet, {})
            for value, count in values.items():
                counts[value] = counts.get(value, 0) + count
        for facet, span in index_stats.items():
            known = stats.setdefault(facet, dict(span))
            known["min"] = min(known["min"], span["min"])
            known["max"] = max(known["max"], span["max"])
    return {
        "facetDistribution": {
            facet: dict(_ordered(merged[facet], by_facet[facet])[:limit])
            for facet in sorted(merged)
        },
        "facetStats": dict(sorted(stats.items())),
    }


def _ordered(counts: dict[str, int], order: str) -> list[tuple[str, int]]:
    if order == "alpha":
        return sorted(counts.items())
    return sorted(counts.items(), key=lambda item: -item[1])
