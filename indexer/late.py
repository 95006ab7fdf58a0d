"""Requests whose answer was lost, and that were given up: they may still arrive, for an hour.

One that does is a newer task than all that were there when it was looked for last: what was looked
through once is not looked through again.
"""

import logging
import time
from dataclasses import replace

from catalog.vertical import Vertical
from engine.client import Engine
from indexer import batches, generations, rewound, tasks
from indexer.batches import Batch
from indexer.generations import Generation
from indexer.lease import Lease

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Late:
    """Looks every second whether a batch of one vertical that was given up has arrived."""

    def __init__(self, lease: Lease, engine: Engine, sending: Engine, vertical: Vertical) -> None:
        self._lease = lease
        self._engine = engine
        self._sending = sending
        self._vertical = vertical
        self._look_after = 0.0

    async def step(self, followed: list[Generation]) -> None:
        """Look, if it is time; what a late one did is mended. Raises Rewound."""
        if time.monotonic() < self._look_after:
            return
        self._look_after = time.monotonic() + LOOK_SECONDS
        pool = self._lease.pool
        awaited = await generations.awaited(pool, self._vertical.name)
        given_up = await batches.in_flight(pool, awaited, "given_up")
        if given_up:
            await self._look(given_up, followed)

    async def _look(self, given_up: list[Batch], followed: list[Generation]) -> None:
        newest = await tasks.newest(self._sending)
        if newest is not None and newest["uid"] > min(batch.after_task for batch in given_up):
            found = await tasks.search(self._sending, given_up)
            if found:
                await rewound.look(self._lease, self._engine, followed)
            for batch in given_up:
                task = found.get(batch.id)
                if task is not None:
                    log.info("Batch %d arrived late; its documents are sent again.", batch.id)
                    late = replace(batch, task_uid=task["uid"], task_at=task["enqueuedAt"])
                    await batches.came_late(self._lease, late)
            absent = [batch for batch in given_up if batch.id not in found]
            await batches.not_up_to(self._lease, absent, newest["uid"])
        await batches.forget_old(self._lease)
