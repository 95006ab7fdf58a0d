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

LATER_SECONDS = 0.005
"""An answer goes first to who waits for it: handing it to Valkey is work, too."""

SAMPLE = 8
"""Of the questions that are new to a worker one in so many is looked for in any case."""

WORTH = 0.05
"""The part of them that others must have had: where it was less lately, to look for them takes
longer than to ask the search server for the few that others had.
"""

LATELY = 32  # questions that were looked for

MOST_AT_ONCE = 8
MOST_BYTES = 512 * 1024


class Shared:
    """Answers by their key; what cannot be had or kept in time is done without."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey
        self._open = 0
        self._keeping: set[asyncio.Task[None]] = set()
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
        if len(self._keeping) >= MOST_AT_ONCE or len(body) > MOST_BYTES:
            return
        task = asyncio.create_task(self._keep(key, body))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _keep(self, key: str, body: bytes) -> None:
        await asyncio.sleep(LATER_SECONDS)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._valkey.set(key, body, ex=SECONDS)
        except (RedisError, OSError) as error:
            log.debug("An answer was not shared: %s", error)
