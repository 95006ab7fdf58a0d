"""Rates that processes share: so many turns a second, whoever takes them.

The generic cell rate algorithm (ITU-T I.371) in one script on Valkey: one number a key, the moment
at which everything taken so far would have been due. While Valkey is away each process counts for
itself, so a rate then holds for each process and not for all of them together.
"""

import asyncio
import logging
from math import ceil
from time import monotonic
from typing import NamedTuple

from cachetools import LRUCache
from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1.0  # for one answer of Valkey
AWAY_SECONDS = 1.0  # after a failure Valkey is not asked for so long
MOST_KEYS = 100_000  # that one process counts for itself

# Whole microseconds, so that nothing is lost in rounding. KEYS: the key. ARGV: interval, burst, n,
# patience. The key ends when it would no longer make a difference.
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local after = due + tonumber(ARGV[3]) * interval
local wait = math.max(0, after - burst * interval - now)
local granted = wait <= tonumber(ARGV[4])
if granted then
    due = after
    redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
end
return {granted and 1 or 0, wait, math.max(0, math.floor(burst - (due - now) / interval))}
"""


class Turn(NamedTuple):
    """What was decided.

    `wait` is in seconds: if granted, how long to wait before the turn is used; if refused, after
    how long it could be had. `left` is how many more could be had at once.
    """

    granted: bool
    wait: float
    left: int


class Rates:
    """Rates on a Valkey, or in this process alone where there is none (None) or it is away."""

    def __init__(self, valkey: Redis | None) -> None:
        self._valkey = valkey
        self._script = valkey.register_script(SCRIPT) if valkey else None
        self._away_until = 0.0
        self._due: LRUCache[str, int] = LRUCache(MOST_KEYS)

    async def take(
        self, key: str, rate: float, burst: int = 1, n: int = 1, patience: float = 0.0
    ) -> Turn:
        """Take `n` turns of `rate` a second, of which `burst` may be taken at once.

        Refused, with nothing taken, where they come only after more than `patience` seconds.
        Raises ValueError for a rate that is not positive, and for more turns than a burst holds.
        """
        if rate <= 0 or not 1 <= n <= burst:
            raise ValueError(f"{n} turns at {rate} a second in bursts of {burst} cannot be taken.")
        asked = (ceil(1e6 / rate), burst, n, ceil(patience * 1e6))
        if self._script is None or monotonic() < self._away_until:
            return self._take_here(key, *asked)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                granted, wait, left = await self._script([f"showroom:rate:{key}"], asked)
        except (RedisError, OSError) as error:
            logger.warning("rates are counted by each process, Valkey is away: %s", error)
            self._away_until = monotonic() + AWAY_SECONDS
            return self._take_here(key, *asked)
        return Turn(bool(granted), wait / 1e6, left)

    def _take_here(self, key: str, interval: int, burst: int, n: int, patience: int) -> Turn:
        """The script, on the clock and the numbers of this process."""
        now = int(monotonic() * 1e6)
        due = max(self._due.get(key, 0), now)
        after = due + n * interval
        wait = max(0, after - burst * interval - now)
        if granted := wait <= patience:
            self._due[key] = due = after
        return Turn(granted, wait / 1e6, max(0, int(burst - (due - now) / interval)))
