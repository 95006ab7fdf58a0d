"""Answering from one committed version of an index."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from meililite.index.facet_search import facet_search
from meililite.index.fields import FieldNames
from meililite.index.filters import document_filter_mask
from meililite.index.projection import has_vectors, select, with_vectors
from meililite.index.search import search
from meililite.index.segment import Segment
from meililite.index.settings import Settings
from meililite.index.snapshot import Snapshot
from meililite.index.sorting import parse_sort, sorted_rows
from meililite.index.succession import take_over
from meililite.index.versions import read_manifest
from meililite.index.writer import snapshot_stats

_DEFAULT_LIMIT = 20

# Versions share most of their segments: each file is mapped once in a process.
_open_segments: weakref.WeakValueDictionary[Path, Segment] = weakref.WeakValueDictionary()


# The last version opened of each index: what its searches used is made ready for the next one.
_newest: weakref.WeakValueDictionary[Path, IndexReader] = weakref.WeakValueDictionary()


def _segment(path: Path) -> Segment:
    found = _open_segments.get(path)
    if found is None:
        found = _open_segments[path] = Segment(path)
    return found


class IndexReader:
    """Answers from one version, which never changes; requests are Meilisearch's JSON, decoded.

    A request may name its index (`indexUid`): messages about settings then start with it.
    """

    def __init__(self, directory: Path, version: int) -> None:
        """Raises FileNotFoundError for an unknown version, DamagedError for a bad file."""
        manifest = read_manifest(directory, version)
        segments = [_segment(directory / name) for name in manifest.segments]
        settings = Settings.of(manifest.settings)
        self.version = version
        fields = FieldNames(manifest.fields)
        self._snapshot = Snapshot(segments, settings, fields, trees=manifest.trees)
        before = _newest.get(directory)
        if before is not None and before.version < version:
            follows = before.version == version - 1
            take_over(self._snapshot, before._snapshot, manifest.touched if follows else None)
        _newest[directory] = self

    def _named(self, request: dict[str, Any]) -> Snapshot:
        self._snapshot.name = request.get("indexUid") or ""
        return self._snapshot

    def search(self, request: dict[str, Any]) -> bytes:
        """The answer of a search, without processingTimeMs and requestUid. Raises ApiError."""
        return search(self._named(request), request)

    def facet_search(self, request: dict[str, Any]) -> bytes:
        """The answer of a search for values of a facet. Raises ApiError."""
        return facet_search(self._named(request), request)

    def document(
        self, document_id: str, fields: list[str] | None, vectors: bool | None = None
    ) -> bytes | None:
        """The document's JSON, with only `fields` if given; None if it is not there.

        `vectors`: with or without its `_vectors`; None leaves it as it is stored.
        """
        number = self._snapshot.number(document_id)
        return None if number is None else self._shown(number, fields, vectors)

    def _shown(self, number: int, fields: list[str] | None, vectors: bool | None = None) -> bytes:
        raw = self._snapshot.body(number)
        whole = fields is None or "*" in fields
        if whole and (vectors is None or not (vectors or has_vectors(raw))):
            return raw
        shown = orjson.loads(raw)
        if not whole:
            shown = select(shown, fields or ())
        return orjson.dumps(shown if vectors is None else with_vectors(shown, asked=vectors))

    def documents(self, request: dict[str, Any]) -> bytes:
        """A page of documents: `offset`, `limit`, `fields`, `filter`, `sort`, `ids`,
        `retrieveVectors` (as `vectors` of `document`).

        Raises ApiError(invalid_document_filter or invalid_document_sort).
        """
        snapshot = self._named(request)
        mask = document_filter_mask(snapshot, request.get("filter"))
        if request.get("ids") is not None:
            found = (snapshot.number(str(key)) for key in request["ids"])
            chosen = np.zeros(snapshot.size, bool)
            chosen[[number for number in found if number is not None]] = True
            mask &= chosen
        rows = np.flatnonzero(mask)
        offset = request.get("offset") or 0
        limit = _DEFAULT_LIMIT if request.get("limit") is None else request["limit"]
        orders = parse_sort(request.get("sort") or (), snapshot.settings, "invalid_document_sort")
        page = sorted_rows(orders, snapshot, rows, min(len(rows), offset + limit))[offset:]
        fields, vectors = request.get("fields"), request.get("retrieveVectors")
        shown = b",".join(self._shown(row, fields, vectors) for row in page.tolist())
        return b'{"results":[%s],"offset":%d,"limit":%d,"total":%d}' % (
            shown,
            offset,
            limit,
            len(rows),
        )

    def stats(self) -> dict[str, Any]:
        """numberOfDocuments, rawDocumentDbSize, avgDocumentSize, fieldDistribution."""
        return snapshot_stats(self._snapshot)

    def close(self) -> None:
        """Let go of the files."""
        self._snapshot = Snapshot((), Settings.of({}), FieldNames())
