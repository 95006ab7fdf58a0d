"""Changing an index: documents and settings in, a new version out at every commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from meililite.errors import ApiError
from meililite.index.building import SegmentBuilder, Stored
from meililite.index.facet_levels import Packed
from meililite.index.facet_trees import FacetTrees
from meililite.index.fields import FieldNames
from meililite.index.filters import document_filter_mask
from meililite.index.segment import Parts, Segment
from meililite.index.segments import Segments, segment_size
from meililite.index.settings import Settings
from meililite.index.snapshot import Snapshot
from meililite.index.store import DocumentStore
from meililite.index.versions import (
    Manifest,
    read_manifest,
    remove_merged,
    remove_others,
    write_manifest,
)

_CHUNK = 10_000  # documents held in memory before they become a segment
_SMALL = 16  # so many documents are one segment, which is built anew with each change
_FEW = 10_000  # so many changed documents are named, so that readers can keep the rest

# What of the settings the stored segments depend on.
_SHAPING = (
    "searchableAttributes",
    "filterableAttributes",
    "sortableAttributes",
    "distinctAttribute",
    "rankingRules",
    "stopWords",
    "separatorTokens",
    "nonSeparatorTokens",
    "dictionary",
)


class IndexWriter:
    """The only writer of an index directory.

    Changes are seen by nobody until `commit`, which makes them durable; `rollback` forgets them.
    The documents in SQLite are the truth; segments are made of them, and made again if lost.
    """

    def __init__(self, directory: Path, uid: str = "") -> None:
        """Open at the last committed version, or create.

        uid: the index's name, for messages. Raises DamagedError or OSError with a sentence that
        says which file is damaged and what to do.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.uid = uid
        self._store = DocumentStore(directory / "documents.db")
        self.version: int = self._store.get("version", 0)
        self._segments = Segments(directory)
        self._load()
        if self._lost():
            self._rebuild = True
            self.commit()
        remove_merged(directory)
        remove_others(directory, {self.version})
        for segment in self._segments:
            segment.verify()
            segment.forget()

    def _load(self) -> None:
        """Take the state of the last commit."""
        self._settings = Settings.of(self._store.get("settings", {}))
        self._fields = FieldNames(self._store.get("fields", []))
        self._builder = SegmentBuilder(self._settings, self._fields)
        self._pending: dict[int, Stored] = {}
        self._gone: set[int] = set()
        self._touched: set[int] = set()
        self._free: list[int] | None = None
        self._next = 0
        self._changed = self._rebuild = self._cleared = False
        self._committed: tuple[list[Segment], Settings] | None = None
        self._durable: set[str] = set()  # the segments of the last commit
        self._trees: FacetTrees | None = None
        self._packed_trees: Packed | None = None  # what they are made of when they are needed

    def _lost(self) -> bool:
        """Open the segments of the version; True if it has none or a file is gone."""
        try:
            manifest = read_manifest(self.directory, self.version)
            self._segments.open(manifest.segments)
            self._committed = (list(self._segments), self._settings)
            self._durable = set(manifest.segments)
            self._packed_trees = manifest.trees
        except FileNotFoundError:
            return True
        return False

    def settings(self) -> dict[str, Any]:
        """The raw settings: only what was set."""
        return dict(self._settings.raw)

    def update_settings(self, settings: dict[str, Any]) -> None:
        """Take complete new raw settings, which the caller has checked."""
        self._store.begin()
        self._rebuild = self._rebuild or _shape(settings) != _shape(self._settings.raw)
        self._flush()
        self._settings = Settings.of(settings)
        self._builder = SegmentBuilder(self._settings, self._fields)
        self._changed = True

    def upsert(
        self,
        documents: Sequence[tuple[str, dict[str, Any]]],
        *,
        merge: bool = False,
        create: bool = True,
    ) -> None:
        """Add or replace documents, given as (id, document).

        merge: fields that a new document does not name are kept. create: False skips ids that are
        not there. A bad `_geo` or `_geojson` raises ApiError here or in `commit`.
        """
        for start in range(0, len(documents), _CHUNK):
            self._upsert(documents[start : start + _CHUNK], merge=merge, create=create)

    def _upsert(
        self, documents: Sequence[tuple[str, dict[str, Any]]], *, merge: bool, create: bool
    ) -> None:
        self._store.begin()
        ids = [document_id for document_id, _ in documents]
        numbers = self._store.numbers(ids)
        bodies = self._store.bodies(ids) if merge else {}
        written: dict[int, Stored] = {}
        for document_id, document in documents:
            number = numbers.get(document_id)
            if number is None:
                if not create:
                    continue
                number = numbers[document_id] = self._new_number()
            complete = document
            if merge:
                old = written.get(number)
                known = old.document if old else orjson.loads(bodies.get(document_id, b"{}"))
                complete = {**known, **document}
            raw = orjson.dumps(complete)
            written[number] = Stored(number, document_id, raw, complete)
        self._store.write((s.number, s.id, s.raw) for s in written.values())
        self._pending.update(written)
        self._touched.update(written)
        self._changed = True
        if len(self._pending) >= _CHUNK:
            self._flush()

    def _new_number(self) -> int:
        """The lowest number that was free when the transaction began, else the next one."""
        free = self._find_free()
        if free:
            return free.pop()
        self._next += 1
        return self._next - 1

    def _find_free(self) -> list[int]:
        """The numbers that were free when the transaction began, the lowest last."""
        if self._free is None:
            snapshot = self._snapshot()
            self._free = np.flatnonzero(~snapshot.alive)[::-1].tolist()
            self._next = snapshot.size
        return self._free

    def delete(self, ids: Sequence[str]) -> int:
        """Delete by id; returns how many were there."""
        return self._delete(self._store.numbers(ids).values())

    def _delete(self, numbers: Iterable[int]) -> int:
        self._store.begin()
        doomed = list(numbers)
        if doomed:
            self._find_free()
            self._store.remove(doomed)
            for number in doomed:
                self._pending.pop(number, None)
            self._gone.update(doomed)
            self._touched.update(doomed)
            self._changed = True
        return len(doomed)

    def delete_by_filter(self, filter_value: Any) -> int:
        """Delete what a filter selects; returns how many. Raises ApiError for a bad filter."""
        self._flush()
        snapshot = self._snapshot()
        mask = document_filter_mask(snapshot, filter_value)
        return self._delete(np.flatnonzero(mask).tolist())

    def clear(self) -> int:
        """Delete all documents; returns how many there were."""
        self._store.begin()
        count = self._store.count()
        self._store.clear()
        self._pending.clear()
        self._gone.clear()
        self._segments.clear()
        self._free, self._next = [], 0
        self._changed = self._cleared = True
        return count

    def _flush(self) -> None:
        """Turn what is pending into a segment."""
        if not self._pending and not self._gone:
            return
        self._build_small_anew()
        stored = [self._pending[number] for number in sorted(self._pending)]
        gone = self._gone.difference(self._pending) if self._segments else ()
        self._segments.add(*self._build(stored, sorted(gone)))
        self._pending.clear()
        self._gone.clear()
        self._segments.make_room()

    def _build_small_anew(self) -> None:
        """Have the youngest segment built again, with what is pending, if it is small."""
        small = self._segments.take_small(_SMALL - len(self._pending) - len(self._gone))
        if small is None:
            return
        kept = set(small["documents/numbers"].tolist()).difference(self._pending, self._gone)
        for number, key, body in self._store.read(sorted(kept)):
            self._pending[number] = Stored(number, key, body, orjson.loads(body))
        self._gone.update(small["documents/gone"].tolist())

    def _build(self, stored: Sequence[Stored], gone: Sequence[int]) -> tuple[Parts, dict[str, Any]]:
        try:
            arrays, meta = self._builder.build(stored, gone)
        except ApiError as error:
            raise error.at(f"Index `{self.uid}`: " if self.uid else "") from error
        return arrays.items(), meta

    def done(self) -> Any:
        """What was given to the last commit that was given something, as JSON has it; or None."""
        return self._store.get("done")

    def commit(self, seal: Callable[[], None] | None = None, done: Any = None) -> int:
        """Make everything since the last commit durable; returns the version.

        `seal` is called when all work is done but to write it down. `done` is kept with it.
        """
        if not self._changed and not self._rebuild:
            return self.version
        self._store.begin()
        if self._rebuild:
            self._build_all()
        else:
            self._flush()
        self._trees = self._changed_trees()
        self._segments.merge_small()
        manifest = self._manifest(self._trees.packed())
        if seal is not None:
            seal()
        write_manifest(self.directory, manifest, self._durable)
        self._store.put("version", manifest.version)
        self._store.put("settings", manifest.settings)
        self._store.put("fields", manifest.fields)
        if done is not None:
            self._store.put("done", done)
        self._store.commit()
        self.version = manifest.version
        self._committed = (list(self._segments), self._settings)
        self._durable = set(manifest.segments)
        self._changed = self._rebuild = self._cleared = False
        self._touched.clear()
        self._free = None
        return self.version

    def _manifest(self, trees: Packed) -> Manifest:
        """What the next version consists of."""
        few = not self._rebuild and not self._cleared and len(self._touched) <= _FEW
        return Manifest(
            self.version + 1,
            dict(self._settings.raw),
            self._fields.names,
            self._segments.names,
            [segment_size(segment) for segment in self._segments],
            trees,
            sorted(self._touched) if few else None,
        )

    def _changed_trees(self) -> FacetTrees:
        """The groups of facet values after what happened since the last commit."""
        snapshot = self._snapshot()
        if self._committed is None:  # there was no version before, or its files are lost
            return FacetTrees.of(snapshot, None)
        segments, settings = self._committed
        if self._cleared:
            segments, self._trees = [], FacetTrees()
        before = Snapshot(segments, settings, self._fields)
        trees = self._trees or FacetTrees.of(before, self._packed_trees)
        return trees.after(before, snapshot, self._touched)

    def _build_all(self) -> None:
        """Make all segments anew from the store."""
        self._pending.clear()
        self._gone.clear()
        self._segments.clear()
        last = -1
        while rows := self._store.scan(last, _CHUNK):
            last = rows[-1][0]
            stored = [Stored(n, key, body, orjson.loads(body)) for n, key, body in rows]
            self._segments.add(*self._build(stored, ()))
            self._segments.make_room()

    def plan(self, *, busy: bool) -> tuple[list[str], bool]:
        """As Segments.plan, of the committed segments; to be ended by `adopt`."""
        return self._segments.plan(busy=busy)

    def adopt(self, names: list[str], merged: Path | None) -> None:
        """Commit a version with the file `merged` in the place of the segments of these names.

        Nothing changes when there is no file, or when they are not in the index any more.
        """
        if self._segments.replace(names, merged):
            self._changed = True
            self.commit()

    def rollback(self) -> None:
        """Forget everything since the last commit."""
        self._store.rollback()
        self._load()
        self._lost()

    def release(self, versions_still_open: set[int]) -> None:
        """Delete the files of versions that nobody reads any more."""
        remove_others(self.directory, {*versions_still_open, self.version})

    def stats(self) -> dict[str, Any]:
        """Of the last commit: number of documents, their size in bytes, their fields."""
        self._flush()
        return snapshot_stats(self._snapshot())

    def close(self) -> None:
        self._store.rollback()
        self._store.close()

    def _snapshot(self) -> Snapshot:
        return Snapshot(list(self._segments), self._settings, self._fields, self.uid)


def snapshot_stats(snapshot: Snapshot) -> dict[str, Any]:
    size = sum(int(segment["documents/offsets"][-1]) for segment in snapshot.segments)
    return {
        "numberOfDocuments": snapshot.count,
        "rawDocumentDbSize": size,
        "avgDocumentSize": size // max(1, snapshot.count),
        "fieldDistribution": snapshot.field_distribution(),
    }


def _shape(raw: Any) -> list[Any]:
    typo = raw.get("typoTolerance") or {}
    return [raw.get(name) for name in _SHAPING] + [typo.get("disableOnAttributes") or []]
