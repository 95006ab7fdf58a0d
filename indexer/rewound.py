"""A search server or a database that was put back from a copy: nothing of the index is trusted.

Each generation keeps the number of the last task that is known to be done for it, and when the
engine took that task. An engine from an older copy has no such task, or another one under its
number; a database from an older copy does not know tasks that were done after it. Names and
`createdAt` of the indexes are as they should be in both cases.
"""

from datetime import datetime
from typing import Any

from engine.client import Engine
from indexer import generations, tasks
from indexer.generations import Generation
from indexer.lease import Lease

ENGINE = "The search server was put back to an earlier state: all its indexes are made anew."
DATABASE = (
    "The search server has done what the database knows nothing of, so the database was put back"
    " to an earlier state: all indexes are made anew."
)


class Rewound(Exception):  # noqa: N818 - what happened, as a sentence says it
    """Nothing is followed any longer, since nothing is known of what the indexes have."""


def last_done(followed: list[Generation]) -> Generation | None:
    """The one whose last task is the newest; None if nothing was done yet.

    One task is enough for all: an engine that has it has all before it.
    """
    last = max(followed, key=lambda each: each.last_task, default=None)
    return last if last is not None and last.last_task >= 0 else None


def shows(found: dict[int, dict[str, Any]], last: Generation) -> bool:
    """Whether the last task that was done is among these, which are by number.

    One that was done before its time was kept is known by its number only.
    """
    task = found.get(last.last_task)
    return task is not None and last.last_task_at in (None, task["enqueuedAt"])


async def look(lease: Lease, engine: Engine, followed: list[Generation]) -> None:
    """Raise Rewound unless the engine still has the last task that it had done for us.

    What a batch did may be forgotten only after this was seen of the one before: a number alone
    tells nothing, for others' tasks may have passed it meanwhile. The trimming of the history
    leaves that task.
    """
    last = last_done(followed)
    if last is None or shows(found := await tasks.numbered(engine, [last.last_task]), last):
        return
    if last.last_task in found or not await _is_deleted(engine, last):
        await _give_up_all(lease, followed, ENGINE)


async def _is_deleted(engine: Engine, last: Generation) -> bool:
    """Whether somebody deleted that task from the history: those around it are from its time."""
    newest = await tasks.newest(engine)
    if newest is None or newest["uid"] < last.last_task:
        return False
    before = await tasks.newest(engine, until=last.last_task)
    at = last.last_task_at
    return before is None or at is None or _time(before["enqueuedAt"]) <= _time(at)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def look_behind(lease: Lease, engine: Engine, followed: list[Generation]) -> None:
    """Raise Rewound if the engine has done a batch that the database does not know.

    For a writer to ask before its first step: a database that is put back ends all writers, and
    numbers of batches that were used come again in it.
    """
    ours = {each.engine_created_at for each in followed if each.engine_created_at}
    if not ours:
        return
    last = last_done(followed)
    done: list[int] = []
    async for task in tasks.after(engine, last.last_task if last else -1, statuses="succeeded"):
        content, _, batch = str(task.get("customMetadata") or "").rpartition("/")
        if content in ours:
            done.append(int(batch))
    unknown = await lease.pool.fetch(
        "SELECT unnest($1::bigint[]) EXCEPT SELECT id FROM batches", done
    )
    if unknown:
        await _give_up_all(lease, followed, DATABASE)


async def _give_up_all(lease: Lease, followed: list[Generation], reason: str) -> None:
    async with lease.transaction() as db:
        for each in followed:
            await generations.lose(db, each, reason)
    raise Rewound(reason)
