"""The engine's tasks: what became of the batches that were posted."""

from collections.abc import AsyncIterator
from typing import Any

from engine.client import Engine
from indexer.batches import Batch

PAGE = 1_000
DOCUMENT_TASKS = "documentAdditionOrUpdate,documentDeletion"


async def numbered(engine: Engine, uids: list[int]) -> dict[int, dict[str, Any]]:
    """The tasks of these numbers that are there, by number."""
    names = ",".join(map(str, uids))
    answer = await engine.call("GET", "/tasks", params={"uids": names, "limit": len(uids)})
    return {task["uid"]: task for task in answer["results"]}


def of(batch: Batch, found: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
    """The batch's task among these; None where it is not there any more.

    A task of that number that carries another batch's name is not there: the engine lost its data
    and counts again from 0.
    """
    task = found.get(batch.task_uid) if batch.task_uid is not None else None
    return task if task and task.get("customMetadata") == batch.metadata else None


async def newest(engine: Engine, until: int | None = None) -> dict[str, Any] | None:
    """The newest task, whoever's it is, of those up to a number; None if there is none."""
    params = {"limit": 1} | ({} if until is None else {"from": until})
    answer = await engine.call("GET", "/tasks", params=params)
    return next(iter(answer["results"]), None)


async def search(engine: Engine, batches: list[Batch]) -> dict[int, dict[str, Any]]:
    """The task of each of these batches that the engine has one for, by batch.

    Metadata is no filter, so tasks are paged by uid, newest first, down to those that were there
    before the oldest of the batches.
    """
    wanted = {batch.metadata: batch.id for batch in batches}
    floor = min((batch.after_task for batch in batches), default=-1)
    found: dict[int, dict[str, Any]] = {}
    async for task in after(engine, floor):
        batch = wanted.get(task.get("customMetadata") or "")
        if batch is not None:
            found[batch] = task
        if len(found) == len(wanted):
            break
    return found


async def after(engine: Engine, floor: int, **filters: str) -> AsyncIterator[dict[str, Any]]:
    """The tasks with documents whose number is greater than `floor`, newest first."""
    params: dict[str, str | int] = {"types": DOCUMENT_TASKS, "limit": PAGE, **filters}
    while True:
        answer = await engine.call("GET", "/tasks", params=params)
        for task in answer["results"]:
            if task["uid"] <= floor:
                return
            yield task
        if answer.get("next") is None:
            return
        params["from"] = answer["next"]


def ended(task: dict[str, Any]) -> bool:
    return task["status"] not in ("enqueued", "processing")
