"""Who does which kind of job, and what a handler is given."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import asyncpg

from config.settings import Settings
from jobs import rows
from jobs.rows import Job


class Stopped(Exception):  # noqa: N818 -- no error: the worker was asked to end
    """The worker is ending; the job goes back to the queue and no attempt is counted."""


class TookTooLongError(Exception):
    """The attempt was ended at its kind's limit."""


class TryLater(Exception):  # noqa: N818 -- what is asked of the worker
    """The attempt failed, and the next is not to come before `wait` seconds have passed."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Context:
    """What a handler works with.

    The lease is kept by the worker; a handler only says how far it is (`progress`, published at
    the next heartbeat) and calls `check` between its steps.
    """

    job: Job
    pool: asyncpg.Pool
    settings: Settings
    stop: asyncio.Event
    progress: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise Stopped if the worker is ending: call it where stopping is safe."""
        if self.stop.is_set():
            raise Stopped

    async def heartbeat(self) -> None:
        """Publish the progress now; raises LeaseLost."""
        await rows.heartbeat(self.pool, self.job, self.progress or None)


Handler = Callable[[Job, Context], Awaitable[dict[str, Any]]]

HOUR = 3600.0


class Kind(NamedTuple):
    """How a kind of job is done, and how many seconds one attempt may take."""

    run: Handler
    limit: float


registered: dict[str, Kind] = {}


def handler(kind: str, limit: float = HOUR) -> Callable[[Handler], Handler]:
    """Register `async def run(job, context) -> dict` for a kind of job; ValueError for a second.

    An attempt that takes longer than `limit` seconds is ended, and the job with it.
    """

    def register(run: Handler) -> Handler:
        if registered.setdefault(kind, Kind(run, limit)).run is not run:
            raise ValueError(f"There are two handlers for jobs of kind {kind}.")
        return run

    return register
