"""The names of indexes. Content lives in a folder named by uuid; a name only points at one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.registry.database import Database


@dataclass(frozen=True, slots=True)
class Index:
    """An index as of its last finished task. Moments are microseconds since 1970."""

    uid: str
    uuid: str
    primary_key: str | None
    created_at: int
    updated_at: int
    version: int
    settings: dict[str, Any] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)


def not_found(uid: str) -> ApiError:
    return ApiError("index_not_found", f"Index `{uid}` not found.")


class Indexes(Mapping[str, Index]):
    """All indexes by name, in memory as they are on disk.

    Changes are made in two steps: `store` in a transaction, then `show` when it is committed.
    """

    def __init__(self, database: Database) -> None:
        rows = database.read("SELECT * FROM indexes")
        self._by_uid = {row["uid"]: _index(row) for row in rows}

    def __getitem__(self, uid: str) -> Index:
        return self._by_uid[uid]

    def __iter__(self) -> Any:
        return iter(sorted(self._by_uid))

    def __len__(self) -> int:
        return len(self._by_uid)

    def find(self, uid: str) -> Index:
        """The index of this name; ApiError `index_not_found`."""
        index = self._by_uid.get(uid)
        if index is None:
            raise not_found(uid)
        return index

    def show(self, indexes: dict[str, Index]) -> None:
        """From now on answer with these."""
        self._by_uid = indexes

    def changed(self, changes: Mapping[str, Index | None]) -> dict[str, Index]:
        """All indexes as they are after these changes; None removes."""
        after = self._by_uid | {uid: index for uid, index in changes.items() if index}
        return {uid: index for uid, index in after.items() if changes.get(uid, index)}


def store(connection: sqlite3.Connection, changes: Mapping[str, Index | None]) -> None:
    """Write down what changes by name; None removes."""
    connection.executemany("DELETE FROM indexes WHERE uid = ?", [(uid,) for uid in changes])
    connection.executemany(
        "INSERT INTO indexes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [_row(index) for index in changes.values() if index is not None],
    )


def renamed(index: Index, uid: str) -> Index:
    return replace(index, uid=uid)


def _row(index: Index) -> tuple[Any, ...]:
    return (
        index.uid,
        index.uuid,
        index.primary_key,
        index.created_at,
        index.updated_at,
        index.version,
        orjson.dumps(index.settings).decode(),
        orjson.dumps(index.stats).decode(),
    )


def _index(row: sqlite3.Row) -> Index:
    values = dict(row)
    return Index(**values | {name: orjson.loads(values[name]) for name in ("settings", "stats")})
