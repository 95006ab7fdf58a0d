"""The version of an index: a number that grows whenever what it answers may have changed.

The truth is the row in `writers`; Valkey has a copy for readers that do not ask Postgres. A reader
that keeps answers keeps them under this number, and keeps none while it cannot read it.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

TIMEOUT_SECONDS = 1.0


def key(vertical: str) -> str:
    return f"showroom:version:{vertical}"


def connect(redis_url: str) -> Redis:
    """A client for `publish` and `read`, which end within a second.

    It has no limit of its own: before Python 3.12 the one of `redis` may swallow a cancellation.
    """
    client: Redis = Redis.from_url(redis_url, socket_timeout=None)
    return client


async def bump(db: Any, vertical: str) -> int:
    """Count one change of the live index, in the caller's transaction; the new number.

    It follows the clock (milliseconds): a database that is put back to an earlier state must not
    give numbers again under which readers keep other answers.
    """
    number = await db.fetchval(
        "UPDATE writers SET version = greatest(version + 1,"
        " (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
        " WHERE vertical = $1 RETURNING version",
        vertical,
    )
    return int(number)


async def publish(valkey: Redis, vertical: str, number: int) -> bool:
    """Tell readers; False when Valkey cannot be reached."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await valkey.set(key(vertical), number)
    except (RedisError, OSError):
        return False
    return True


async def read(valkey: Redis, vertical: str) -> int | None:
    """The published version; None when there is none or Valkey cannot be reached."""
    return (await read_all(valkey, [vertical]))[vertical]


async def read_all(
    valkey: Redis, verticals: Sequence[str], seconds: float = TIMEOUT_SECONDS
) -> dict[str, int | None]:
    """The published version of each, as `read` gives it, within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            numbers = await valkey.mget([key(vertical) for vertical in verticals])
        return {
            vertical: int(number) if number is not None else None
            for vertical, number in zip(verticals, numbers, strict=True)
        }
    except (RedisError, OSError, ValueError):  # ValueError: what is there is no number
        return dict.fromkeys(verticals)
