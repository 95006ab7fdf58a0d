"""How hits of different queries compare.

A hit's scores are a list of parts, made so that they can be sent: `["rank", score]` of all
neighbouring ranking rules together, `["order", ascending, value]` of a sort, and
`["place", ascending, metres]` of a sort by distance. Ranks are weighted, sorts are not.
Source: milli's `score_details.rs` and Meilisearch's `weighted_scores.rs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from meililite.index.ranking import Score
from meililite.index.ranking.scores import merged

Part = list[Any]

_EPSILON = 2.220446049250313e-16  # f64::EPSILON


def parts(scores: Sequence[Score], weight: float) -> list[Part]:
    """The parts of a hit's scores, in the order of the ranking rules."""
    made: list[Part] = []
    for is_order, group in groupby(scores, key=lambda score: score.is_order):
        if is_order:
            made += [_order(score) for score in group]
        else:
            made.append(["rank", merged(list(group)) * weight])
    return made


def _order(score: Score) -> Part:
    ascending = score.rule.endswith(":asc")
    if score.rule.startswith("_geoPoint("):
        return ["place", ascending, (score.extra or {}).get("distance")]
    return ["order", ascending, score.value]


def compare(left: tuple[list[Part], float], right: tuple[list[Part], float]) -> int:
    """Positive when `left` goes first. Each is the parts and the weighted ranking score."""
    (left_parts, left_score), (right_parts, right_score) = left, right
    for number, (a, b) in enumerate(zip(left_parts, right_parts, strict=False), 1):
        order = _compare_parts(a, b)
        if order is None:
            # Not comparable: whoever has more parts left goes first, else the score decides.
            rest = len(left_parts[number:]) - len(right_parts[number:])
            return rest or _sign(left_score - right_score)
        if order:
            return order
    return len(left_parts) - len(right_parts)


def _compare_parts(left: Part, right: Part) -> int | None:
    if left[0] != right[0]:
        return None
    if left[0] == "rank":
        return _close(left[1], right[1])
    if left[1] != right[1]:
        return None
    if left[0] == "place":
        if left[2] is None or right[2] is None:
            return _sign((left[2] is not None) - (right[2] is not None))
        return _close(left[2], right[2])
    return _compare_values(left[2], right[2], ascending=left[1])


def _compare_values(left: Any, right: Any, *, ascending: bool) -> int:
    """Numbers go before strings, and both before nothing."""
    kinds = _kind(left) - _kind(right)
    if kinds or left is None:
        return kinds
    order = int(left > right) - int(left < right)
    return -order if ascending else order


def _kind(value: Any) -> int:
    if value is None:
        return 0
    return 1 if isinstance(value, str) else 2


def _close(left: float, right: float) -> int:
    return 0 if abs(left - right) <= _EPSILON else _sign(left - right)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
