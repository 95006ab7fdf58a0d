"""The robots.txt of sites as they were read last, kept for all workers, for minutes."""

import asyncio
import zlib
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from jobs.rate import TIMEOUT_SECONDS

AGE = 300.0  # seconds; RFC 9309 allows a day
AGE_UNKNOWN = 60.0  # seconds in which a site without an answer is not asked again

Read = tuple[int | None, bytes]  # status and body; None where there was no answer, and why


async def find(valkey: Redis | None, home: str) -> Read | None:
    """What a site answered within the age; None when that is not known."""
    if valkey is None:
        return None
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            kept = await valkey.get(_key(home))
    except (RedisError, OSError):
        return None
    if not isinstance(kept, bytes):
        return None
    status, _, body = zlib.decompress(kept).partition(b"\n")
    return (int(status) if status else None), body


async def keep(valkey: Redis | None, home: str, status: int | None, body: bytes) -> None:
    """Let the other workers know what a site answered."""
    if valkey is None:
        return
    age = AGE if status and status < 500 else AGE_UNKNOWN
    kept = zlib.compress(b"%s\n%s" % (str(status or "").encode(), body), 1)
    with suppress(RedisError, OSError):  # then each worker asks for itself
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await valkey.set(_key(home), kept, px=round(age * 1000))


def _key(home: str) -> str:
    return f"showroom:robots:{home}"
