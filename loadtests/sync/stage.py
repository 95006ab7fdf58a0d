"""Servers of its own, an indexer that can be started, and what both say of themselves."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil

from catalog.database import connect, migrate
from config.settings import Settings, load
from engine.client import Engine
from stack import plan
from stack.process import Process, Program
from stack.sockets import free_port

SAMPLE_SECONDS = 0.1


@dataclass
class Stage:
    """An empty database, a search server (MEILI_URL or one of its own), services to start."""

    settings: Settings
    db: asyncpg.Pool
    engine: Engine
    _started: ExitStack

    def start(self, *names: str) -> None:
        """Start these services (`api`, `indexer`); StartError."""
        for program in plan.services(self.settings):
            if program.name in names:
                _start(program, self.settings.home, self._started, ready=program.name != "indexer")

    def stop(self) -> None:
        """Stop the services that were started."""
        self._started.close()


@contextmanager
def servers() -> Iterator[Settings]:
    """All servers started, the schema made; everything is gone at the end. Raises StartError."""
    with TemporaryDirectory(prefix="bench-") as folder, ExitStack() as started:
        home = Path(folder)
        own = {"home": home, "port": free_port(), "database_url": None, "redis_url": None}
        planned = plan.servers(load().model_copy(update=own))
        for program in planned.programs:
            _start(program, home, started)
        settings = plan.with_search_key(planned.settings)
        asyncio.run(migrate(str(settings.database_url)))
        yield settings


@asynccontextmanager
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    """Connections to the servers; the services that were started are stopped at the end."""
    with ExitStack() as services:
        async with (
            connect(str(settings.database_url)) as db,
            Engine(str(settings.meili_url), settings.meili_master_key) as engine,
        ):
            yield Stage(settings, db, engine, services)


def _start(program: Program, home: Path, stack: ExitStack, *, ready: bool = True) -> None:
    process = Process(program, home)
    process.start()
    stack.callback(process.stop)
    if ready:
        process.wait_ready()


async def peak_memory(work: asyncio.Task[object]) -> float:
    """The most memory (MB, resident) that the indexer had while `work` ran."""
    most = 0.0
    while not work.done():
        most = max(most, _indexer_memory())
        await asyncio.wait({work}, timeout=SAMPLE_SECONDS)
    return most


def _indexer_memory() -> float:
    found = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if process.cmdline()[1:] == ["-m", "indexer"]:
                found = process.memory_info().rss / 1e6
        except psutil.Error:
            continue  # it ended between two looks
    return found
