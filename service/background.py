"""Work that goes on beside the requests, for as long as a worker lives."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn

log = logging.getLogger("service")

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
"""From a fault until the work begins anew; twice as long after each that follows soon."""


@asynccontextmanager
async def meanwhile(
    name: str, work: Callable[[], Coroutine[Any, Any, NoReturn]]
) -> AsyncIterator[None]:
    """Work until the end of the block; a fault that ends the work is logged, and it begins anew.

    `work` deals itself with what it has to expect, such as servers that are away.
    """
    task = asyncio.create_task(_for_ever(name, work))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _for_ever(name: str, work: Callable[[], Coroutine[Any, Any, NoReturn]]) -> NoReturn:
    clock = asyncio.get_running_loop().time
    pause = FIRST_SECONDS
    while True:
        began = clock()
        try:
            await work()
        except Exception:
            if clock() - began > LONGEST_SECONDS:
                pause = FIRST_SECONDS
            log.exception("%s broke off, and begins anew in %g s.", name, pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_SECONDS)
