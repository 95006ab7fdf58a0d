"""The answers that all workers share, in Valkey, for half a minute.

They are kept as they are: to compress one would take 0.13 ms, a tenth of what a search costs here.
"""

import asyncio
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("service")

SECONDS = 30
"""How long an answer is kept; its version is in its key, so that it is never outdated."""

PATIENCE_SECONDS = 0.05
"""A Valkey that takes longer is slower than asking the search server."""

GATHER_SECONDS = 0.02
"""Answers of this time go to Valkey together, which takes a third of the work that each alone
takes; and they go to who waits for them first.
"""

SAMPLE = 8
"""Of the questions that are new to a worker one in so many is looked for in any case."""

WORTH = 0.05
"""The part of them that others must have had: where it was less lately, to look for them takes
longer than to ask the search server for the few that others had.
"""

LATELY = 32  # questions that were looked for

MOST_AT_ONCE = 8
MOST_GATHERED = 64
MOST_BYTES = 512 * 1024


class Shared:
    """Answers by their key; what cannot be had or kept in time is done without."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey
        self._open = 0
        self._gathered: dict[str, bytes] = {}
        self._handing: asyncio.Task[None] | None = None
        self._had = 1.0  # the part of new questions that others had, lately

    async def find(self, name: str, key: bytes, *, new: bool) -> bytes | None:
        """The answer to the question `key`, as `get` gives it; `new` ones are looked for while that
        pays.
        """
        if not new:
            return await self.get(name)
        if self._had < WORTH and key[-1] % SAMPLE:
            return None
        found = await self.get(name)
        self._had += ((found is not None) - self._had) / LATELY
        return found

    async def get(self, key: str) -> bytes | None:
        """The answer under this key; None where there is none, or Valkey is away or busy."""
        if self._open >= MOST_AT_ONCE:
            return None
        self._open += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self._valkey.get(key)
            return found if isinstance(found, bytes) else None
        except (RedisError, OSError):
            return None
        finally:
            self._open -= 1

    def keep(self, key: str, body: bytes) -> None:
        """Have an answer kept, beside the work; what is too much at once or too large is not."""
        if len(self._gathered) >= MOST_GATHERED or len(body) > MOST_BYTES:
            return
        self._gathered[key] = body
        if self._handing is None:
            self._handing = asyncio.create_task(self._hand_over())

    async def _hand_over(self) -> None:
        try:
            while self._gathered:
                await asyncio.sleep(GATHER_SECONDS)
                answers, self._gathered = self._gathered, {}
                await self._put(answers)
        finally:
            self._handing = None

    async def _put(self, answers: dict[str, bytes]) -> None:
        asked = self._valkey.pipeline(transaction=False)
        for key, body in answers.items():
            asked.set(key, body, ex=SECONDS)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asked.execute()
        except (RedisError, OSError) as error:
            log.debug("%d answers were not shared: %s", len(answers), error)
