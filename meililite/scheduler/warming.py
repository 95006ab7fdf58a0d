"""Before an index takes the name of another, its readers are made ready for that one's searches.

The first search of an index in a process reads its columns and words, and lays the segments over
one another: half a second for 100,000 documents, for which all searches behind it would wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from meililite.errors import ApiError
from meililite.processes.fleet import Readers
from meililite.registry.indexes import Index

log = logging.getLogger("meililite")

_LONGEST = 30.0  # seconds; what is not ready then is made so by the first searches

Changes = Mapping[str, Index | None]


async def warm(readers: Readers, before: Mapping[str, Index], changes: Changes) -> None:
    """Have every process answer what was asked lately of each name by the index that gets it."""
    for uid, index in _other(before, changes):
        try:
            async with asyncio.timeout(_LONGEST):
                await readers.in_pieces("warm", index.uuid, index.version, uid)
        except (ApiError, RuntimeError, TimeoutError) as error:
            reason = str(error) or f"that took longer than {_LONGEST:.0f} s"
            log.warning("%s is not ready for its first searches: %s", uid, reason)


async def rest(readers: Readers, before: Mapping[str, Index], changes: Changes) -> None:
    """Let go of what searches used of the indexes that now have names which nobody asks for."""
    for uid, index in _other(before, changes):
        await readers.each("rest", index.uuid, uid)


def _other(before: Mapping[str, Index], changes: Changes) -> list[tuple[str, Index]]:
    """The names that had another index before, and the index that each gets."""
    return [
        (uid, index)
        for uid, index in changes.items()
        if index is not None and uid in before and before[uid].uuid != index.uuid
    ]
