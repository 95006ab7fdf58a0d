"""The versions of the indexes as this worker knows them, read again every 50 ms."""

import asyncio
from collections.abc import Sequence
from typing import NoReturn

from redis.asyncio import Redis

from engine import version

EVERY_SECONDS = 0.05
"""Between two looks: with the look itself, what changed is known in far less than 200 ms."""

PATIENCE_SECONDS = 0.15
"""A Valkey that does not answer in time is away: the versions are not known."""


class Versions:
    """What was last read; nothing is known before `follow` runs, and after it."""

    def __init__(self) -> None:
        self._known: dict[str, int | None] = {}

    def of(self, vertical: str) -> int | None:
        """The version of a vertical's index; None while it is not known."""
        return self._known.get(vertical)

    async def follow(self, valkey: Redis, verticals: Sequence[str]) -> NoReturn:
        """Keep up with what is published, until canceled."""
        try:
            while True:
                self._known = await version.read_all(valkey, verticals, PATIENCE_SECONDS)
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            self._known = {}
