"""Acts that bring a server back with nothing, or as it was a little while ago."""

import asyncio
import random
import shutil
import subprocess
import time
from contextlib import suppress

from catalog.database import DATABASE_AWAY
from tests.chaos.servers import OwnSearchServer, Servers, kill, started

DONE_SECONDS = 15.0


async def empty_search(servers: Servers, _: random.Random) -> None:
    """The search server comes back with nothing."""
    if isinstance(servers.search, OwnSearchServer):
        await servers.search.lose_all()


async def put_search_back(servers: Servers, chance: random.Random) -> None:
    """The search server comes back as it was a little while ago."""
    if isinstance(servers.search, OwnSearchServer):
        await servers.search.save()
        await asyncio.sleep(chance.uniform(0.5, 2))
        await servers.search.put_back()


async def put_search_back_unseen(servers: Servers, _: random.Random) -> None:
    """As `put_search_back`; others' tasks pass the number of the last one before anybody looks."""
    if not isinstance(servers.search, OwnSearchServer):
        return
    await servers.search.save()
    last = await _more_is_done(servers)
    servers.proxy.cut()
    try:
        await servers.search.put_back()
        newest = -1
        while newest <= last:
            answer = await servers.engine.call(
                "POST", "/indexes/others/documents", json=[{"id": 1}]
            )
            newest = answer["taskUid"]
        await servers.engine.wait(newest)
    finally:
        servers.proxy.pass_all()


async def put_database_back(servers: Servers, _: random.Random) -> None:
    """Postgres comes back as it was a little while ago; the index has what was written since."""
    data = servers.home / "postgres" / "data"
    copy = servers.home / "postgres" / "copy"
    await kill(servers.postgres)
    await asyncio.to_thread(subprocess.run, ["cp", "-a", data, copy], check=True)  # with its owner
    await started(servers.postgres)
    await _more_is_done(servers)
    await kill(servers.postgres)
    servers.proxy.forget()  # what is older than a restore does not arrive after it
    await asyncio.to_thread(shutil.rmtree, data)
    copy.rename(data)
    await started(servers.postgres)


async def _more_is_done(servers: Servers) -> int:
    """Wait until the search server has done more than it has now; the number of its last task."""
    first: int | None = None
    end = time.monotonic() + DONE_SECONDS
    while time.monotonic() < end:
        with suppress(*DATABASE_AWAY):
            last = int(await servers.db.fetchval("SELECT max(last_task) FROM generations"))
            first = last if first is None else first
            if last > first + 2:
                return last
        await asyncio.sleep(0.05)
    return first or 0
