"""Tasks that change names or other tasks, not the content of an index.

Each function looks at the indexes as they are and says how the task ends and what changes; it
touches nothing itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import orjson

from meililite.errors import ApiError
from meililite.registry import tasks
from meililite.registry.indexes import Index, Indexes, not_found, renamed
from meililite.registry.moments import now
from meililite.registry.tasks import Outcome, Task

Work = Callable[[sqlite3.Connection], None]

_FINISHED = ("succeeded", "failed", "canceled")


@dataclass(slots=True)
class Effect:
    """How a task ends, and what is to be done with it in one transaction."""

    outcome: Outcome
    indexes: dict[str, Index | None] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)  # uuids of content that nobody names any more
    work: Work | None = None


def delete_index(task: Task, indexes: Indexes) -> Effect:
    index = indexes.find(task.index_uid or "")
    return Effect(
        tasks.succeeded(task, deletedDocuments=index.stats.get("numberOfDocuments", 0)),
        {index.uid: None},
        [index.uuid],
    )


def update_index(task: Task, indexes: Indexes) -> Effect:
    index = indexes.find(task.index_uid or "")
    primary_key = task.arguments["primaryKey"]
    if primary_key is not None:
        if index.stats.get("numberOfDocuments") and index.primary_key not in (None, primary_key):
            raise ApiError(
                "index_primary_key_already_exists",
                f"Index `{index.uid}`: Index already has a primary key: `{index.primary_key}`.",
            )
        index = replace(index, primary_key=primary_key)
    index = replace(index, updated_at=now())
    new_uid = task.arguments["uid"]
    if new_uid is None or new_uid == index.uid:
        return Effect(tasks.succeeded(task), {index.uid: index})
    if new_uid in indexes:
        raise ApiError("index_already_exists", f"Index `{new_uid}` already exists.")
    return Effect(
        tasks.succeeded(task),
        {index.uid: None, new_uid: renamed(index, new_uid)},
        work=_rename_history(task.uid, {index.uid: new_uid}),
    )


def swap_indexes(task: Task, indexes: Indexes) -> Effect:
    """Exchange what names point at; with `rename` the second name is new."""
    swaps = [(*swap["indexes"], swap["rename"]) for swap in (task.details or {})["swaps"]]
    _check_swaps(swaps, indexes)
    changes: dict[str, Index | None] = {}
    names: dict[str, str] = {}
    for left, right, rename in swaps:
        changes[right] = renamed(indexes[left], right)
        changes[left] = None if rename else renamed(indexes[right], left)
        names |= {left: right, right: left}
    return Effect(tasks.succeeded(task), changes, work=_rename_history(task.uid, names))


def _check_swaps(swaps: list[tuple[str, str, bool]], indexes: Indexes) -> None:
    missing: set[str] = set()
    taken: set[str] = set()
    for left, right, rename in swaps:
        missing |= {left} - set(indexes)
        if rename:
            taken |= {right} & set(indexes)
        else:
            missing |= {right} - set(indexes)
    if len(missing) == 1:
        raise not_found(missing.pop())
    if missing:
        names = ", ".join(f"`{uid}`" for uid in sorted(missing))
        raise ApiError("index_not_found", f"Indexes {names} not found.")
    if taken:
        names = ", ".join(f"`{uid}`" for uid in sorted(taken))
        raise ApiError(
            "index_already_exists",
            f"Cannot rename to {names}: "
            f"{'the index already exists' if len(taken) == 1 else 'these indexes already exist'}.",
        )


def _rename_history(before: int, names: dict[str, str]) -> Work:
    """Tasks older than `before` are shown under the name that their index has now."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE tasks SET index_uid ="
            " (SELECT pair.value FROM json_each(?1) AS pair WHERE pair.key = index_uid)"
            " WHERE uid < ?2 AND index_uid IN (SELECT pair.key FROM json_each(?1) AS pair)",
            (orjson.dumps(names).decode(), before),
        )

    return work


def cancel_tasks(task: Task, connection: sqlite3.Connection) -> tuple[Outcome, list[str]]:
    """Cancel what of the task's selection still waits; called inside the transaction.

    Returns also the payload files that are not needed any more.
    """
    wanted = task.arguments["uids"]
    rows = connection.execute(
        "SELECT uid, details, payload_file FROM tasks WHERE status = 'enqueued' AND uid < ?"
        " AND uid IN (SELECT value FROM json_each(?))",
        (task.uid, orjson.dumps(wanted).decode()),
    ).fetchall()
    batch, started = connection.execute(
        "SELECT batch_uid, started_at FROM tasks WHERE uid = ?", (task.uid,)
    ).fetchone()
    moment = now()
    for row in rows:
        details = orjson.loads(row["details"]) if row["details"] else None
        connection.execute(
            "UPDATE tasks SET status = 'canceled', canceled_by = ?, details = ?, batch_uid = ?,"
            " started_at = ?, finished_at = ?, payload = NULL, payload_file = NULL,"
            " arguments = '{}' WHERE uid = ?",
            (
                task.uid,
                orjson.dumps(tasks.without_counts(details)).decode(),
                batch,
                started,
                moment,
                row["uid"],
            ),
        )
    files = [row["payload_file"] for row in rows if row["payload_file"]]
    return tasks.succeeded(task, canceledTasks=len(rows)), files


def delete_tasks(task: Task, connection: sqlite3.Connection) -> tuple[Outcome, list[str]]:
    """Forget what of the task's selection is finished; called inside the transaction."""
    cursor = connection.execute(
        f"DELETE FROM tasks WHERE status IN {_FINISHED}"
        " AND uid IN (SELECT value FROM json_each(?))",
        (orjson.dumps(task.arguments["uids"]).decode(),),
    )
    connection.execute(
        "DELETE FROM batches WHERE finished_at IS NOT NULL"
        " AND uid NOT IN (SELECT batch_uid FROM tasks WHERE batch_uid IS NOT NULL)"
    )
    return tasks.succeeded(task, deletedTasks=cursor.rowcount), []


PLAIN: dict[str, Callable[[Task, Indexes], Effect]] = {
    "indexDeletion": delete_index,
    "indexUpdate": update_index,
    "indexSwap": swap_indexes,
}

URGENT: dict[str, Callable[[Task, sqlite3.Connection], tuple[Outcome, list[str]]]] = {
    "taskCancelation": cancel_tasks,
    "taskDeletion": delete_tasks,
}
