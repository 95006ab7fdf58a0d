"""How often one client may ask, counted by all workers together, while no request waits for it.

A request is let in at once and counted; what a client had is paid from its rate in Valkey soon
after, many requests at a time. A client that cannot pay is refused until it could. So what it can
have too much is what it asks in one worker until a payment, and never more than one burst.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from cachetools import LRUCache

from engine.version import connect
from jobs.rate import Rates

log = logging.getLogger("service")

PAY_SECONDS = 0.05
"""From the first request that is not paid until it is."""

BURST_SECONDS = 5
"""So many seconds' worth of requests may come at once."""

MOST_CLIENTS = 50_000
"""That one worker remembers; who comes back after that many others begins anew."""


class Standing(NamedTuple):
    """Whether a request is let in, how many more could come at once, seconds until one could."""

    admitted: bool
    left: int
    wait: float


@dataclass(slots=True)
class Account:
    """What a client had and has not paid; times are on the loop's clock."""

    left: float  # when it last paid
    paid_at: float
    owed: int = 0
    refused_until: float = 0.0
    paying: bool = False


class Limiter:
    """Lets each client have `rate` requests a second; `refused` is how many were too many."""

    def __init__(self, rates: Rates, rate: float) -> None:
        self.burst = max(1, ceil(rate * BURST_SECONDS))
        self.refused = 0
        self._rates = rates
        self._rate = rate
        self._accounts: LRUCache[str, Account] = LRUCache(MOST_CLIENTS)
        self._payments: set[asyncio.Task[None]] = set()

    @property
    def policy(self) -> str:
        """The limit as the `RateLimit-Policy` header tells it."""
        return f'"client";q={self.burst};w={BURST_SECONDS}'

    def admit(self, client: str, n: int = 1) -> Standing:
        """Count a request of a client, or `n` at once; call it in a running loop."""
        now = asyncio.get_running_loop().time()
        account = self._accounts.get(client)
        if account is None:
            account = self._accounts[client] = Account(self.burst, now)
        if now < account.refused_until:
            self.refused += 1
            return Standing(False, 0, account.refused_until - now)
        if account.owed >= self.burst:  # Valkey takes its time
            self.refused += 1
            return Standing(False, 0, PAY_SECONDS)
        account.owed += n
        if not account.paying:
            account.paying = True
            task = asyncio.create_task(self._pay(client, account))
            self._payments.add(task)
            task.add_done_callback(self._payments.discard)
        left = min(self.burst, account.left + (now - account.paid_at) * self._rate)
        return Standing(True, max(0, int(left) - account.owed), 0.0)

    async def close(self) -> None:
        """Pay no more."""
        for task in self._payments:
            task.cancel()
        await asyncio.gather(*self._payments, return_exceptions=True)

    async def _pay(self, client: str, account: Account) -> None:
        """Take what is owed from the client's rate, again and again until nothing is."""
        key = f"api:{hashlib.blake2b(client.encode(), digest_size=12).hexdigest()}"
        loop = asyncio.get_running_loop()
        try:
            await asyncio.sleep(PAY_SECONDS)
            while account.owed:
                n = min(account.owed, self.burst)
                turn = await self._rates.take(key, self._rate, self.burst, n)
                account.left, account.paid_at = turn.left, loop.time()
                if turn.granted:
                    account.owed -= n
                    continue
                account.refused_until = loop.time() + turn.wait
                await asyncio.sleep(turn.wait)
        except Exception:
            log.exception("A client's requests could not be counted; they are free.")
            account.owed = 0
        finally:
            account.paying = False


@asynccontextmanager
async def open_limiter(redis_url: str | None, rate: float) -> AsyncIterator[Limiter | None]:
    """A worker's limiter; none where `rate` is 0. Without Valkey each worker counts for itself."""
    if not rate:
        yield None
        return
    valkey = connect(redis_url) if redis_url else None
    limiter = Limiter(Rates(valkey), rate)
    try:
        yield limiter
    finally:
        await limiter.close()
        if valkey:
            await valkey.aclose()
