"""What lasts: `python -m tests.chaos.outages [--seconds 60]`.

One server after the other is killed and stays away for so long while four writers write; then a
transaction and an idle session stay open for so long while others write and a reindex runs. After
each, nobody does anything but wait; then every document of the index is compared with the view.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from jobs import rows
from stack.process import Process
from tests.chaos.comparison import Comparison, compare
from tests.chaos.servers import Servers, kill, running, started
from tests.chaos.settling import settle
from tests.chaos.stock import stock
from tests.chaos.writers import writing

TWO_CARS = """
INSERT INTO listings (key, active, dealer_id, make, price)
    VALUES ('held', true, 1, 'Kia', 0), ('free', true, 1, 'Kia', 0) ON CONFLICT DO NOTHING
"""
"""Writers delete their own cars: these two are nobody's."""

COMMITS = 20
WRITE_SECONDS = 60.0

LIVE = "SELECT id, index_uid FROM generations WHERE state = 'live'"
Outage = Callable[[Servers, float], Awaitable[None]]


async def _killed(seconds: float, *processes: Process) -> None:
    for each in processes:
        await kill(each)
    await asyncio.sleep(seconds)
    for each in processes:
        await started(each)


async def _search_away(servers: Servers, seconds: float) -> None:
    await servers.search.restart(seconds)


async def _postgres_away(servers: Servers, seconds: float) -> None:
    await _killed(seconds, servers.postgres)


async def _valkey_away(servers: Servers, seconds: float) -> None:
    await _killed(seconds, servers.valkey)


async def _indexers_away(servers: Servers, seconds: float) -> None:
    await _killed(seconds, *servers.indexers)


async def _network_away(servers: Servers, seconds: float) -> None:
    servers.proxy.cut()
    await asyncio.sleep(seconds)
    servers.proxy.pass_all()


OUTAGES: dict[str, Outage] = {
    "search server": _search_away,
    "postgres": _postgres_away,
    "valkey": _valkey_away,
    "indexers": _indexers_away,
    "network": _network_away,
}


async def away(servers: Servers, name: str, seconds: float) -> Comparison:
    """Let it be away under load; index and view afterwards. Raises Unsettled."""
    counts: Counter[str] = Counter()
    async with writing(servers.database_url, random.Random(7), counts):
        await _more_commits(counts)
        await OUTAGES[name](servers, seconds)
        await _more_commits(counts)
    await settle(servers, set())
    return await _compared(servers)


async def _more_commits(counts: Counter[str]) -> None:
    """Let the writers write on: an outage of Postgres is otherwise all that they see."""
    enough = counts["commits"] + COMMITS
    async with asyncio.timeout(WRITE_SECONDS):
        while counts["commits"] < enough:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def held_open(servers: Servers, seconds: float) -> list[Comparison]:
    """While a transaction stays open, and a session idle in one: others are searchable at once,
    and a reindex ends. Index and view then, and again when all is committed. Raises Unsettled.
    """
    end = time.monotonic() + seconds
    first = (await servers.db.fetchrow(LIVE))["id"]
    await servers.db.execute(TWO_CARS)
    async with AsyncExitStack() as held:
        idle = await held.enter_async_context(servers.db.acquire())
        slow = await held.enter_async_context(servers.db.acquire())
        await held.enter_async_context(idle.transaction(isolation="repeatable_read"))
        await held.enter_async_context(slow.transaction())
        await idle.fetchval("SELECT count(*) FROM listings")
        await slow.execute("UPDATE listings SET price = 1 WHERE key = 'held'")
        await slow.execute("UPDATE dealers SET name = 'Slow' WHERE id = 12")
        await rows.enqueue(servers.db, "reindex", "cars")
        price = 1
        while price == 1 or time.monotonic() < end:
            price += 1
            await servers.db.execute("UPDATE listings SET price = $1 WHERE key = 'free'", price)
            await settle(servers, set())
        if (await servers.db.fetchrow(LIVE))["id"] <= first:
            raise RuntimeError("The reindex did not end while the transaction was open.")
        meanwhile = await _compared(servers)
    await settle(servers, set())
    if await servers.db.fetchval("SELECT price FROM listings WHERE key = 'held'") != 1:
        raise RuntimeError("The transaction did not commit: this proves nothing.")
    return [meanwhile, await _compared(servers)]


async def _compared(servers: Servers) -> Comparison:
    live = await servers.db.fetchrow(LIVE)
    return await compare(servers.db, servers.engine, live["id"], live["index_uid"])


def _line(name: str, began: float, seconds: float, found: list[Comparison]) -> str:
    lost, ghosts, stale = (
        sum(len(getattr(each, kind)) for each in found) for kind in ("lost", "ghosts", "stale")
    )
    after = f"settled {time.monotonic() - began - seconds:.1f} s after"
    wrong = [sentence for each in found for sentence in each.wrong]
    told = (f"lost {lost}", f"ghosts {ghosts}", f"stale {stale}", after, *wrong)
    return f"{name:<20} {', '.join(told)}"


async def _all(home: Path, seconds: float) -> bool:
    equal = True
    async with running(home) as servers:
        await stock(servers.db)
        await servers.start_indexers(None)
        await settle(servers, set())
        for name in (*OUTAGES, "open transaction"):
            began = time.monotonic()
            if name in OUTAGES:
                found = [await away(servers, name, seconds)]
            else:
                found = await held_open(servers, seconds)
            print(_line(name, began, seconds, found), flush=True)
            equal = equal and all(each.equal for each in found)
    return equal


def main() -> int:
    """A line for each; 1 when index and view differed after any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each lasts (60)")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="outages-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        logging.basicConfig(filename=home / "outages.log", level=logging.INFO)
        return 0 if asyncio.run(_all(home, seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
