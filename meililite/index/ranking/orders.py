"""Ranking rules that sort by a field or by distance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from meililite.index.geo import distances
from meililite.index.numbers import number_or_none
from meililite.index.ranking.graph import Graph
from meililite.index.ranking.paths import Bucket, Documents
from meililite.index.ranking.scores import Score
from meililite.index.snapshot import Snapshot
from meililite.index.sorting import Order, ranks, ties


def order_buckets(
    snapshot: Snapshot, order: Order, graph: Graph | None, candidates: Documents
) -> Iterator[Bucket]:
    """The candidates by their rank in the order; ties together."""
    for places in ties(order, snapshot, candidates):
        yield Bucket(0, 0, places, lambda: graph)


def order_score(snapshot: Snapshot, order: Order, document: int) -> Score:
    """What the order says of a document."""
    if order.point is not None:
        lat, lng = snapshot.degrees[document].tolist()
        known = lat == lat
        metres = distances(snapshot.places[document : document + 1], *order.point)[0]
        return Score(
            order.label,
            value={"lat": lat, "lng": lng} if known else None,
            extra={"distance": round(float(metres)) if known else None},
        )
    return Score(order.label, value=_value(snapshot, order, document))


def _value(snapshot: Snapshot, order: Order, document: int) -> Any:
    """The value that placed the document: the number, or the normalized string."""
    column = snapshot.column(order.field)
    rank = int(ranks(order, snapshot, np.array([document]))[0])
    dictionary = column.dictionary
    groups, numbers = len(dictionary.group_starts), len(dictionary.numbers)
    if rank == groups:
        return None
    if order.descending:
        rank = numbers - 1 - rank if rank < numbers else numbers + groups - 1 - rank
    if rank < numbers:
        return number_or_none(float(dictionary.numbers[rank]))
    return dictionary.keys[rank - numbers].decode("utf-8", "replace")
