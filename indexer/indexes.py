"""Indexes in the engine: made with their settings, looked at, deleted when nobody owns them."""

import logging
import re
from collections.abc import Collection
from typing import Any

from engine.client import Engine, EngineError

log = logging.getLogger(__name__)

PRIMARY_KEY = "id"
TASK_SECONDS = 300.0


class TaskFailed(Exception):  # noqa: N818 - what happened, as a sentence says it
    """A task on an index as a whole failed; the message is the engine's."""


async def created_at(engine: Engine, uid: str) -> str | None:
    """The `createdAt` of an index, which moves with its content at a swap; None if it is not."""
    try:
        index = await engine.call("GET", f"/indexes/{uid}")
    except EngineError as error:
        if error.code == "index_not_found":
            return None
        raise
    return str(index["createdAt"])


async def documents(engine: Engine, uid: str) -> int:
    """How many documents an index has; none where it is not there."""
    try:
        stats = await engine.call("GET", f"/indexes/{uid}/stats")
    except EngineError as error:
        if error.code == "index_not_found":
            return 0
        raise
    return int(stats["numberOfDocuments"])


async def create(engine: Engine, uid: str, settings: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make the index anew, empty, with its settings; its `createdAt` and the last of its tasks."""
    if await created_at(engine, uid) is not None:
        await delete(engine, uid)
    await _do(engine, "POST", "/indexes", {"uid": uid, "primaryKey": PRIMARY_KEY})
    task = await change_settings(engine, uid, settings)
    made = await created_at(engine, uid)
    if made is None:
        raise TaskFailed(f"The index {uid} was made and is not there.")
    return made, task


async def change_settings(engine: Engine, uid: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Change these of an index and leave the others; the task that did it. Raises TaskFailed."""
    return await _do(engine, "PATCH", f"/indexes/{uid}/settings", settings)


async def ensure(engine: Engine, uid: str, settings: dict[str, Any]) -> None:
    """Make the index if it is not there, so that a search finds nothing and does not fail."""
    if await created_at(engine, uid) is None:
        await create(engine, uid, settings)


async def delete(engine: Engine, uid: str) -> None:
    await _do(engine, "DELETE", f"/indexes/{uid}", None)


async def sweep(engine: Engine, index: str, owned: Collection[str]) -> list[str]:
    """Delete the indexes `{index}_g<N>` that no followed generation owns; their names."""
    generation = re.compile(re.escape(index) + r"_g\d+")
    answer = await engine.call("GET", "/indexes", params={"limit": 1_000})
    uids = [entry["uid"] for entry in answer["results"]]
    unowned = [uid for uid in uids if generation.fullmatch(uid) and uid not in owned]
    for uid in unowned:
        log.info("The index %s belongs to nobody any more; it is deleted.", uid)
        await delete(engine, uid)
    return unowned


async def _do(engine: Engine, method: str, path: str, json: Any) -> dict[str, Any]:
    answer = await engine.call(method, path, json=json)
    task = await engine.wait(answer["taskUid"], TASK_SECONDS)
    if task["status"] != "succeeded":
        error = task.get("error") or {}
        raise TaskFailed(f"{method} {path} failed: {error.get('message', task['status'])}")
    return task
