"""Writing one found document."""

from __future__ import annotations

from typing import Any

import orjson

from meililite.index.geo import distances
from meililite.index.patterns import below
from meililite.index.projection import select
from meililite.index.ranking.scores import Score, details, merged
from meililite.index.snapshot import Snapshot
from meililite.index.sorting import Order


class HitWriter:
    """Writes hits as one request wants them."""

    def __init__(self, snapshot: Snapshot, request: dict[str, Any], orders: list[Order]) -> None:
        self._snapshot = snapshot
        self._request = request
        self._wanted = _visible(snapshot, request.get("attributesToRetrieve"))
        self._point = next((order.point for order in orders if order.point is not None), None)
        self._score = bool(request.get("showRankingScore"))
        self._details = bool(request.get("showRankingScoreDetails"))
        self._unified = "attribute" in snapshot.settings.ranking_rules

    def write(self, row: int, scores: list[Score]) -> bytes:
        """The JSON of the hit."""
        raw = self._snapshot.body(row)
        extra = self._extra(row, scores)
        if self._wanted is None:
            return raw if not extra else _spliced(raw, extra)
        document = orjson.loads(raw)
        shown = document if self._wanted is None else select(document, self._wanted)
        return orjson.dumps({**shown, **extra})

    def _extra(self, row: int, scores: list[Score]) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if self._point is not None:
            metres = distances(self._snapshot.places[row : row + 1], *self._point)[0]
            if metres == metres:
                extra["_geoDistance"] = round(float(metres))
        if self._score:
            extra["_rankingScore"] = merged(scores)
        if self._details:
            extra["_rankingScoreDetails"] = details(scores, unified=self._unified)
        return extra


def _visible(snapshot: Snapshot, wanted: list[str] | None) -> list[str] | None:
    """The paths to show; None for whole documents."""
    displayed = snapshot.settings.displayed
    if wanted is None or "*" in wanted:
        return None if displayed is None else list(displayed)
    if displayed is None:
        return wanted
    inside = [path for path in wanted if any(below(path, name) for name in displayed)]
    return inside + [name for name in displayed if any(below(name, path) for path in wanted)]


def _spliced(raw: bytes, extra: dict[str, Any]) -> bytes:
    """The document's own bytes with fields added at the end."""
    tail = orjson.dumps(extra)
    return raw[:-1] + (b"" if raw == b"{}" else b",") + tail[1:]
