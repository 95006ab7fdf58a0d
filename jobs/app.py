"""The Huey application: it only wakes workers, what there is to do stands in the rows."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import asyncpg
import redis
from huey import RedisHuey

from jobs.requests import ask

logger = logging.getLogger(__name__)

NAME = "showroom"
MOST_WAKES = 16
"""More waking messages than this never wait: one is enough to drain all jobs that are due."""


def _only_in_workers() -> None:
    raise RuntimeError("Only a worker works: start python -m stack.worker.")


class Bell:
    """Wakes the workers that listen on a Valkey; `work` is what a worker does when it rings."""

    def __init__(self, redis_url: str, work: Callable[[], None] = _only_in_workers) -> None:
        pool = redis.ConnectionPool.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2)
        self.huey = RedisHuey(NAME, connection_pool=pool, results=False)
        self._task = self.huey.task(name="work")(work_task(work))

    def ring(self) -> bool:
        """Send one waking message; False (and a line in the log) when Valkey is away.

        Nothing is lost then: the workers' sweep finds the row.
        """
        try:
            if self.huey.pending_count() < MOST_WAKES:
                self._task()
        except redis.RedisError as error:
            logger.warning("workers are not woken, Valkey is away: %s", error)
            return False
        return True


def work_task(work: Callable[[], None]) -> Callable[[], None]:
    """`work` as a function of this module: Huey finds a task by its module and name."""

    def task() -> None:
        work()

    return task


async def request(
    pool: asyncpg.Pool, bell: Bell, kind: str, key: str, args: dict[str, Any] | None = None
) -> int:
    """Ask for a job and wake a worker for it; its id."""
    number = (await ask(pool, kind, key, args)).id
    await asyncio.to_thread(bell.ring)
    return number
