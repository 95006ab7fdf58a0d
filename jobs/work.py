"""One job from claim to end: the handler, its heartbeat, and what becomes of the row."""

import asyncio
import contextlib
import logging
import os
import socket
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import asyncpg

from catalog.database import DATABASE_ERRORS
from config.settings import Settings
from jobs import rows, sweep
from jobs.app import Bell
from jobs.forgetting import forget_searches
from jobs.handlers import Context, Stopped, TookTooLongError, TryLater, registered
from jobs.rows import Job, LeaseLost

logger = logging.getLogger(__name__)

STOP_SECONDS = 2.5
"""How long a handler may go on after it was asked to stop; then it is canceled."""

SWEEP_SECONDS = 5.0
TRIM_SECONDS = 60.0  # between two looks at all kept pages, when there was nothing to delete


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True)
class Crew:
    """Those who work in this process: they share a pool, a name on leases and a stop signal."""

    pool: asyncpg.Pool
    settings: Settings
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    owner: str = field(default_factory=_owner)

    async def drain(self) -> int:
        """Do the jobs that are due, one after the other, until none is left; how many."""
        done = 0
        while not self.stop.is_set():
            job = await rows.claim(self.pool, list(registered), self.owner)
            if job is None:
                break
            await self.perform(job)
            done += 1
        return done

    async def perform(self, job: Job) -> None:
        """Run the job's handler and write down how it ended."""
        context = Context(job, self.pool, self.settings, self.stop)
        logger.info("job %s (%s %s) starts, attempt %s", job.id, job.kind, job.key, job.attempts)
        try:
            result = await self._supervise(context)
        except LeaseLost as lost:
            logger.warning("%s", lost)
        except (Stopped, asyncio.CancelledError):
            with contextlib.suppress(LeaseLost):
                await rows.hand_back(self.pool, job)
            logger.info("job %s goes back to the queue", job.id)
        except TookTooLongError as error:
            logger.error("job %s (%s %s): %s", job.id, job.kind, job.key, error)  # noqa: TRY400
            with contextlib.suppress(LeaseLost):
                await rows.refuse(self.pool, job, str(error))
        except Exception as error:  # whatever a handler raises ends its attempt, not the worker
            logger.exception("job %s (%s %s) failed", job.id, job.kind, job.key)
            wait = error.wait if isinstance(error, TryLater) else 0.0
            with contextlib.suppress(LeaseLost):
                await rows.fail(self.pool, job, f"{type(error).__name__}: {error}"[:2000], wait)
        else:
            with contextlib.suppress(LeaseLost):
                await rows.finish(self.pool, job, result)
            logger.info("job %s is done", job.id)

    async def _supervise(self, context: Context) -> dict[str, object]:
        """The handler's result; what ends first of handler, lease and stop decides."""
        kind = registered[context.job.kind]
        run = asyncio.ensure_future(kind.run(context.job, context))
        lease = asyncio.create_task(self._keep_lease(context))
        stop = asyncio.create_task(self._last_call())
        try:
            ended, _ = await asyncio.wait(
                {run, lease, stop}, timeout=kind.limit, return_when=asyncio.FIRST_COMPLETED
            )
            if run in ended:
                return run.result()
            if lease in ended:
                lease.result()
            if stop in ended:
                raise Stopped
            raise TookTooLongError(f"It took longer than {timedelta(seconds=kind.limit)}.")
        finally:
            for task in (run, lease, stop):
                task.cancel()
            await asyncio.wait({run, lease, stop}, timeout=1)

    async def _keep_lease(self, context: Context) -> None:
        """Beat until LeaseLost; a database that is away for a moment is asked again."""
        while True:
            await asyncio.sleep(rows.HEARTBEAT_SECONDS)
            try:
                await context.heartbeat()
            except DATABASE_ERRORS as error:
                logger.warning("no heartbeat for job %s: %s", context.job.id, error)

    async def _last_call(self) -> None:
        await self.stop.wait()
        await asyncio.sleep(STOP_SECONDS)

    async def sweep_forever(self, bell: Bell) -> None:
        """Every few seconds look for what nobody rang for, and ring."""
        trim_at = 0.0
        while not self.stop.is_set():
            try:
                await sweep.schedule(self.pool)
                await sweep.bury(self.pool)
                await sweep.close_runs(self.pool)
                await sweep.forget(self.pool)
                await forget_searches(self.pool)
                if monotonic() >= trim_at:
                    days, megabytes = self.settings.pages_days, self.settings.pages_mb
                    trimmed = await sweep.trim_pages(self.pool, days, megabytes)
                    trim_at = monotonic() + (0 if trimmed else TRIM_SECONDS)
                if await sweep.waiting(self.pool, list(registered)):
                    await asyncio.to_thread(bell.ring)
            except DATABASE_ERRORS as error:
                logger.warning("the sweep is put off, the database is away: %s", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self.stop.wait()
