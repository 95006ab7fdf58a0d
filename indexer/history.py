"""The engine's task history, cut behind what is still needed: a swap goes through all of it."""

import time

import asyncpg

from catalog.vertical import Vertical
from engine.client import Engine

TRIM_SECONDS = 600.0
KEPT_TASKS = 1_000
NAMES = 100
"""Indexes, the newest, whose tasks are looked for: what is older was trimmed in its time."""

ENDED = "succeeded,failed,canceled"


class History:
    """Trims one vertical's tasks every ten minutes."""

    def __init__(self, pool: asyncpg.Pool, engine: Engine, vertical: Vertical) -> None:
        self._pool = pool
        self._engine = engine
        self._vertical = vertical
        self._look_after = 0.0

    async def step(self) -> None:
        if time.monotonic() >= self._look_after:
            self._look_after = time.monotonic() + TRIM_SECONDS
            await self.trim()

    async def trim(self) -> int:
        """Have the engine delete the ended tasks that no batch can be matched with; how many.

        Only those of this vertical's indexes, and only from 1,000 on. The bound is a moment of
        the engine's own clock: when it took the newest task that is not needed.
        """
        floor = await self._floor()
        if floor is None:
            return 0
        answer = await self._engine.call("GET", "/tasks", params={"limit": 1, "from": floor})
        if not answer["results"]:
            return 0
        filters: dict[str, str | int] = {
            "indexUids": ",".join(await self._names()),
            "statuses": ENDED,
            "beforeEnqueuedAt": answer["results"][0]["enqueuedAt"],
        }
        found = await self._engine.call("GET", "/tasks", params=filters | {"limit": 1})
        if found["total"] < KEPT_TASKS:
            return 0
        await self._engine.call("DELETE", "/tasks", params=filters)
        return int(found["total"])

    async def _floor(self) -> int | None:
        """The uid of the newest task that no batch waits for; None if there is none."""
        floor: int | None = await self._pool.fetchval(
            "SELECT coalesce(min(b.after_task), max(g.last_task)) FROM generations g"
            " LEFT JOIN batches b ON b.generation_id = g.id WHERE g.vertical = $1",
            self._vertical.name,
        )
        return floor if floor is not None and floor >= 0 else None

    async def _names(self) -> list[str]:
        rows = await self._pool.fetch(
            "SELECT id FROM generations WHERE vertical = $1 ORDER BY id DESC LIMIT $2",
            self._vertical.name,
            NAMES,
        )
        return [self._vertical.index, *(f"{self._vertical.index}_g{row['id']}" for row in rows)]
