"""Writing the documents that were found."""

from __future__ import annotations

from typing import Any

import orjson

from meililite.index.formatting import FormatRequest, Formatter
from meililite.index.formatting.words import MatchingWords
from meililite.index.geo import distances
from meililite.index.patterns import below
from meililite.index.projection import has_vectors, select, with_vectors
from meililite.index.ranking import Ranked
from meililite.index.ranking.scores import Score, details, merged
from meililite.index.snapshot import Snapshot
from meililite.index.sorting import Order


class HitWriter:
    """Writes hits as one request wants them."""

    def __init__(
        self, snapshot: Snapshot, request: dict[str, Any], orders: list[Order], ranked: Ranked
    ) -> None:
        self._snapshot = snapshot
        self._wanted = visible_paths(snapshot, request.get("attributesToRetrieve"))
        self._point = next((order.point for order in orders if order.point is not None), None)
        displayed = snapshot.settings.displayed
        self._vectors = bool(request.get("retrieveVectors")) and (
            displayed is None or "_vectors" in displayed
        )
        self._score = bool(request.get("showRankingScore"))
        self._details = bool(request.get("showRankingScoreDetails"))
        self._unified = "attribute" in snapshot.settings.ranking_rules
        self._formatter = _formatter(snapshot, request, self._wanted, ranked)

    def write(self, row: int, scores: list[Score]) -> bytes:
        """The JSON of the hit."""
        raw = self._snapshot.body(row)
        extra = self._extra(row, scores)
        vectors = self._vectors or has_vectors(raw)
        if self._wanted is None and self._formatter is None and not vectors:
            return raw if not extra else _spliced(raw, extra)
        document = orjson.loads(raw)
        shown = self._shown(document)
        if vectors:
            own = {"_vectors": document.get("_vectors")} if self._vectors else {}
            shown = with_vectors(shown | own, asked=self._vectors)
        return orjson.dumps(shown | extra)

    def _shown(self, document: dict[str, Any]) -> dict[str, Any]:
        shown = document if self._wanted is None else select(document, self._wanted)
        if self._formatter is None:
            return shown
        positions, formatted = self._formatter.format(self._displayed(document))
        shown = dict(shown)
        if formatted:
            shown["_formatted"] = formatted
        if positions is not None:
            shown["_matchesPosition"] = positions
        return shown

    def _displayed(self, document: dict[str, Any]) -> dict[str, Any]:
        displayed = self._snapshot.settings.displayed
        return document if displayed is None else select(document, displayed)

    def _extra(self, row: int, scores: list[Score]) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if self._point is not None:
            metres = float(distances(self._snapshot.places[row : row + 1], *self._point)[0])
            if metres >= 0:
                extra["_geoDistance"] = round(metres)
        if self._score:
            extra["_rankingScore"] = merged(scores)
        if self._details:
            extra["_rankingScoreDetails"] = details(scores, unified=self._unified)
        return extra


def _formatter(
    snapshot: Snapshot, request: dict[str, Any], wanted: list[str] | None, ranked: Ranked
) -> Formatter | None:
    asked = ("attributesToHighlight", "attributesToCrop", "showMatchesPosition")
    if not any(request.get(name) for name in asked):
        return None
    names = snapshot.fields.names
    settings = snapshot.settings
    displayed = [
        name
        for name in names
        if settings.displayed is None or any(below(name, d) for d in settings.displayed)
    ]
    retrieved = displayed if wanted is None else [name for name in wanted if name in names]
    options = FormatRequest.of(request, displayed, retrieved)
    words = None
    if ranked.matches is not None and ranked.graph is not None:
        words = MatchingWords(ranked.matches, ranked.graph)
    return Formatter(options, snapshot.formatting_tokenizer, words)


def visible_paths(snapshot: Snapshot, wanted: list[str] | None) -> list[str] | None:
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
