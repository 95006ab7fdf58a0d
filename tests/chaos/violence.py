"""Acts of violence: each does its harm, lets it work and undoes what would keep things down.

Two lanes run beside the writers: `KILLS` ends and stops processes, `FAULTS` does the rest. An act
returns nothing; what it was called is in the report.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import asyncpg

from indexer.lease import WRITER_LOCK
from indexer.tasks import DOCUMENT_TASKS
from jobs import rows
from tests.chaos.reindexing import (
    STATE_SECONDS,
    cancel_reindex,
    reached,
    reindex,
    reindex_behind,
    reindex_slowly,
    roll_back,
    roll_back_behind,
)
from tests.chaos.restores import (
    empty_search,
    put_database_back,
    put_search_back,
    put_search_back_unseen,
)
from tests.chaos.servers import Servers, kill, send, started
from tests.chaos.stock import DEALERS
from tests.chaos.views import another_view, wrong_view

MET_SECONDS = 3.0
TAKEOVER_SECONDS = 30.0

Act: TypeAlias = Callable[[Servers, random.Random], Awaitable[None]]


class NotReplaced(Exception):  # noqa: N818 - what is so, as a sentence says it
    """An indexer was stopped, and the other did not take over in time."""


DOCUMENTS = "POST /indexes/cars/documents?"
DELETIONS = "POST /indexes/cars/documents/delete-batch"
SWAP = "POST /swap-indexes"
ROUTES = (DOCUMENTS, DOCUMENTS, DELETIONS, "POST /indexes/cars_g", SWAP, "POST /indexes ", "PATCH ")


async def kill_writer(servers: Servers, chance: random.Random) -> None:
    """kill -9 of the indexer that writes; it comes back as the one that stands by."""
    writer = await servers.writer()
    if writer is not None:
        await kill(writer)
        await asyncio.sleep(chance.uniform(0, 0.5))
        await started(writer)


async def kill_both(servers: Servers, chance: random.Random) -> None:
    """kill -9 of both indexers: for a while nobody claims."""
    for each in servers.indexers:
        await kill(each)
    await asyncio.sleep(chance.uniform(0, 0.5))
    for each in servers.indexers:
        await started(each)


async def kill_writer_in_claim(servers: Servers, chance: random.Random) -> None:
    """kill -9 of the writer several times, whatever it is doing."""
    for _ in range(4):
        await asyncio.sleep(chance.uniform(0.2, 0.5))
        await kill_writer(servers, chance)


async def stop_writer(servers: Servers, chance: random.Random) -> None:
    """SIGSTOP until the other has taken over; then the first one wakes up."""
    epoch = await servers.db.fetchval("SELECT max(epoch) FROM writers")
    writer = await servers.writer()
    if writer is None or not send(writer, signal.SIGSTOP):
        return
    try:
        await _replaced(servers, epoch)
        await asyncio.sleep(chance.uniform(0, 0.5))
    finally:
        send(writer, signal.SIGCONT)
    await asyncio.sleep(0.5)


async def _replaced(servers: Servers, epoch: int) -> None:
    """Wait until another writer has taken over; raises NotReplaced."""
    end = time.monotonic() + TAKEOVER_SECONDS
    while await servers.db.fetchval("SELECT max(epoch) FROM writers") == epoch:
        if time.monotonic() > end:
            raise NotReplaced(f"nobody took over from the writer of epoch {epoch}")
        await asyncio.sleep(0.05)


async def pause_writer(servers: Servers, chance: random.Random) -> None:
    """SIGSTOP for too short a time for the other to notice."""
    writer = await servers.writer()
    if writer is not None and send(writer, signal.SIGSTOP):
        await asyncio.sleep(chance.uniform(0.1, 2))
        send(writer, signal.SIGCONT)


async def kill_search(servers: Servers, chance: random.Random) -> None:
    """kill -9 of the search server, with all that it was doing."""
    await servers.search.restart(chance.choice((0, 0, 1)))


async def kill_postgres(servers: Servers, chance: random.Random) -> None:
    """kill -9 of the postmaster; its children follow."""
    await kill(servers.postgres)
    await asyncio.sleep(chance.choice((0, 0, 1)))
    await started(servers.postgres)


async def kill_backend(servers: Servers, _: random.Random) -> None:
    """kill -9 of the connection that holds the writer's lock: Postgres ends all and recovers."""
    for number in await _lock_holders(servers.db):
        os.kill(number, signal.SIGKILL)


async def kill_valkey(servers: Servers, _: random.Random) -> None:
    await kill(servers.valkey)
    await started(servers.valkey)


async def crash_reindex(servers: Servers, chance: random.Random) -> None:
    """The writer or the search server is killed in one of the states of a reindex."""
    await rows.enqueue(servers.db, "reindex", "cars")
    if await reached(servers, chance.choice(("loading", "draining", "swapping"))):
        await asyncio.sleep(chance.uniform(0, 0.05))
        await chance.choice((kill_writer, kill_search))(servers, chance)


KILLS: dict[str, tuple[int, Act]] = {
    "kill_writer": (6, kill_writer),
    "kill_both": (2, kill_both),
    "pause_writer": (2, pause_writer),
    "stop_writer": (1, stop_writer),
    "kill_search": (4, kill_search),
    "kill_postgres": (2, kill_postgres),
    "kill_backend": (2, kill_backend),
    "kill_valkey": (1, kill_valkey),
    "crash_reindex": (5, crash_reindex),
    "empty_search": (1, empty_search),
    "put_search_back": (1, put_search_back),
    "put_search_back_unseen": (1, put_search_back_unseen),
    "put_database_back": (1, put_database_back),
}
"""By name: how often it is chosen beside the others, and the act."""


async def _lock_holders(db: asyncpg.Pool) -> list[int]:
    found = await db.fetch(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0"
        " AND objid = $1",
        WRITER_LOCK,
    )
    return [row["pid"] for row in found]


async def cut_lock(servers: Servers, _: random.Random) -> None:
    """The database ends the connection that holds the writer's lock."""
    for number in await _lock_holders(servers.db):
        await servers.db.execute("SELECT pg_terminate_backend($1)", number)


async def cut_lock_unheard(servers: Servers, _: random.Random) -> None:
    """The same, and the writer is not told; it believes for a while that it has the lock."""
    epoch = await servers.db.fetchval("SELECT max(epoch) FROM writers")
    for number in await _lock_holders(servers.db):
        servers.wire.cut_unheard(number)
    await _replaced(servers, epoch)
    await asyncio.sleep(2)


async def cut_connections(servers: Servers, _: random.Random) -> None:
    """The database ends every connection but this one: the indexers', the writers', ours."""
    await servers.db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )


async def cut_network(servers: Servers, chance: random.Random) -> None:
    """Every connection to the search server breaks, and none can be made for a while."""
    servers.proxy.cut()
    await asyncio.sleep(chance.uniform(0, 1))
    servers.proxy.pass_all()


async def slow_network(servers: Servers, chance: random.Random) -> None:
    servers.proxy.delay = chance.uniform(0.02, 0.2)
    await asyncio.sleep(1)
    servers.proxy.pass_all()


async def _meet(servers: Servers, fault: str, request: str, seconds: float = MET_SECONDS) -> bool:
    """Have the fault wait for such a request; whether one came."""
    servers.proxy.once(fault, request)
    try:
        await asyncio.wait_for(servers.proxy.met.wait(), seconds)
    except TimeoutError:
        servers.proxy.pass_all()
        return False
    return True


async def cut_before(servers: Servers, _: random.Random) -> None:
    """Some posts of documents never arrive."""
    for _ in range(3):
        await _meet(servers, "cut", DOCUMENTS)


async def cut_request(servers: Servers, chance: random.Random) -> None:
    """The connection breaks before the server has the request."""
    await _meet(servers, "cut", chance.choice(ROUTES))


async def lose_answer(servers: Servers, chance: random.Random) -> None:
    """The connection breaks after the request was taken."""
    await _meet(servers, "lose", chance.choice(ROUTES))


async def hold_request(servers: Servers, chance: random.Random) -> None:
    """The connection breaks, and the request arrives later: after this round, or the next."""
    await _meet(servers, "hold", chance.choice(ROUTES))


async def post_arrives_late(servers: Servers, _: random.Random) -> None:
    """A post of documents is held; each of them has changed when it arrives."""
    if await _meet(servers, "hold", DOCUMENTS):
        await servers.db.execute(
            "WITH locked AS (SELECT key FROM listings ORDER BY key FOR UPDATE)"
            " UPDATE listings l SET year = coalesce(l.year, 2000) + 1"
            " FROM locked WHERE l.key = locked.key"
        )


async def swap_answer_lost(servers: Servers, chance: random.Random) -> None:
    """The search server swaps, and the indexer is not told."""
    await rows.enqueue(servers.db, "reindex", "cars")
    await _meet(servers, "lose", SWAP, STATE_SECONDS)


async def swap_broken(servers: Servers, chance: random.Random) -> None:
    """The request for the swap is cut, or its answer lost, or it arrives late."""
    await rows.enqueue(servers.db, "reindex", "cars")
    await _meet(servers, chance.choice(("cut", "lose", "hold")), SWAP, STATE_SECONDS)


async def poison(servers: Servers, chance: random.Random) -> None:
    """Documents that the search server refuses, in one change with many good ones."""
    number = chance.randrange(1_000_000)
    for n in range(3):
        await servers.db.execute(
            "INSERT INTO listings (key, active, dealer_id, make, lat, lng)"
            " SELECT 'good-' || $1::text || '-' || n, true, 9, 'Kia', NULL, NULL"
            " FROM generate_series(1, 20) n"
            " UNION ALL VALUES ('bad id ' || $1::text, true, 9, 'Kia', NULL, NULL),"
            " ('bad-place-' || $1::text, true, 9, 'Kia', 'NaN'::float8, 0::float8)",
            f"{number + n}",
        )
        await asyncio.sleep(chance.uniform(0.1, 0.4))


async def cure(servers: Servers, _: random.Random) -> None:
    """Bad places are corrected, bad ids are deleted."""
    await servers.db.execute("UPDATE listings SET lat = 42 WHERE lat = 'NaN'")
    await servers.db.execute("DELETE FROM listings WHERE key ~ ' ' OR key ~ '^good-'")


async def cancel_tasks(servers: Servers, _: random.Random) -> None:
    """Somebody cancels what the search server has still to do with documents."""
    await servers.engine.call(
        "POST",
        "/tasks/cancel",
        params={"statuses": "enqueued,processing", "types": DOCUMENT_TASKS},
    )


async def rename_while_cars_move(servers: Servers, chance: random.Random) -> None:
    """A rename that stays open while a car moves to that dealer and reaches the index."""
    for n in range(4):
        async with servers.db.acquire() as db, db.transaction():
            name = f"Slow {chance.random()}"
            await db.execute("UPDATE dealers SET name = $1 WHERE id = $2", name, DEALERS)
            await servers.db.execute(
                "UPDATE listings SET dealer_id = $1 WHERE key = $2", DEALERS, f"w1-{n}"
            )
            await asyncio.sleep(0.7)


async def patience(servers: Servers, chance: random.Random) -> None:
    """One session sits idle in a transaction with an old snapshot, another with changes."""
    async with (
        servers.db.acquire() as idle,
        servers.db.acquire() as slow,
        idle.transaction(isolation="repeatable_read"),
        slow.transaction(),
    ):
        await idle.fetchval("SELECT count(*) FROM listings")
        await slow.execute(
            "INSERT INTO listings (key, active, dealer_id, make)"
            " SELECT 'slow-' || n, true, 2, 'Opel' FROM generate_series(1, 5) n"
            " ON CONFLICT (key) DO UPDATE SET active = NOT listings.active"
        )
        await asyncio.sleep(chance.uniform(1, 2))


FAULTS: dict[str, tuple[int, Act]] = {
    "cut_lock": (2, cut_lock),
    "cut_lock_unheard": (2, cut_lock_unheard),
    "cut_connections": (2, cut_connections),
    "cut_network": (3, cut_network),
    "slow_network": (2, slow_network),
    "cut_request": (4, cut_request),
    "lose_answer": (4, lose_answer),
    "hold_request": (4, hold_request),
    "post_arrives_late": (3, post_arrives_late),
    "reindex": (4, reindex),
    "swap_broken": (4, swap_broken),
    "cancel_reindex": (2, cancel_reindex),
    "roll_back": (3, roll_back),
    "poison": (3, poison),
    "cure": (2, cure),
    "cancel_tasks": (2, cancel_tasks),
    "rename_while_cars_move": (2, rename_while_cars_move),
    "patience": (2, patience),
}


async def post_outlives_its_index(servers: Servers, chance: random.Random) -> None:
    """A post of documents is held until the index that it was meant for is gone."""
    await post_arrives_late(servers, chance)
    for _ in range(2):
        await reindex(servers, chance)


DIRECTED: dict[str, Act] = {
    "post_outlives_its_index": post_outlives_its_index,
    "reindex_behind": reindex_behind,
    "reindex_slowly": reindex_slowly,
    "roll_back_behind": roll_back_behind,
    "wrong_view": wrong_view,
    "another_view": another_view,
    "kill_writer_in_claim": kill_writer_in_claim,
    "cut_before": cut_before,
    "swap_answer_lost": swap_answer_lost,
}
"""Acts for one mutation each."""


def choose(chance: random.Random, lane: dict[str, tuple[int, Act]], count: int) -> list[str]:
    """Names of acts of a lane, as often as their weights say."""
    return chance.choices(list(lane), [weight for weight, _ in lane.values()], k=count)


def act(name: str) -> Act:
    """The act of this name; KeyError if there is none."""
    if name in DIRECTED:
        return DIRECTED[name]
    return (KILLS | FAULTS)[name][1]
