"""Who may ask a site now: a pace, a number at once and pauses, shared by all workers.

A request holds a place of its site from before it is sent until it was answered, and with a rate
for a while after: of `2/s` there are two places, each free again one second after the answer. So
a site never sees more than two in any second, however late a request got on its way. The places
stand in Valkey and end by themselves when a worker dies.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from jobs.rate import AWAY_SECONDS, TIMEOUT_SECONDS, Rates
from scrapers.fetching.here import HERE, Here

logger = logging.getLogger(__name__)

LONGEST_WAIT = 120.0  # seconds; for a site that asks for more nobody here waits
LEASE = 40.0  # seconds after which the place of a worker that died is free again
RENEWED = 10.0  # seconds after which a request that is under way renews its place
POLL = 0.05  # seconds until a full site is looked at again


class PausedError(Exception):
    """The site is to be left alone for longer than anybody waits: for `seconds` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class NoRateError(Exception):
    """Valkey is away, and without it a rate that workers share cannot be kept."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a site may be asked: `at_once` requests under way, and where there is a rate
    `count` in any `seconds`, `interval` seconds apart.
    """

    at_once: int
    count: int = 0
    seconds: float = 0.0
    interval: float = 0.0


def pace(at_once: int, rate: float | None, delay: float = 0.0) -> Pace:
    """The pace of `rate` requests a second (None: no limit of ours) that also keeps a site's own
    `delay` in seconds between two requests.
    """
    interval = 1 / rate if rate else 0.0
    if delay:
        interval = max(interval, delay)
        return Pace(at_once, 1, interval, interval)
    if not rate:
        return Pace(at_once)
    count = max(1, int(rate))
    return Pace(at_once, count, count * interval, interval)


# KEYS: places of requests under way, places that are free later, the pause, the birth of all this.
# ARGV: the request, at_once, lease, count, seconds, poll (times in microseconds). Answers what is
# to be waited, negative where it is a pause. Data that was lost may have held everybody's last
# requests, so a rate begins one time of its places after the birth. Who asks again because the
# answer was lost does not stand in its own way.
ENTER = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local count, seconds = tonumber(ARGV[4]), tonumber(ARGV[5])
local paused = redis.call('PTTL', KEYS[3])
if paused > 0 then return -paused * 1000 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('SET', KEYS[4], string.format('%.0f', now), 'NX')
local held = redis.call('ZCARD', KEYS[1])
if held >= tonumber(ARGV[2]) then return tonumber(ARGV[6]) end
if count > 0 then
    local young = tonumber(redis.call('GET', KEYS[4])) + seconds - now
    if young > 0 then return young end
    if held + redis.call('ZCARD', KEYS[2]) >= count then
        local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
        return first and math.max(tonumber(first) - now, 1) or tonumber(ARGV[6])
    end
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[3])), ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[3]) / 1000))
return 0
"""
# KEYS: as above, the first. ARGV: the request, lease. A place that ended is not taken again.
RENEW = """
local time = redis.call('TIME')
local ends = time[1] * 1000000 + time[2] + tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', ends), ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2]) / 1000))
"""
# KEYS: as above, the first two. ARGV: the request, seconds.
LEAVE = """
redis.call('ZREM', KEYS[1], ARGV[1])
if tonumber(ARGV[2]) > 0 then
    local time = redis.call('TIME')
    local free = time[1] * 1000000 + time[2] + tonumber(ARGV[2])
    redis.call('ZADD', KEYS[2], string.format('%.0f', free), ARGV[1])
    redis.call('PEXPIRE', KEYS[2], math.ceil(tonumber(ARGV[2]) / 1000))
end
"""
# KEYS: as above, the third. ARGV: the pause. One that lasts longer already stays.
PAUSE = """
local left = math.max(1, redis.call('PTTL', KEYS[1]), math.ceil(tonumber(ARGV[1]) / 1000))
redis.call('SET', KEYS[1], 1, 'PX', left)
"""


class Turns:
    """Turns at sites, on a Valkey, or in this process alone where there is none (None)."""

    def __init__(self, valkey: Redis | None, here: Here = HERE) -> None:
        self._valkey, self._here = valkey, here
        self._rates = Rates(valkey)
        self._away_until = 0.0
        self._queues: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        if valkey:
            self._enter = valkey.register_script(ENTER)
            self._renew = valkey.register_script(RENEW)
            self._leave = valkey.register_script(LEAVE)
            self._pause = valkey.register_script(PAUSE)

    @asynccontextmanager
    async def turn(self, host: str, pace: Pace) -> AsyncIterator[None]:
        """Hold a place at a site; waits for it.

        Raises PausedError as soon as the wait is too long, NoRateError.
        """
        request = uuid4().hex
        async with self._queues[host]:  # first come, first served; one of us asks at a time
            await self._space(host, pace)
            await self._take(host, pace, request)
        holding = asyncio.create_task(self._hold(host, request))
        try:
            yield
        finally:
            holding.cancel()
            await self._give_back(host, pace, request)

    async def pause(self, host: str, seconds: float) -> None:
        """Let nobody ask a site for so long: what `Retry-After` asks of everyone.

        Raises PausedError where that is longer than anybody waits.
        """
        self._here.pause(host, seconds)
        if self._valkey:
            with suppress(RedisError, OSError):  # then this process at least knows of it
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await self._pause(_keys(host)[2:3], (_micro(seconds),))
        if seconds > LONGEST_WAIT:
            raise PausedError(seconds)

    async def _space(self, host: str, pace: Pace) -> None:
        """Wait until the request before is `interval` seconds ago, so that there are no bursts."""
        while pace.interval:
            turn = await self._rates.take(f"site:{host}", 1 / pace.interval)
            if turn.granted:
                return
            await asyncio.sleep(turn.wait)

    async def _take(self, host: str, pace: Pace, request: str) -> None:
        away_since: float | None = None
        while True:
            if (left := self._here.paused(host)) > 0:
                wait = -left
            elif (shared := await self._ask_valkey(host, pace, request)) is not None:
                wait, away_since = shared, None
            elif self._valkey and pace.count:
                away_since = away_since or monotonic()
                if monotonic() - away_since > LONGEST_WAIT:
                    raise NoRateError
                wait = TIMEOUT_SECONDS
            else:
                wait = self._here.enter(host, pace.at_once, pace.count, request)
            if wait == 0:
                return
            if -wait > LONGEST_WAIT:
                raise PausedError(-wait)
            await asyncio.sleep(abs(wait))

    async def _ask_valkey(self, host: str, pace: Pace, request: str) -> float | None:
        """What is to be waited, in seconds, negative for a pause; None while Valkey is away."""
        if self._valkey is None or monotonic() < self._away_until:
            return None
        asked = (request, pace.at_once, _micro(LEASE), pace.count, _micro(pace.seconds))
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                wait = await self._enter(_keys(host), (*asked, _micro(POLL)))
        except (RedisError, OSError) as error:
            logger.warning("turns at %s are not shared, Valkey is away: %s", host, error)
            self._away_until = monotonic() + AWAY_SECONDS
            return None
        return float(wait) / 1e6

    async def _hold(self, host: str, request: str) -> None:
        """Renew a place until canceled: a large file takes longer than a lease."""
        while self._valkey:
            await asyncio.sleep(RENEWED)
            with suppress(RedisError, OSError):  # the next time is before the lease ends
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await self._renew(_keys(host)[:1], (request, _micro(LEASE)))

    async def _give_back(self, host: str, pace: Pace, request: str) -> None:
        self._here.leave(host, pace.seconds, request)
        if self._valkey and monotonic() >= self._away_until:
            with suppress(RedisError, OSError):  # the place ends by itself
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await self._leave(_keys(host)[:2], (request, _micro(pace.seconds)))


def _keys(host: str) -> list[str]:
    names = ("under-way", "recent", "pause")
    return [*(f"showroom:site:{host}:{name}" for name in names), "showroom:site:born"]


def _micro(seconds: float) -> int:
    return round(seconds * 1e6)
