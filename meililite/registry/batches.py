"""Batches: tasks that ran together, summed up."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.registry import tasks
from meililite.registry.database import Database
from meililite.registry.moments import duration, rfc3339

_SUMMED = ("receivedDocuments", "indexedDocuments", "providedIds", "deletedDocuments",
           "matchedTasks", "canceledTasks", "deletedTasks")  # fmt: skip


def find(database: Database, uid: int) -> dict[str, Any]:
    """One batch as clients see it; ApiError `batch_not_found`."""
    rows = database.read("SELECT * FROM batches WHERE uid = ?", (uid,))
    if not rows:
        raise ApiError("batch_not_found", f"Batch `{uid}` not found.")
    return _view(database, rows[0])


def page(
    database: Database, filters: Mapping[str, Any], only: Sequence[str] | None
) -> dict[str, Any]:
    """A page of the batches that ran one of the tasks selected, newest first."""
    condition, values = tasks.where(tasks.seen(filters, only))
    chosen = f"uid IN (SELECT batch_uid FROM tasks WHERE {condition})"

    def shown(row: sqlite3.Row) -> dict[str, Any]:
        return _view(database, row)

    return tasks.page_of(database, "SELECT * FROM batches", (chosen, values), filters, shown)


def _view(database: Database, row: sqlite3.Row) -> dict[str, Any]:
    ran = database.read(
        "SELECT status, type, index_uid, details FROM tasks WHERE batch_uid = ? ORDER BY uid",
        (row["uid"],),
    )
    return {
        "uid": row["uid"],
        "progress": None,
        "details": _details([orjson.loads(task["details"] or "{}") for task in ran]),
        "stats": {
            "totalNbTasks": len(ran),
            "status": dict(Counter(task["status"] for task in ran)),
            "types": dict(Counter(task["type"] for task in ran)),
            "indexUids": dict(Counter(task["index_uid"] for task in ran if task["index_uid"])),
            "progressTrace": {},
        },
        "duration": duration(row["started_at"], row["finished_at"]),
        "startedAt": rfc3339(row["started_at"]),
        "finishedAt": rfc3339(row["finished_at"]),
        "batchStrategy": row["strategy"],
    }


def _details(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of all tasks added up; of anything else the last that was given."""
    summed: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if name in _SUMMED and value is not None:
                summed[name] = (summed.get(name) or 0) + value
            elif name == "originalFilter" and summed.get(name) and value:
                summed[name] = f"{summed[name]}&{value}"
            elif value is not None or name not in summed:
                summed[name] = value
    return summed
