"""Which documents match a query, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.index.distinct import Distinct
from meililite.index.snapshot import Snapshot
from meililite.index.sorting import Order, sorted_rows
from meililite.index.words_building import documents_of

Score = dict[str, Any]


@dataclass
class Ranked:
    rows: NDArray[np.int64]
    candidates: NDArray[np.bool_]
    scores: list[list[Score] | None]
    words: Any = field(default=None)


def global_score(scores: Sequence[Score]) -> float:
    return 1.0


def score_details(scores: Sequence[Score]) -> dict[str, Any]:
    return {}


def rank(
    snapshot: Snapshot,
    request: dict[str, Any],
    universe: NDArray[np.bool_],
    orders: list[Order],
    offset: int,
    limit: int,
) -> Ranked:
    candidates = universe
    tokens = snapshot.tokenizer.tokens(request.get("q") or "")
    for index, token in enumerate(tokens):
        if token.is_separator:
            continue
        last = index == len(tokens) - 1
        postings = snapshot.postings
        keys = postings.of_prefix(token.lemma) if last else postings.of_words([token.lemma])
        mask = np.zeros(snapshot.size, bool)
        mask[documents_of(keys)] = True
        candidates = candidates & mask
    rows = np.flatnonzero(candidates)
    name = request.get("distinct") or snapshot.settings.distinct
    if name:
        rows = Distinct(snapshot, name).take(sorted_rows(orders, snapshot, rows, len(rows)))
    else:
        rows = sorted_rows(orders, snapshot, rows, offset + limit)
    page = rows[offset : offset + limit]
    return Ranked(page, candidates, [None] * len(page))
