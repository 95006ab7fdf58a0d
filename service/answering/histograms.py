"""Histograms: how many results have a value in each span of a range."""

from collections.abc import Mapping
from typing import Any

from catalog.vertical import Buckets, Range


def fields(bound: Range) -> list[str]:
    """The document's fields whose values are to be counted for a range: its own, its buckets'."""
    return list(dict.fromkeys((bound.name, bound.buckets.field)))


def counted(bound: Range, result: Mapping[str, Any]) -> dict[str, Any]:
    """A range in the answer: its histogram, least and most; these None where no result has any."""
    stats = result["facetStats"].get(bound.name)
    if stats is None:
        return {"min": None, "max": None, "histogram": []}
    least, most = int(stats["min"]), int(stats["max"])
    counts = result["facetDistribution"][bound.buckets.field]
    return {"min": least, "max": most, "histogram": _spans(bound.buckets, counts, least, most)}


def _spans(
    buckets: Buckets, counts: Mapping[str, int], least: int, most: int
) -> list[dict[str, int | None]]:
    """Every span from the one of the least value to that of the most, also where it has none.

    `min` and `max` belong to the span; the `max` of the one that is open at the top is None.
    """
    first, end = buckets.place(least), buckets.place(most) + 1
    by_place = [0] * len(buckets.starts)
    for place, count in zip(map(buckets.place_of, counts), counts.values(), strict=True):
        by_place[place] += count
    spans = list(zip(buckets.starts, buckets.ends, by_place, strict=True))[first:end]
    return [{"min": start, "max": last, "count": count} for start, last, count in spans]
