"""Requests for a reindex: jobs of kind `reindex` whose key is the vertical's name."""

import os
import socket
import time
from contextlib import suppress
from typing import Any

import asyncpg

from indexer.generations import COMING, Generation
from indexer.reindex import Reindex
from jobs import rows

KIND = "reindex"
LOOK_SECONDS = 1.0
PROGRESS_SECONDS = 1.0

_DONE = ("live", "old", "dropped")


class Requests:
    """The reindex jobs that this process has claimed, by vertical."""

    def __init__(self, pool: asyncpg.Pool, verticals: list[str]) -> None:
        self._pool = pool
        self._verticals = verticals
        self._owner = f"indexer {socket.gethostname()}:{os.getpid()}"
        self._held: dict[str, rows.Job] = {}
        self._look_after = 0.0

    async def inherit(self) -> None:
        """Free the jobs of the writer before, which is gone: nobody need wait for their leases."""
        await self._pool.execute(
            "UPDATE jobs SET lease_until = now() WHERE kind = $1 AND state = 'running'", KIND
        )

    async def take(self, vertical: str) -> rows.Job | None:
        """The job in hand for a vertical; looks for new ones every second."""
        if time.monotonic() >= self._look_after:
            self._look_after = time.monotonic() + LOOK_SECONDS
            job = await rows.claim(self._pool, [KIND], self._owner)
            if job is not None:
                await self._keep(job)
        return self._held.get(vertical)

    async def report(self, job: rows.Job, progress: dict[str, Any]) -> None:
        try:
            await rows.heartbeat(self._pool, job, progress)
        except rows.LeaseLost:
            self._held.pop(job.key, None)

    async def finish(self, job: rows.Job, result: dict[str, Any]) -> None:
        self._held.pop(job.key, None)
        with suppress(rows.LeaseLost):  # the next claim of it looks at the generation again
            await rows.finish(self._pool, job, result)

    async def fail(self, job: rows.Job, error: str) -> None:
        self._held.pop(job.key, None)
        with suppress(rows.LeaseLost):
            await rows.fail(self._pool, job, error)

    async def hand_back(self) -> None:
        """Let the next process have them at once."""
        while self._held:
            _, job = self._held.popitem()
            await rows.hand_back(self._pool, job)

    async def _keep(self, job: rows.Job) -> None:
        if job.key in self._verticals:
            self._held[job.key] = job
        else:
            known = ", ".join(self._verticals)
            await rows.fail(self._pool, job, f"There is no vertical {job.key}; there is: {known}.")


class Service:
    """Serves one vertical's requests: begins its generation, tells how far it is, how it ended."""

    def __init__(self, pool: asyncpg.Pool, requests: Requests, reindex: Reindex) -> None:
        self._pool = pool
        self._requests = requests
        self._reindex = reindex
        self._watched: int | None = None
        self._report_after = 0.0

    async def step(self, vertical: str, followed: list[Generation]) -> bool:
        """Do what the job in hand asks for; whether that changed a generation."""
        job = await self._requests.take(vertical)
        coming = next((each for each in followed if each.state in COMING), None)
        if coming is not None:
            self._watched = coming.id
            if job is not None:
                await self._tell(job, coming)
            return False
        watched, self._watched = self._watched, None
        return job is not None and await self._begin_or_end(job, watched)

    async def _begin_or_end(self, job: rows.Job, watched: int | None) -> bool:
        last = await self._pool.fetchrow(
            "SELECT id, index_uid, state, error, documents,"
            " extract(epoch FROM live_at - created_at)::float8 AS seconds"
            " FROM generations WHERE job_id = $1 ORDER BY id DESC LIMIT 1",
            job.id,
        )
        if last is not None and last["state"] in _DONE:
            result = {name: last[name] for name in ("documents", "seconds")}
            await self._requests.finish(job, {"generation": last["id"], **result})
        elif last is not None and last["id"] == watched:
            await self._requests.fail(job, last["error"] or "The generation is gone.")
        else:
            await self._reindex.begin(job.id)
            return True
        return False

    async def _tell(self, job: rows.Job, coming: Generation) -> None:
        """Publish the progress, at most once a second."""
        if time.monotonic() < self._report_after:
            return
        self._report_after = time.monotonic() + PROGRESS_SECONDS
        on_their_way = await self._pool.fetchval(
            "SELECT coalesce(sum(cardinality(documents)), 0)::bigint FROM batches"
            " WHERE generation_id = $1 AND state = 'open'",
            coming.id,
        )
        await self._requests.report(
            job,
            {
                "generation": coming.id,
                "state": coming.state,
                "documents": max(0, coming.documents - on_their_way),
                "total": coming.total,
            },
        )
