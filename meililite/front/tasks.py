"""Routes of tasks and of the batches they ran in."""

from __future__ import annotations

from typing import Any

from meililite.errors import ApiError
from meililite.front.http import Answer, Call, answer
from meililite.front.router import Router
from meililite.front.state import State
from meililite.registry import batches, tasks
from meililite.registry.tasks import NewTask
from meililite.shapes import parameters
from meililite.shapes.query import whole

_SELECTORS = (
    "`uids`, `indexUids`, `statuses`, `types`, `canceledBy`, `beforeEnqueuedAt`, "
    "`afterEnqueuedAt`, `beforeStartedAt`, `afterStartedAt`, `beforeFinishedAt`, `afterFinishedAt`"
)


class TaskRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        router.add("GET", "/tasks", "tasks.get", self.page)
        router.add("DELETE", "/tasks", "tasks.delete", self.delete)
        router.add("POST", "/tasks/cancel", "tasks.cancel", self.cancel)
        router.add("GET", "/tasks/{task_uid}", "tasks.get", self.get)
        router.add("GET", "/batches", "tasks.get", self.batch_page)
        router.add("GET", "/batches/{batch_uid}", "tasks.get", self.batch)

    def _only(self, call: Call) -> list[str] | None:
        return None if call.permission.patterns is None else list(self._known(call))

    def _known(self, call: Call) -> list[str]:
        rows = self._state.database.read("SELECT DISTINCT index_uid FROM tasks")
        names = [row[0] for row in rows if row[0] is not None]
        return [uid for uid in names if call.permission.allows(uid)]

    async def page(self, call: Call) -> Answer:
        given = call.parameters(parameters.TASKS)
        return answer(tasks.page(self._state.database, given, self._only(call)))

    async def get(self, call: Call) -> Answer:
        uid = _number(call.names["task_uid"], "Task", "invalid_task_uids")
        task = tasks.find(self._state.database, uid)
        seen = task["indexUid"] is None or call.permission.allows(task["indexUid"])
        if not seen:
            raise ApiError("task_not_found", f"Task `{uid}` not found.")
        return answer(task)

    async def batch_page(self, call: Call) -> Answer:
        given = call.parameters(parameters.TASKS)
        return answer(batches.page(self._state.database, given, self._only(call)))

    async def batch(self, call: Call) -> Answer:
        uid = _number(call.names["batch_uid"], "Batch", "invalid_batch_uids")
        return answer(batches.find(self._state.database, uid))

    async def cancel(self, call: Call) -> Answer:
        summary, uids = await self._select(call, "cancel", "taskCancelation", "canceledTasks")
        self._state.scheduler.stop(uids)
        return answer(summary)

    async def delete(self, call: Call) -> Answer:
        summary, _ = await self._select(call, "delete", "taskDeletion", "deletedTasks")
        return answer(summary)

    async def _select(
        self, call: Call, verb: str, kind: str, count: str
    ) -> tuple[dict[str, Any], list[int]]:
        """Enqueue a task that concerns those that are selected; its summary, and their uids."""
        given = call.parameters(parameters.TASK_SELECTION)
        if not call.query():
            raise ApiError(
                "missing_task_filters",
                f"Query parameters to filter the tasks to {verb} are missing. "
                f"Available query parameters are: {_SELECTORS}.",
            )
        uids = self._selected(given, self._only(call))
        details: dict[str, Any] = {
            "matchedTasks": len(uids),
            count: None,
            "originalFilter": f"?{call.query_string}",
        }
        return await self._state.enqueue(NewTask(kind, None, details, {"uids": uids})), uids

    def _selected(self, given: dict[str, Any], only: list[str] | None) -> list[int]:
        condition, values = tasks.where(tasks.seen(given, only))
        rows = self._state.database.read(f"SELECT uid FROM tasks WHERE {condition}", values)
        return [row[0] for row in rows]


def _number(text: str, what: str, code: str) -> int:
    found = whole(text, 2**32 - 1)
    if found is None:
        raise ApiError(
            code, f"{what} uid `{text}` is invalid. It should only contain numeric characters."
        )
    return found
