"""The documents themselves, in SQLite: what is committed here is what an index holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_LOOKUP = 10_000


class DocumentStore:
    """Documents by internal number and by id, and a few values of state (JSON).

    Changes stay in one transaction until `commit` or `rollback`.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises OSError with a sentence if it is damaged."""
        self.path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise OSError(
                f"The documents in {path} cannot be read ({error}). "
                "Restore the file from a copy, or remove the index and load it again."
            ) from error

    def begin(self) -> None:
        """Start the transaction if none is open."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def close(self) -> None:
        self._db.close()

    def get(self, key: str, default: Any = None) -> Any:
        row = self._db.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return default if row is None else orjson.loads(row[0])

    def put(self, key: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, orjson.dumps(value)))

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM documents").fetchone()[0])

    def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """The internal numbers of those of the ids that exist."""
        return dict(self._lookup("SELECT d.id, d.number", ids))

    def bodies(self, ids: Sequence[str]) -> dict[str, bytes]:
        return dict(self._lookup("SELECT d.id, d.body", ids))

    def _lookup(self, select: str, ids: Sequence[str]) -> Iterator[tuple[str, Any]]:
        query = f"{select} FROM json_each(?) AS j JOIN documents AS d ON d.id = j.value"
        for start in range(0, len(ids), _LOOKUP):
            yield from self._db.execute(query, (orjson.dumps(ids[start : start + _LOOKUP]),))

    def write(self, documents: Iterable[tuple[int, str, bytes]]) -> None:
        """Insert or replace documents: (number, id, JSON)."""
        self._db.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", documents)

    def remove(self, numbers: Iterable[int]) -> None:
        self._db.executemany(
            "DELETE FROM documents WHERE number = ?", ((number,) for number in numbers)
        )

    def clear(self) -> None:
        self._db.execute("DELETE FROM documents")

    def read(self, numbers: Sequence[int]) -> list[tuple[int, str, bytes]]:
        """The documents of these numbers that exist: (number, id, JSON)."""
        query = (
            "SELECT d.number, d.id, d.body FROM json_each(?) AS j"
            " JOIN documents AS d ON d.number = j.value"
        )
        return self._db.execute(query, (orjson.dumps(numbers),)).fetchall()

    def scan(self, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """The next documents in order of their numbers."""
        rows = self._db.execute(
            "SELECT number, id, body FROM documents WHERE number > ? ORDER BY number LIMIT ?",
            (after, limit),
        )
        return rows.fetchall()
