"""The SQLite file of the front: a write-ahead log, one thread that writes, no reader that waits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_SCHEMA_VERSION = 1
_BUSY_MS = 5000

_SCHEMA = """
CREATE TABLE counters (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('task', 0), ('batch', 0);

CREATE TABLE tasks (
    uid INTEGER PRIMARY KEY,
    batch_uid INTEGER,
    index_uid TEXT,
    status TEXT NOT NULL,
    type TEXT NOT NULL,
    canceled_by INTEGER,
    details TEXT,
    error TEXT,
    metadata TEXT,
    enqueued_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    arguments TEXT NOT NULL,
    payload BLOB,
    payload_file TEXT
);
CREATE INDEX tasks_by_status ON tasks (status, uid);
CREATE INDEX tasks_by_index ON tasks (index_uid, uid);
CREATE INDEX tasks_by_batch ON tasks (batch_uid, uid);

CREATE TABLE batches (
    uid INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    strategy TEXT NOT NULL
);

CREATE TABLE indexes (
    uid TEXT PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    primary_key TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    settings TEXT NOT NULL,
    stats TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE keys (
    uid TEXT PRIMARY KEY,
    name TEXT,
    description TEXT,
    actions TEXT NOT NULL,
    indexes TEXT NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE features (name TEXT PRIMARY KEY, enabled INTEGER NOT NULL) WITHOUT ROWID;
"""

# So that the next tasks of an index, and those that change names, are found however many have ended
# or wait for others. Files of before these came get them, too.
_WAITING = """
CREATE INDEX IF NOT EXISTS tasks_waiting ON tasks (index_uid, uid) WHERE status = 'enqueued';
CREATE INDEX IF NOT EXISTS tasks_renaming ON tasks (uid)
    WHERE status = 'enqueued' AND type IN ('indexSwap', 'indexUpdate');
"""


class DamagedError(Exception):
    """A file that cannot be trusted; the message says which, and what to do."""


class Database:
    """Reads at once, in the caller's thread; writes in one transaction each, one after another."""

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises DamagedError for one that SQLite does not accept."""
        self._path = path
        try:
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode=WAL")
            self._create()
            if (found := self._writer.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise sqlite3.DatabaseError(found)  # noqa: TRY301 - one place says what to do
            self._reader = self._connect()
        except sqlite3.DatabaseError as error:
            raise DamagedError(
                f"{path} is damaged ({error}). Restore the folder {path.parent} from a backup, or "
                "move it away, start again and load the documents anew."
            ) from error
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="registry")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        return connection

    def _create(self) -> None:
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._writer.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA user_version={_SCHEMA_VERSION}; COMMIT;"
            )
        elif version != _SCHEMA_VERSION:
            raise DamagedError(
                f"{self._path} was written by another version (its format is {version}, this one "
                f"reads {_SCHEMA_VERSION}). Start with an empty folder and load the documents anew."
            )
        self._writer.executescript(_WAITING)

    def read(self, sql: str, values: Any = ()) -> list[sqlite3.Row]:
        """Rows of a quick query."""
        return self._reader.execute(sql, values).fetchall()

    def change(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Run `work` in one transaction, now. Not durable: survives a kill, not a power cut."""
        self._writer.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            result = work(self._writer)
        except BaseException:
            self._writer.execute("ROLLBACK")
            raise
        self._writer.execute("COMMIT")
        return result

    async def write(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """The same in the thread that writes, so that nobody waits for the disk but the caller."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: self.change(work, durable=durable))

    def close(self) -> None:
        """Finish what is being written and fold the log into the file."""
        self._thread.shutdown(wait=True)
        self._reader.close()
        self._writer.close()


def take_number(connection: sqlite3.Connection, counter: str) -> int:
    """The counter's next number; numbers are never given twice."""
    row = connection.execute(
        "UPDATE counters SET next = next + 1 WHERE name = ? RETURNING next - 1", (counter,)
    ).fetchone()
    return int(row[0])
