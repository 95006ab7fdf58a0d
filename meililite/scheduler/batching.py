"""Which tasks run together.

The rules are Meilisearch's: the oldest task's index is served first, neighbouring document tasks of
one index become one batch, neighbouring settings too, everything else runs alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from meililite.registry.indexes import Index
from meililite.registry.tasks import Task

# Bytes of payloads in one batch; a single larger one runs alone. Small payloads are handed on in
# the front's memory, so there are fewer of them.
_BYTES_LIMIT = 64 * 1024 * 1024
_SMALL_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks of one index (or one task of none), and why no more of them."""

    tasks: list[Task]
    strategy: str


def together(tasks: Sequence[Task], index: Index | None) -> Batch:
    """The longest run of `tasks` (one index's, oldest first) that may be done at once.

    `index` is what they are for, None when there is no such index yet.
    """
    first = tasks[0]
    if _kind(first) is None:
        return Batch([first], f"task with id {first.uid} of type `{first.type}` cannot be batched")
    size, small, batch = _size(first), first.size, [first]
    for task in tasks[1:]:
        if not _joins(first, task, index):
            return Batch(
                batch,
                f"task with id {task.uid} of type `{task.type}` cannot be batched with the tasks "
                f"before it, of type `{first.type}`",
            )
        size, small = size + _size(task), small + task.size
        if size > _BYTES_LIMIT or small > _SMALL_LIMIT:
            return Batch(batch, f"reached the batch size limit before task with id {task.uid}")
        batch.append(task)
    return Batch(batch, "batched all enqueued tasks for the index")


def _kind(task: Task) -> str | None:
    """Tasks of one kind join one another."""
    if task.type == "settingsUpdate":
        return "settings"
    if task.type == "documentAdditionOrUpdate":
        return "documents"
    if task.type == "documentDeletion":
        return "filter" if "filter" in task.arguments else "documents"
    return None


def _joins(first: Task, task: Task, index: Index | None) -> bool:
    if _kind(task) != _kind(first):
        return False
    if index is None and _creates(task) and not _creates(first):
        return False  # the first fails for want of an index, this one makes it
    wanted = task.arguments.get("primaryKey")
    known = index.primary_key if index else None
    return wanted is None or wanted == (known or first.arguments.get("primaryKey"))


def _creates(task: Task) -> bool:
    return bool(task.arguments.get("createIndex"))


def _size(task: Task) -> int:
    if task.payload_file is None:
        return task.size
    path = Path(task.payload_file)
    return path.stat().st_size if path.exists() else 0
