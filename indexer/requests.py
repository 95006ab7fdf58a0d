"""What people ask of the indexer: jobs whose key is the vertical's name."""

import os
import socket
import time
from contextlib import suppress
from typing import Any

import asyncpg

from jobs import rows
from jobs.sync_reports import REPAIR, VERIFY

REINDEX, ROLLBACK, CANCEL, SETTINGS = "reindex", "rollback", "cancel", "settings"
KINDS = [CANCEL, ROLLBACK, REINDEX, SETTINGS, VERIFY, REPAIR]
ALLOW_FEWER = {"allow_fewer": True}
"""Of a reindex: the index may lose most of its documents."""

LOOK_SECONDS = 0.5


def is_unasked(job: rows.Job) -> bool:
    """Whether the indexer asked for it by itself: then it says why."""
    return "reason" in job.args


async def allows_fewer(pool: asyncpg.Pool, generation: int) -> bool:
    """Whether a person who asked for this one said so; it holds for the first one of a job.

    Another attempt comes minutes later, and meets a table that the person did not see.
    """
    said = (
        "SELECT EXISTS (SELECT FROM generations g JOIN jobs j ON j.id = g.job_id"
        " WHERE g.id = $1 AND j.args @> $2 AND NOT EXISTS ("
        "SELECT FROM generations WHERE job_id = g.job_id AND id < g.id))"
    )
    return bool(await pool.fetchval(said, generation, ALLOW_FEWER))


class Requests:
    """The jobs that this process has claimed, by vertical and kind."""

    def __init__(self, pool: asyncpg.Pool, verticals: list[str]) -> None:
        self._pool = pool
        self._verticals = verticals
        self._owner = f"indexer {socket.gethostname()}:{os.getpid()}"
        self._held: dict[tuple[str, str], rows.Job] = {}
        self._look_after = 0.0
        self._beat_after = 0.0

    async def inherit(self) -> None:
        """Free the jobs of the writer before, which is gone: nobody need wait for their leases."""
        await self._pool.execute(
            "UPDATE jobs SET lease_until = now() WHERE kind = ANY ($1::text[])"
            " AND state = 'running'",
            KINDS,
        )

    async def take(self, vertical: str) -> dict[str, rows.Job]:
        """The jobs in hand for a vertical, by kind; looks for new ones twice a second.

        It keeps the leases of all, also of those whose turn has not come.
        """
        if time.monotonic() >= self._beat_after:
            self._beat_after = time.monotonic() + rows.HEARTBEAT_SECONDS
            for held in list(self._held.values()):
                await self.report(held)
        if time.monotonic() >= self._look_after:
            self._look_after = time.monotonic() + LOOK_SECONDS
            while job := await rows.claim(self._pool, KINDS, self._owner):
                await self._keep(job)
        return {kind: job for (name, kind), job in self._held.items() if name == vertical}

    async def report(self, job: rows.Job, progress: dict[str, Any] | None = None) -> None:
        try:
            await rows.heartbeat(self._pool, job, progress)
        except rows.LeaseLost:
            self.forget(job)

    async def finish(self, job: rows.Job, result: dict[str, Any]) -> None:
        self.forget(job)
        with suppress(rows.LeaseLost):  # the next claim of it looks at the generation again
            await rows.finish(self._pool, job, result)

    async def fail(self, job: rows.Job, error: str) -> None:
        """The attempt failed; the job is tried again later."""
        self.forget(job)
        with suppress(rows.LeaseLost):
            await rows.fail(self._pool, job, error)

    async def refuse(self, job: rows.Job, error: str) -> None:
        """It cannot be done, now or later."""
        self.forget(job)
        with suppress(rows.LeaseLost):
            await rows.refuse(self._pool, job, error)

    def forget(self, job: rows.Job) -> None:
        """Somebody else has ended it, or will."""
        self._held.pop((job.key, job.kind), None)

    async def hand_back(self) -> None:
        """Let the next process have them at once."""
        while self._held:
            _, job = self._held.popitem()
            with suppress(rows.LeaseLost):
                await rows.hand_back(self._pool, job)

    async def _keep(self, job: rows.Job) -> None:
        if job.key in self._verticals:
            self._held[job.key, job.kind] = job
        else:
            known = ", ".join(self._verticals)
            await rows.refuse(
                self._pool, job, f"There is no vertical {job.key}; there is: {known}."
            )
