"""Histograms: how many results have a value in each span of a range."""

from typing import Any

from msgspec import Struct

from catalog.vertical import Buckets, Range
from service.answering.results import Counts, Result


class Span(Struct, gc=False):
    """How many have a value from `min` to `max`, both included; None is open."""

    min: int
    max: int | None
    count: int


def fields(bound: Range) -> list[str]:
    """The document's fields whose values are to be counted for a range: its own, its buckets'."""
    return list(dict.fromkeys((bound.name, bound.buckets.field)))


def counted(bound: Range, result: Result) -> dict[str, Any]:
    """A range in the answer: its histogram, least and most; these None where no result has any."""
    ends = result.ends.get(bound.name)
    if ends is None:
        return {"min": None, "max": None, "histogram": []}
    least, most = int(ends.min), int(ends.max)
    counts = result.counts(bound.buckets.field)
    return {"min": least, "max": most, "histogram": _spans(bound.buckets, counts, least, most)}


def _spans(buckets: Buckets, counts: Counts, least: int, most: int) -> list[Span]:
    """Every span from the one of the least value to that of the most, also where it has none.

    Only the one that is open at the top has no `max`.
    """
    first, end = buckets.place(least), buckets.place(most) + 1
    by_place = [0] * len(buckets.starts)
    for place, count in zip(map(buckets.place_of, counts), counts.values(), strict=True):
        by_place[place] += count
    of = slice(first, end)
    return [*map(Span, buckets.starts[of], buckets.ends[of], by_place[of])]
