"""Visitors that can be told apart for a day, and whom nobody can recognise on another.

A visitor is a keyed hash of address and agent. The key is random, made anew each day (UTC), shared
by all workers through Valkey, and gone from there an hour after its day.
"""

import asyncio
import secrets
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import NoReturn

from redis.asyncio import Redis
from redis.exceptions import RedisError

LOOK_SECONDS = 10.0
PATIENCE_SECONDS = 1.0
SALT_BYTES = 32
KEPT = timedelta(hours=1)
"""How long after its day the salt is kept, for clocks that differ."""


def key(day: date) -> str:
    return f"showroom:salt:{day.isoformat()}"


class Visitors:
    """Until `keep` has today's shared salt, and while Valkey is away, a process uses its own."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._salt = b""
        self._shared: date | None = None  # the day whose shared salt this is

    def of(self, address: str, agent: str) -> int:
        """A number (64 bits, signed) that is the same for this address and agent all day."""
        self._begin(datetime.now(UTC).date())
        told = f"{address}\n{agent}".encode(errors="replace")
        return int.from_bytes(blake2b(told, digest_size=8, key=self._salt).digest(), signed=True)

    async def keep(self, valkey: Redis) -> NoReturn:
        """Have the salt of all workers, for ever."""
        while True:
            await self.share(valkey)
            await asyncio.sleep(LOOK_SECONDS)

    async def share(self, valkey: Redis) -> None:
        """Take on the salt that Valkey has for today, made now if there is none."""
        today = datetime.now(UTC).date()
        if self._shared == today:
            return
        ends = datetime.combine(today, time(), UTC) + timedelta(days=1) + KEPT
        fresh = secrets.token_bytes(SALT_BYTES)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await valkey.set(key(today), fresh, nx=True, exat=ends)
                salt = await valkey.get(key(today))
        except (RedisError, OSError):
            return
        if isinstance(salt, bytes):
            self._day, self._salt, self._shared = today, salt, today

    def _begin(self, today: date) -> None:
        """Forget the salt of another day."""
        if self._day != today:
            self._day, self._salt = today, secrets.token_bytes(SALT_BYTES)
