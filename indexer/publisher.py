"""Tells readers the version of the live index, beside the work: Valkey may be away."""

import asyncio

import asyncpg
from redis.asyncio import Redis

from engine import version

REPEAT_SECONDS = 5.0
"""Valkey may have lost everything: what was published is said again."""


class Publisher:
    """Publishes versions by vertical; `raised` never waits."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey
        self._versions: dict[str, int] = {}
        self._news = asyncio.Event()

    def raised(self, vertical: str, number: int | None) -> None:
        if number is not None and number > self._versions.get(vertical, -1):
            self._versions[vertical] = number
            self._news.set()

    async def run(self, pool: asyncpg.Pool) -> None:
        """Publish what is raised, at once and every five seconds again; ends when canceled."""
        for row in await pool.fetch("SELECT vertical, version FROM writers"):
            self.raised(row["vertical"], row["version"])
        while True:
            self._news.clear()
            for vertical, number in list(self._versions.items()):
                await version.publish(self._valkey, vertical, number)
            try:
                async with asyncio.timeout(REPEAT_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                continue
