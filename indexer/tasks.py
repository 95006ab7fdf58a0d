"""The engine's tasks: what became of the batches that were posted."""

from typing import Any

from engine.client import Engine
from indexer.batches import Batch

PAGE = 1_000
DOCUMENT_TASKS = "documentAdditionOrUpdate,documentDeletion"


async def of(engine: Engine, batches: list[Batch]) -> dict[int, dict[str, Any] | None]:
    """The task of each batch whose task is known, by batch; None where it is not there any more.

    A task of that number that carries another batch's name is not there: the engine lost its data
    and counts again from 0.
    """
    if not batches:
        return {}
    uids = ",".join(str(batch.task_uid) for batch in batches)
    answer = await engine.call("GET", "/tasks", params={"uids": uids, "limit": len(batches)})
    found = {task["uid"]: task for task in answer["results"]}
    tasks = {batch.id: found.get(batch.task_uid) for batch in batches}
    return {
        batch.id: task if (task := tasks[batch.id]) and _carries(task, batch) else None
        for batch in batches
    }


async def search(engine: Engine, batches: list[Batch]) -> dict[int, int]:
    """The task uid of each of these batches that the engine has a task for.

    Metadata is no filter, so tasks are paged by uid, newest first, down to those that were there
    before the oldest of the batches.
    """
    wanted = {batch.metadata: batch.id for batch in batches}
    floor = min((batch.after_task for batch in batches), default=-1)
    found: dict[int, int] = {}
    params: dict[str, str | int] = {"types": DOCUMENT_TASKS, "limit": PAGE}
    while len(found) < len(wanted):
        answer = await engine.call("GET", "/tasks", params=params)
        for task in answer["results"]:
            batch = wanted.get(task.get("customMetadata") or "")
            if batch is not None:
                found[batch] = task["uid"]
        following = answer.get("next")
        if following is None or following <= floor:
            break
        params["from"] = following
    return found


def ended(task: dict[str, Any]) -> bool:
    return task["status"] not in ("enqueued", "processing")


def _carries(task: dict[str, Any], batch: Batch) -> bool:
    return bool(task.get("customMetadata") == batch.metadata)
