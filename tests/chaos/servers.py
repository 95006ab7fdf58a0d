"""The servers that are broken: Postgres, Valkey, the search server and two indexers.

Each is a process of its own on a scratch home. With MEILI_URL the search server is that one, and
the command in MEILI_RESTART kills and restarts it.
"""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg

from catalog.database import connect, migrate
from config.settings import ROOT
from engine.client import Engine
from stack import leftovers
from stack.engine import answers, master_key, meililite
from stack.postgres import postgres
from stack.process import Process, Program, StartError
from stack.valkey import valkey
from tests.chaos.mutations import VARIABLE
from tests.chaos.wire import Wire, wire
from tests.indexer.proxy import Proxy, proxy

START_SECONDS = 60.0
RESTART_SECONDS = 120.0
INDEXERS = ("indexer-a", "indexer-b")


class Refused(Exception):  # noqa: N818 - what is so, as a sentence says it
    """The servers cannot be used; the message is a sentence."""


async def started(process: Process) -> None:
    """Start a program and wait until it answers; again while what is left of it is in the way."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            await asyncio.to_thread(process.start)
            await asyncio.to_thread(process.wait_ready)
        except StartError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.1)
        else:
            return


def pid(process: Process) -> int | None:
    """The number of the program itself, while it lives."""
    found = leftovers.read(process.record)
    child = leftovers.alive(found, "child") if found else None
    return child.pid if child else None


def send(process: Process, number: signal.Signals) -> bool:
    """Send a signal to the program; whether it was there."""
    child = pid(process)
    if child is None:
        return False
    os.kill(child, number)
    return True


async def kill(process: Process) -> None:
    """kill -9, and wait until its guard has seen it (at most ten seconds)."""
    send(process, signal.SIGKILL)
    for _ in range(1_000):
        if not process.alive:
            return
        await asyncio.sleep(0.01)


class OwnSearchServer:
    """meililite, killed with -9 and started again on the same port and folder."""

    def __init__(self, home: Path) -> None:
        self.key = master_key(home / "search.key")
        self.folder = home / "search"
        program = meililite(self.folder, self.key)
        self.process = Process(
            replace(program, command=(*program.command, "--max-search-processes", "1")), home
        )
        self.url = program.address

    async def start(self) -> None:
        await started(self.process)

    async def restart(self, away: float) -> None:
        """Kill it and let it be away for some seconds."""
        await kill(self.process)
        await asyncio.sleep(away)
        await self.start()

    async def lose_all(self) -> None:
        """Kill it and start it with an empty disk."""
        await kill(self.process)
        await asyncio.to_thread(shutil.rmtree, self.folder / "data")
        await self.start()

    async def save(self) -> None:
        """Keep a copy of its data as it is now."""
        await kill(self.process)
        await asyncio.to_thread(shutil.copytree, self.folder / "data", self.folder / "copy")
        await self.start()

    async def put_back(self) -> None:
        """Kill it and start it with the data of the copy."""
        await kill(self.process)
        await asyncio.to_thread(shutil.rmtree, self.folder / "data")
        (self.folder / "copy").rename(self.folder / "data")
        await self.start()

    async def stop(self) -> None:
        await asyncio.to_thread(self.process.stop)


@dataclass
class GivenSearchServer:
    """A server that was there before; `restart` is a command of the shell."""

    url: str
    key: str
    command: str

    async def start(self) -> None:
        if not await asyncio.to_thread(answers, f"{self.url}/health"):
            raise Refused(f"The search server at {self.url} does not answer.")

    async def restart(self, away: float) -> None:
        """Run the command, `away` in its environment; then wait until the server answers."""
        if not self.command:
            return
        hook = await asyncio.create_subprocess_shell(
            self.command, env=os.environ | {"AWAY_SECONDS": f"{away:.2f}"}
        )
        if await asyncio.wait_for(hook.wait(), RESTART_SECONDS):
            raise Refused(f"MEILI_RESTART ({self.command}) ended with {hook.returncode}.")
        end = time.monotonic() + RESTART_SECONDS
        while not await asyncio.to_thread(answers, f"{self.url}/health"):
            if time.monotonic() > end:
                raise Refused(f"The search server at {self.url} did not come back.")
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """It is not ours to stop."""


@dataclass
class Servers:
    """All that runs, and what a round needs to look at it."""

    home: Path
    postgres: Process
    valkey: Process
    search: OwnSearchServer | GivenSearchServer
    proxy: Proxy
    wire: Wire
    db: asyncpg.Pool
    engine: Engine
    indexers: list[Process] = field(default_factory=list)

    @property
    def database_url(self) -> str:
        return self.postgres.program.address

    async def writer(self) -> Process | None:
        """The indexer that writes, as the database has it; None when that one is not here."""
        owner = await self.db.fetchval("SELECT max(owner) FROM writers")
        number = int(str(owner).rpartition(":")[2]) if owner else None
        return next((each for each in self.indexers if pid(each) == number), None)

    async def start_indexers(self, mutation: str | None, log_level: str = "INFO") -> None:
        """Two of them: one writes, one stands by."""
        environment = {
            "DATABASE_URL": self.wire.url,
            "REDIS_URL": self.valkey.program.address,
            "MEILI_URL": self.proxy.url,
            "MEILI_MASTER_KEY": self.search.key,
            "SHOWROOM_HOME": str(self.home),
            "SHOWROOM_LOG_LEVEL": log_level,
            "PYTHONPATH": str(ROOT),
            VARIABLE: mutation or "",
        }
        command = (sys.executable, "-m", "tests.chaos.indexer")
        self.indexers = [
            Process(Program(name, command, environment=environment), self.home) for name in INDEXERS
        ]
        await asyncio.gather(*map(started, self.indexers))

    async def stop_indexers(self) -> None:
        for process in self.indexers:
            send(process, signal.SIGCONT)
            await asyncio.to_thread(process.stop)
        self.indexers.clear()

    async def begin_anew(self) -> None:
        """An empty database and an empty search server, for another use."""
        await self.stop_indexers()
        self.proxy.forget()
        await self.db.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await self.db.expire_connections()
        await migrate(self.database_url)
        await self.empty_search()

    async def empty_search(self) -> None:
        for index in await self.indexes():
            task = await self.engine.call("DELETE", f"/indexes/{index}")
            await self.engine.wait(task["taskUid"])

    async def indexes(self) -> list[str]:
        answer = await self.engine.call("GET", "/indexes", params={"limit": 1_000})
        return [each["uid"] for each in answer["results"]]


def _search_server(home: Path) -> OwnSearchServer | GivenSearchServer:
    url = os.environ.get("MEILI_URL")
    if not url:
        return OwnSearchServer(home)
    key = os.environ.get("MEILI_MASTER_KEY", "")
    return GivenSearchServer(url.rstrip("/"), key, os.environ.get("MEILI_RESTART", ""))


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[Servers]:
    """Everything but the indexers, with an empty database; stopped at the end.

    Raises Refused when a given search server has indexes: they would be lost.
    """
    database = postgres(home / "postgres")
    # What is killed here is a process, never the machine: nothing need wait for the disk.
    program = replace(database, command=(*database.command, "-c", "fsync=off"))
    search = _search_server(home)
    async with AsyncExitStack() as stack:
        processes = [Process(program, home), Process(valkey(home / "valkey"), home)]
        for process in processes:
            stack.push_async_callback(asyncio.to_thread, process.stop)
            await started(process)
        stack.push_async_callback(search.stop)
        await search.start()
        await migrate(program.address)
        db = await stack.enter_async_context(connect(program.address, max_size=10))
        engine = await stack.enter_async_context(Engine(search.url, search.key))
        between = await stack.enter_async_context(proxy(search.url))
        line = await stack.enter_async_context(wire(program.address))
        servers = Servers(home, *processes, search, between, line, db, engine)
        there = await servers.indexes()
        if there:
            raise Refused(
                f"The search server at {search.url} has indexes already ({', '.join(there[:3])});"
                " give one that is empty."
            )
        stack.push_async_callback(servers.empty_search)
        stack.push_async_callback(servers.stop_indexers)
        yield servers
