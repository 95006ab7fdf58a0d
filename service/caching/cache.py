"""Answers kept as long as their index stays as it is.

A fresh answer is one that was asked for at the index's version of now. While the version is not
known there is none: equal questions still share one call. An outdated answer stands in, marked,
when the search server is slow or away.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from math import inf

from engine.client import EngineAway, EngineError
from engine.version import connect
from service.answering.asking import in_time
from service.background import meanwhile
from service.caching.flights import Flight, Flights
from service.caching.memory import Kept, Memory, etag_of
from service.caching.shared import Shared
from service.caching.versions import Versions

log = logging.getLogger("service")

SLOW_SECONDS = 0.5
"""A call that takes longer goes on, and who has an outdated answer gets that."""

STALE_SECONDS = 600.0
"""The oldest answer that still stands in."""

JOIN_SECONDS = 0.1
"""While the version is not known: how long a call may have been under way to be joined."""

HIT = "showroom; hit"
SHARED = "showroom; hit; detail=shared"
MISSED = "showroom; fwd=miss; stored"
JOINED = "showroom; fwd=miss; collapsed"
NOT_KEPT = "showroom; fwd=bypass"
STALE = "showroom; hit; ttl=-{seconds}"

Make = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and where it came from in the words of RFC 9211 (`Cache-Status`)."""

    kept: Kept
    status: str


class Cache:
    """The answers of one worker; `shared` are those of all of them."""

    def __init__(self, versions: Versions, shared: Shared | None) -> None:
        self._versions = versions
        self._shared = shared
        self._memory = Memory()
        self._flights: Flights[Found] = Flights()

    def version(self, vertical: str) -> int | None:
        """The version of a vertical's index; None while it is not known."""
        return self._versions.of(vertical)

    async def find(self, vertical: str, key: bytes, make: Make) -> Found:
        """The answer to the question `key` about a vertical's index.

        `make` asks the search server and gives the answer's bytes; what it raises is raised to
        all who wait for it, unless an outdated answer can stand in.
        """
        version = self.version(vertical)
        kept = self._memory.get((vertical, key))
        if kept is not None and kept.version == version and version is not None:
            return Found(kept, HIT)
        flight, new = self._flights.join(
            (vertical, key, version),
            lambda: self._fetch(vertical, version, key, make, asked_before=kept is not None),
            JOIN_SECONDS if version is None else inf,
        )
        if kept is None or _age(kept) > STALE_SECONDS:
            return _to_one_of(await flight.result(), new)
        return await self._or_stale(kept, flight, new)

    async def _or_stale(self, kept: Kept, flight: Flight[Found], new: bool) -> Found:
        """The new answer if it comes soon, else the outdated one while the call goes on."""
        flight.go_on()
        try:
            async with asyncio.timeout_at(flight.began + SLOW_SECONDS):
                return _to_one_of(await flight.result(), new)
        except (TimeoutError, EngineAway, EngineError) as error:
            if isinstance(error, EngineError) and not error.temporary:
                raise
        flight.task.remove_done_callback(_note_fault)  # told once, however many had the old answer
        flight.task.add_done_callback(_note_fault)
        return Found(kept, STALE.format(seconds=int(_age(kept)) + 1))

    async def _fetch(
        self, vertical: str, version: int | None, key: bytes, make: Make, *, asked_before: bool
    ) -> Found:
        """The answer as another worker left it for this version, or anew.

        A question that is new here, while no other is under way, goes straight to the search
        server: most of these are asked once, and Valkey would take as long as the answer's making.
        """
        made = asyncio.get_running_loop().time()
        pays = version is not None and (asked_before or len(self._flights) > 1)
        shared = self._shared if pays else None
        name = f"showroom:answer:{vertical}:{version}:{key.hex()}"
        body = await shared.find(name, key, new=not asked_before) if shared else None
        status = NOT_KEPT if version is None else MISSED if body is None else SHARED
        if body is None:
            body = await in_time(make())
            if shared:
                shared.keep(name, body)
        kept = Kept(body, etag_of(body), version, made)
        self._memory.keep((vertical, key), kept)
        return Found(kept, status)


def _to_one_of(found: Found, first: bool) -> Found:
    """What a call found, to the one who made it or one who joined; nobody was forwarded with an
    answer that another worker had left.
    """
    return found if first or found.status == SHARED else Found(found.kept, JOINED)


def _note_fault(call: asyncio.Task[Found]) -> None:
    """Log what ended a call that nobody waits for any more, unless the server is away or busy."""
    error = None if call.cancelled() else call.exception()
    expected = isinstance(error, EngineAway) or (isinstance(error, EngineError) and error.temporary)
    if error is not None and not expected:
        log.error("An outdated answer could not be made anew", exc_info=error)


def _age(kept: Kept) -> float:
    return asyncio.get_running_loop().time() - kept.made


@asynccontextmanager
async def open_cache(redis_url: str | None, verticals: Sequence[str]) -> AsyncIterator[Cache]:
    """A worker's cache; without Valkey no version is known, so that nothing is fresh."""
    versions = Versions()
    if redis_url is None:
        yield Cache(versions, None)
        return
    valkey = connect(redis_url)
    following = partial(versions.follow, valkey, verticals)
    try:
        async with meanwhile("Following the indexes' versions", following):
            yield Cache(versions, Shared(valkey))
    finally:
        await valkey.aclose()
