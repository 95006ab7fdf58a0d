"""An engine that was put back from a copy: told by the numbers of its tasks, which only grow.

Its indexes have the names and the `createdAt` that they should have, with what was in them then.
"""

from engine.client import Engine
from indexer import generations
from indexer.generations import Generation
from indexer.lease import Lease

REASON = "The search server was put back to an earlier state: all its indexes are made anew."


class Rewound(Exception):  # noqa: N818 - what happened, as a sentence says it
    """Nothing is followed any longer, since nothing is known of what the engine has."""


async def look(lease: Lease, engine: Engine, followed: list[Generation]) -> None:
    """Raise Rewound if the engine's newest task is older than one that it had done for us."""
    answer = await engine.call("GET", "/tasks", params={"limit": 1})
    newest = max((task["uid"] for task in answer["results"]), default=-1)
    for each in followed:
        if newest < each.last_task:
            await _give_up_all(lease, each.vertical)


async def check(lease: Lease, generation: Generation, task_uid: int) -> None:
    """Raise Rewound if a task that was made just now has a number from before."""
    if task_uid <= generation.last_task:
        await _give_up_all(lease, generation.vertical)


async def _give_up_all(lease: Lease, vertical: str) -> None:
    async with lease.transaction() as db:
        for each in await generations.followed(db, vertical):
            await generations.give_up(db, each.id, "failed", REASON)
    raise Rewound(REASON)
