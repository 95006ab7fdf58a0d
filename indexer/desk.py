"""The desk of one vertical: takes what people ask for, says how far it is and how it ended.

Nothing here calls the search server: a reindex can be canceled while that is away.
"""

import time

from catalog.sync import COMING
from indexer import generations
from indexer.generations import Generation
from indexer.lease import Lease
from indexer.progress import Progress
from indexer.reindex import Reindex
from indexer.requests import CANCEL, REINDEX, ROLLBACK, Requests, is_unasked
from indexer.settings import Wanted
from jobs import rows

PROGRESS_SECONDS = 1.0
CANCELED = "Canceled by request."


class Desk:
    """Serves one vertical's requests, a step at a time."""

    def __init__(
        self, lease: Lease, vertical: str, requests: Requests, reindex: Reindex, wanted: Wanted
    ) -> None:
        self.trouble: str | None = None  # what keeps the writer from working, for who waits
        self._lease = lease
        self._vertical = vertical
        self._requests = requests
        self._reindex = reindex
        self._wanted = wanted
        self._progress = Progress(lease.pool)
        self._watched: int | None = None
        self._report_after = 0.0

    async def step(self, followed: list[Generation]) -> bool:
        """Do what the jobs in hand ask for; whether that changed a generation."""
        jobs = await self._requests.take(self._vertical)
        coming = next((each for each in followed if each.state in COMING), None)
        if CANCEL in jobs:
            await self._cancel(jobs[CANCEL], jobs, coming)
            return True
        if coming is not None:
            self._watched = coming.id
            await self._serve_while(coming, jobs)
            return False
        watched, self._watched = self._watched, None
        if ROLLBACK in jobs:
            return await self._go_back_or_end(jobs[ROLLBACK])
        return REINDEX in jobs and await self._begin_or_end(jobs[REINDEX], watched)

    async def _cancel(
        self, job: rows.Job, jobs: dict[str, rows.Job], coming: Generation | None
    ) -> None:
        """End what is under way, and the jobs that asked for it, in one transaction."""
        if coming is not None and coming.state == "swapping":
            await self._requests.refuse(
                job,
                f"Generation {coming.id} of {self._vertical} is being swapped in and cannot be"
                f" canceled any more; `showroom rollback {self._vertical}` goes back.",
            )
            return
        await self._reindex.stop()
        async with self._lease.transaction() as db:
            if coming is not None:
                await generations.cancel(db, coming)
            ended = await rows.cancel(db, [REINDEX, ROLLBACK], self._vertical, CANCELED)
            if coming is None and not ended:
                await rows.refuse(db, job, f"No reindex of {self._vertical} is under way.")
            else:
                await rows.finish(db, job, {"generation": coming.id if coming else None})
        for each in (job, *(jobs[kind] for kind in (REINDEX, ROLLBACK) if kind in jobs)):
            self._requests.forget(each)
        self._watched = None

    async def _serve_while(self, coming: Generation, jobs: dict[str, rows.Job]) -> None:
        """Tell who waits how far it is, once a second; a rollback meanwhile is told no."""
        rollback = jobs.get(ROLLBACK)
        if rollback is not None and coming.job_id != rollback.id:
            reason = await generations.none_to_go_back_to(self._lease.pool, self._vertical)
            await self._requests.refuse(rollback, str(reason))
        if time.monotonic() < self._report_after:
            return
        self._report_after = time.monotonic() + PROGRESS_SECONDS
        waits_for = self.trouble or self._reindex.waits_for
        progress = await self._progress.look(coming, waits_for)
        for kind in (REINDEX, ROLLBACK):
            if kind in jobs:
                await self._requests.report(jobs[kind], progress)

    async def _go_back_or_end(self, job: rows.Job) -> bool:
        back = await self._lease.pool.fetchrow(
            "SELECT id, state, error FROM generations WHERE job_id = $1", job.id
        )
        if back is not None and back["state"] == "live":
            await self._requests.finish(job, {"generation": back["id"]})
            return False
        if back is not None:
            await self._requests.refuse(job, back["error"] or "The generation is gone.")
            return False
        async with self._lease.transaction() as db:
            reason = await generations.none_to_go_back_to(db, self._vertical)
            if reason is None:
                return await generations.go_back(db, self._vertical, job.id)
        await self._requests.refuse(job, reason)
        return False

    async def _begin_or_end(self, job: rows.Job, watched: int | None) -> bool:
        """Begin a generation, or tell how it ended; one for settings of before is begun again.

        What nobody asked for has one attempt: the watch asks again after a pause that grows.
        """
        last = await self._lease.pool.fetchrow(
            "SELECT id, state, error, refused, documents, settings_digest = $2 AS of_today,"
            " extract(epoch FROM live_at - created_at)::float8 AS seconds"
            " FROM generations WHERE job_id = $1 ORDER BY id DESC LIMIT 1",
            job.id,
            self._wanted.digest,
        )
        unasked = is_unasked(job)
        if last is not None and last["state"] in ("live", "old", "dropped"):
            result = {name: last[name] for name in ("documents", "seconds")}
            await self._requests.finish(job, {"generation": last["id"], **result})
        elif last is not None and last["of_today"] and (unasked or last["id"] == watched):
            end = self._requests.refuse if unasked or last["refused"] else self._requests.fail
            await end(job, last["error"] or "The generation is gone.")
        else:
            await self._reindex.begin(job.id)
            return True
        return False
