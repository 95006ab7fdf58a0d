"""A worker: Huey wakes its threads, the jobs' handlers run in one event loop.

Threads, because the work waits for sites and the database: all jobs of a worker share one loop
and one pool of connections, and a worker costs one process.
"""

import asyncio
import contextlib
import importlib
import logging
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import uvloop
from huey.consumer import Consumer

from catalog.database import DATABASE_ERRORS, connect
from config import log
from config.settings import Settings, SettingsError, load
from jobs.app import Bell
from jobs.work import Crew

T = TypeVar("T")

THREADS = 2
HANDLERS = ("scrapers.handlers",)
SHUTDOWN_SECONDS = 4.0
"""How long the threads may take to end: longer than a handler's last call, less than 5 s."""


class Worker(Consumer):  # type: ignore[misc]
    """Huey's consumer, which asks the running jobs to stop before it waits for its threads."""

    def __init__(self, bell: Bell, ask_to_stop: Callable[[], None]) -> None:
        super().__init__(
            bell.huey,
            workers=THREADS,
            periodic=False,
            max_delay=2.0,
            graceful_signal="TERM",
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        self._ask_to_stop = ask_to_stop

    def stop(self, graceful: bool = False) -> None:
        self._ask_to_stop()
        super().stop(graceful=True)


@contextlib.contextmanager
def background_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread of its own until the end of the block."""
    loop = uvloop.new_event_loop()  # a page costs it 0.5 ms less
    thread = threading.Thread(target=loop.run_forever, name="jobs", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(1)


def work(settings: Settings, database_url: str, redis_url: str) -> None:
    """Work until SIGTERM or SIGINT; jobs that were running are back in the queue at the end."""
    with background_loop() as loop:

        def call(coroutine: Coroutine[Any, Any, T]) -> T:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

        connection = connect(database_url, max_size=THREADS * 2 + 2)
        crew = Crew(call(connection.__aenter__()), settings)
        bell = Bell(redis_url, work=lambda: _drain(crew, call))
        sweeping = asyncio.run_coroutine_threadsafe(crew.sweep_forever(bell), loop)
        try:
            Worker(bell, lambda: _set(loop, crew.stop)).run()
        finally:
            _set(loop, crew.stop)
            sweeping.cancel()
            call(connection.__aexit__(None, None, None))


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


def _drain(crew: Crew, call: Callable[[Coroutine[Any, Any, int]], int]) -> None:
    try:
        call(crew.drain())
    except DATABASE_ERRORS as error:
        logging.getLogger(__name__).warning("the database is away: %s", error)


def main() -> None:
    """Run a worker with the handlers of HANDLERS; exit status 1 with a sentence if it cannot."""
    try:
        settings = load()
    except SettingsError as error:
        sys.exit(str(error))
    log.configure(settings.log_level)
    if settings.database_url is None or settings.redis_url is None:
        sys.exit("A worker needs DATABASE_URL and REDIS_URL; `showroom up` gives it both.")
    for module in HANDLERS:
        importlib.import_module(module)
    try:
        work(settings, settings.database_url, settings.redis_url)
    except DATABASE_ERRORS as error:
        sys.exit(f"The worker has no database: {error}")


if __name__ == "__main__":
    main()
