"""Tasks: accepted, run, finished, looked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.registry.database import Database, take_number
from meililite.registry.moments import duration, now, rfc3339

_FILTER_COLUMNS = {
    "uids": "uid",
    "batchUids": "batch_uid",
    "canceledBy": "canceled_by",
    "types": "type",
    "statuses": "status",
}
# What is shown of a task that did not do what it counts.
_COUNTS = (
    "indexedDocuments",
    "editedDocuments",
    "deletedDocuments",
    "canceledTasks",
    "deletedTasks",
)

_KEPT_TASKS = 1_000_000  # as many as Meilisearch keeps
_SWEEP_EVERY = 1000  # batches

# Whether a swap names one of a JSON array of indexes.
_SWAPS = (
    "(type = 'indexSwap' AND EXISTS (SELECT 1 FROM json_each(details, '$.swaps') AS swap,"
    " json_each(swap.value, '$.indexes') AS name"
    " WHERE name.value IN (SELECT value FROM json_each(?))))"
)
_TASK = "uid, type, index_uid, details, arguments, payload_file, enqueued_at"

_VIEW = (
    "uid, batch_uid, index_uid, status, type, canceled_by, details, error, metadata, "
    "enqueued_at, started_at, finished_at"
)


@dataclass(frozen=True, slots=True)
class NewTask:
    """What is asked for. A small payload is kept in the row, a large one in its file (by name)."""

    type: str
    index_uid: str | None
    details: dict[str, Any] | None
    arguments: dict[str, Any] = field(default_factory=dict)
    payload: bytes | None = None
    payload_file: str | None = None
    metadata: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is to run."""

    uid: int
    type: str
    index_uid: str | None
    details: dict[str, Any] | None
    arguments: dict[str, Any]
    payload_file: str | None
    size: int
    enqueued_at: int


@dataclass(slots=True)
class Outcome:
    """How a task ended. `error` is an error object as clients see it."""

    uid: int
    status: str
    details: dict[str, Any] | None
    error: dict[str, Any] | None = None
    canceled_by: int | None = None


def succeeded(task: Task, **details: Any) -> Outcome:
    return Outcome(task.uid, "succeeded", {**(task.details or {}), **details})


def failed(task: Task, error: ApiError) -> Outcome:
    return Outcome(task.uid, "failed", without_counts(task.details), error.body())


def without_counts(details: dict[str, Any] | None) -> dict[str, Any] | None:
    if details is None:
        return None
    return {name: 0 if name in _COUNTS else value for name, value in details.items()}


def enqueue(connection: sqlite3.Connection, task: NewTask) -> dict[str, Any]:
    """Store a task and return its summary, the answer to whoever asked for it."""
    uid, moment = take_number(connection, "task"), now()
    connection.execute(
        "INSERT INTO tasks (uid, index_uid, status, type, details, metadata, enqueued_at,"
        " arguments, payload, payload_file) VALUES (?, ?, 'enqueued', ?, ?, ?, ?, ?, ?, ?)",
        (
            uid,
            task.index_uid,
            task.type,
            _json(task.details),
            task.metadata,
            moment,
            _json(task.arguments),
            task.payload,
            task.payload_file,
        ),
    )
    summary: dict[str, Any] = {
        "taskUid": uid,
        "indexUid": task.index_uid,
        "status": "enqueued",
        "type": task.type,
        "enqueuedAt": rfc3339(moment),
    }
    if task.metadata is not None:
        summary["customMetadata"] = task.metadata
    return summary


def recover(connection: sqlite3.Connection) -> list[str]:
    """After a start: what was running when the process ended is still to be done.

    Returns the names of the indexes that were being changed.
    """
    rows = connection.execute(
        "SELECT DISTINCT index_uid FROM tasks WHERE status = 'processing' AND index_uid NOT NULL"
    ).fetchall()
    connection.execute(
        "UPDATE tasks SET status = 'enqueued', batch_uid = NULL, started_at = NULL"
        " WHERE status = 'processing'"
    )
    connection.execute("DELETE FROM batches WHERE finished_at IS NULL")
    return [row[0] for row in rows]


def put_back(connection: sqlite3.Connection, batch: int) -> None:
    """Have the tasks of a batch that was stopped wait again, as if it had never been."""
    connection.execute(
        "UPDATE tasks SET status = 'enqueued', batch_uid = NULL, started_at = NULL"
        " WHERE batch_uid = ?",
        (batch,),
    )
    connection.execute("DELETE FROM batches WHERE uid = ?", (batch,))


def waiting(database: Database, limit: int, index_uid: str | None = None) -> list[Task]:
    """The oldest tasks that are to run, of one index if it is named."""
    clause = "" if index_uid is None else " AND index_uid = ?"
    rows = database.read(
        f"SELECT {_TASK}, coalesce(length(payload), 0) AS size FROM tasks WHERE status = 'enqueued'"
        f"{clause} ORDER BY uid LIMIT ?",
        (*(() if index_uid is None else (index_uid,)), limit),
    )
    return [_task(row) for row in rows]


def waiting_of_type(database: Database, kind: str) -> Task | None:
    """The oldest task of a type that concerns no single index."""
    rows = database.read(
        f"SELECT {_TASK}, 0 AS size FROM tasks INDEXED BY tasks_waiting"
        " WHERE status = 'enqueued' AND index_uid IS NULL AND type = ? ORDER BY uid LIMIT 1",
        (kind,),
    )
    return _task(rows[0]) if rows else None


def renaming(database: Database, index_uid: str) -> Task | None:
    """The oldest task that waits to give the name to another index: what was asked for after it is
    meant for that one.
    """
    rows = database.read(
        f"SELECT {_TASK}, 0 AS size FROM tasks INDEXED BY tasks_renaming"
        " WHERE status = 'enqueued' AND type IN ('indexSwap', 'indexUpdate')"
        f" AND (? IN (index_uid, arguments ->> '$.uid') OR {_SWAPS}) ORDER BY uid LIMIT 1",
        (index_uid, _json([index_uid])),
    )
    return _task(rows[0]) if rows else None


def payload(database: Database, uid: int) -> bytes:
    """A payload that is kept in its row."""
    return bytes(database.read("SELECT payload FROM tasks WHERE uid = ?", (uid,))[0][0])


def start(connection: sqlite3.Connection, uids: Sequence[int], strategy: str) -> tuple[int, int]:
    """Mark tasks as running in a new batch; the batch's number and the moment."""
    batch, moment = take_number(connection, "batch"), now()
    connection.execute("INSERT INTO batches VALUES (?, ?, NULL, ?)", (batch, moment, strategy))
    connection.executemany(
        "UPDATE tasks SET status = 'processing', batch_uid = ?, started_at = ? WHERE uid = ?",
        [(batch, moment, uid) for uid in uids],
    )
    return batch, moment


def finish(connection: sqlite3.Connection, batch: int, outcomes: Iterable[Outcome]) -> None:
    """Store how the tasks of a batch ended; their payloads go."""
    moment = now()
    connection.executemany(
        "UPDATE tasks SET status = ?, details = ?, error = ?, canceled_by = ?, finished_at = ?,"
        " payload = NULL, payload_file = NULL, arguments = '{}' WHERE uid = ?",
        [
            (o.status, _json(o.details), _json(o.error), o.canceled_by, moment, o.uid)
            for o in outcomes
        ],
    )
    connection.execute("UPDATE batches SET finished_at = ? WHERE uid = ?", (moment, batch))
    if batch % _SWEEP_EVERY == 0:
        _forget_old(connection)


def _forget_old(connection: sqlite3.Connection) -> None:
    """Delete finished tasks beyond the newest, and batches that are left without any."""
    connection.execute(
        "DELETE FROM tasks WHERE finished_at NOT NULL"
        " AND uid < (SELECT next FROM counters WHERE name = 'task') - ?",
        (_KEPT_TASKS,),
    )
    connection.execute(
        "DELETE FROM batches WHERE finished_at NOT NULL AND uid < coalesce("
        "(SELECT min(batch_uid) FROM tasks WHERE batch_uid NOT NULL), 0)"
    )


def where(filters: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The SQL condition of the query parameters that select tasks; None selects all."""
    clauses, values = ["1"], []
    for name, column in _FILTER_COLUMNS.items():
        if (wanted := filters.get(name)) is not None:
            clauses.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(_json(wanted))
    if (uids := filters.get("indexUids")) is not None:
        clauses.append(f"(index_uid IN (SELECT value FROM json_each(?)) OR {_SWAPS})")
        values += [_json(uids)] * 2
    for event in ("Enqueued", "Started", "Finished"):
        for side, sign in (("after", ">"), ("before", "<")):
            if (moment := filters.get(f"{side}{event}At")) is not None:
                # A bare date after which to look is given as the first instant that counts.
                clauses.append(f"{event.lower()}_at {sign} ?")
                values.append(moment)
    return " AND ".join(clauses), values


def find(database: Database, uid: int) -> dict[str, Any]:
    """One task as clients see it; ApiError `task_not_found`."""
    rows = database.read(f"SELECT {_VIEW} FROM tasks WHERE uid = ?", (uid,))
    if not rows:
        raise ApiError("task_not_found", f"Task `{uid}` not found.")
    return view(rows[0])


def page(
    database: Database, filters: Mapping[str, Any], only: Sequence[str] | None
) -> dict[str, Any]:
    """A page of tasks, newest first. `only` names the indexes that may be seen, None all."""
    return page_of(
        database, f"SELECT {_VIEW} FROM tasks", where(seen(filters, only)), filters, view
    )


def seen(filters: Mapping[str, Any], only: Sequence[str] | None) -> Mapping[str, Any]:
    """Filters that select nothing of other indexes than `only`, or None for all."""
    if only is None:
        return filters
    wanted = filters.get("indexUids")
    return {**filters, "indexUids": [uid for uid in wanted or only if uid in only]}


def page_of(
    database: Database,
    select: str,
    where: tuple[str, list[Any]],
    filters: Mapping[str, Any],
    shown: Callable[[sqlite3.Row], dict[str, Any]],
) -> dict[str, Any]:
    """The page that `limit`, `from` and `reverse` ask for, of rows with a uid."""
    condition, values = where
    count = f"SELECT count(*) FROM ({select} WHERE {condition})"
    total = database.read(count, values)[0][0]
    limit, reverse = filters["limit"], filters["reverse"]
    if (first := filters.get("from")) is not None:
        condition += f" AND uid {'>=' if reverse else '<='} ?"
        values.append(first)
    rows = database.read(
        f"{select} WHERE {condition} ORDER BY uid {'ASC' if reverse else 'DESC'} LIMIT ?",
        (*values, min(limit + 1, 2**62)),
    )
    items = [shown(row) for row in rows[:limit]]
    return {
        "results": items,
        "total": total,
        "limit": limit,
        "from": rows[0]["uid"] if items else None,
        "next": rows[limit]["uid"] if len(rows) > limit else None,
    }


def view(row: sqlite3.Row) -> dict[str, Any]:
    shown = {
        "uid": row["uid"],
        "batchUid": row["batch_uid"],
        "indexUid": row["index_uid"],
        "status": row["status"],
        "type": row["type"],
        "canceledBy": row["canceled_by"],
        "details": _load(row["details"]),
        "error": _load(row["error"]),
        "duration": duration(row["started_at"], row["finished_at"]),
        "enqueuedAt": rfc3339(row["enqueued_at"]),
        "startedAt": rfc3339(row["started_at"]),
        "finishedAt": rfc3339(row["finished_at"]),
    }
    if row["metadata"] is not None:
        shown["customMetadata"] = row["metadata"]
    return shown


def _task(row: sqlite3.Row) -> Task:
    return Task(
        uid=row["uid"],
        type=row["type"],
        index_uid=row["index_uid"],
        details=_load(row["details"]),
        arguments=orjson.loads(row["arguments"]),
        payload_file=row["payload_file"],
        size=row["size"],
        enqueued_at=row["enqueued_at"],
    )


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _load(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
