"""What keeping the index in step costs: `python loadtests/bench_sync.py --cars 12000`.

Starts its own Postgres, Valkey and search server (or uses MEILI_URL), fills the table with made-up
cars and prints: the load phase of a reindex beside a bare load of the same documents into the same
engine, the lag of single changes beside the engine's own task time, the cost of the triggers.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from catalog.cars import CARS
from catalog.database import connect, migrate
from engine.client import Engine
from indexer import documents, indexes, settings, verify
from stack.engine import master_key, search_server
from stack.postgres import postgres
from stack.process import Process, Program
from stack.valkey import valkey

BATCH = 10_000
CHANGES = 40

FILL = """
INSERT INTO sources (name, vertical, start_url, parser, every) VALUES ('bench', 'cars', '', '', 60);
INSERT INTO dealers (source, external_id, name, phone, city, state, zip, lat, lng)
SELECT 'bench', n, 'Dealer ' || n, '(312) 555-0100', 'City ' || n % 90, 'IL', '60601',
       25 + n % 24, -120 + n % 50 FROM generate_series(1, 300) n;
INSERT INTO listings (key, active, vin, title, year, make, model, trim, body_type, drivetrain,
    fuel_type, transmission, condition, color, exterior_color, mileage, price, features, photos,
    description, stock_number, url, source, offers, dealer_id)
SELECT upper(substr(md5(n::text), 1, 17)), true, upper(substr(md5(n::text), 1, 17)),
    format('%s Make%s Model%s', 2000 + n % 25, n % 40, n % 400), 2000 + n % 25, 'Make' || n % 40,
    'Model' || n % 400, 'Trim' || n % 30, 'SUV', 'AWD', 'Gasoline', 'Automatic', 'Used', 'Black',
    'Black Pearl ' || n % 50, n * 37 % 200000, 3000 + n * 7919 % 70000,
    (SELECT array_agg('Feature ' || (n * i) % 60) FROM generate_series(1, 12) i),
    (SELECT array_agg(format('https://photos.example/%s/%s.jpg', md5(n::text), i))
     FROM generate_series(1, 6) i),
    repeat('A clean car with a long history of careful owners. ', 8), 'S' || n,
    'https://cars.example/' || n, 'bench', 1, (SELECT min(id) FROM dealers) + n % 300
FROM generate_series(1, $CARS) n;
"""


def main() -> None:
    """Start the servers, measure, print, stop."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--cars", type=int, default=12_000)
    cars: int = parser.parse_args().cars
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as servers:
        home = Path(folder)
        database_url = _start(postgres(home / "postgres"), home, servers)
        key = os.environ.get("MEILI_MASTER_KEY") or master_key(home / "key")
        meili_url = os.environ.get("MEILI_URL") or _start(
            search_server(home / "search", key), home, servers
        )
        environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": _start(valkey(home / "valkey"), home, servers),
            "MEILI_URL": meili_url,
            "MEILI_MASTER_KEY": key,
        }
        indexer = Process(
            Program("indexer", (sys.executable, "-m", "indexer"), environment=environment), home
        )
        asyncio.run(_measure(cars, environment, indexer))


def _start(program: Program, home: Path, servers: ExitStack) -> str:
    process = Process(program, home)
    process.start()
    servers.callback(process.stop)
    process.wait_ready()
    return program.address


async def _measure(cars: int, environment: dict[str, str], indexer: Process) -> None:
    await migrate(environment["DATABASE_URL"])
    async with (
        connect(environment["DATABASE_URL"]) as db,
        Engine(environment["MEILI_URL"], environment["MEILI_MASTER_KEY"]) as engine,
    ):
        await db.execute(FILL.replace("$CARS", str(cars)), timeout=600)
        await db.execute("DELETE FROM outbox; ANALYZE")
        await _triggers(db, min(cars, 10_000))
        bare = await _bare_load(db, engine)
        print(f"bare load      {cars / bare:8,.0f} documents/s  ({bare:.1f} s)", flush=True)
        indexer.start()
        try:
            await _reindex(db, cars, bare)
            await _verify(db, engine)
            await _lag(db, engine)
        finally:
            indexer.stop()


async def _triggers(db: asyncpg.Pool, cars: int) -> None:
    """The best of five with the triggers and without them, for each changed row; rolled back."""
    seconds: dict[str, list[float]] = {"origin": [], "replica": []}
    for _ in range(5):
        for role, times in seconds.items():
            async with db.acquire() as one:
                transaction = one.transaction()
                await transaction.start()
                await one.execute(f"SET LOCAL session_replication_role = {role}")
                began = time.perf_counter()
                await one.execute(
                    "UPDATE listings SET mileage = mileage + 1 WHERE key IN"
                    " (SELECT key FROM listings LIMIT $1)",
                    cars,
                )
                times.append(time.perf_counter() - began)
                await transaction.rollback()
    on, off = (min(seconds[role]) / cars * 1e6 for role in ("origin", "replica"))
    print(f"triggers       {on - off:8.1f} µs a changed row ({on:.1f} with, {off:.1f} without)")


async def _bare_load(db: asyncpg.Pool, engine: Engine) -> float:
    """Seconds from the first post to the last task's end, the documents read before."""
    await indexes.create(engine, "bare", settings.wanted("cars"))
    keys = [row["key"] for row in await db.fetch("SELECT key FROM listings ORDER BY key")]
    bodies = []
    for start in range(0, len(keys), BATCH):
        read = await documents.read(db, CARS, keys[start : start + BATCH])
        bodies.append(read.ndjson())
    began = time.perf_counter()
    tasks = [
        await engine.call(
            "POST",
            "/indexes/bare/documents",
            data=body,
            content_type="application/x-ndjson",
            timeout=120,
        )
        for body in bodies
    ]
    for task in tasks:
        ended = await engine.wait(task["taskUid"], 1_800)
        if ended["status"] != "succeeded":
            sys.exit(f"The bare load failed: {ended['error']}")
    seconds = time.perf_counter() - began
    await indexes.delete(engine, "bare")
    return seconds


async def _reindex(db: asyncpg.Pool, cars: int, bare: float) -> None:
    """From the row of the first generation to its last loaded document, and to the swap."""
    began = None
    loaded = None
    while True:
        row = await db.fetchrow(
            "SELECT state, engine_created_at, documents,"
            " (SELECT count(*) FROM batches) AS pending FROM generations"
        )
        now = time.perf_counter()
        if row is not None and row["engine_created_at"] and began is None:
            began = now
        if began and loaded is None and row["documents"] >= cars and not row["pending"]:
            loaded = now
        if began and loaded and row["state"] == "live":
            break
        await asyncio.sleep(0.02)
    load = loaded - began
    print(
        f"reindex, load  {cars / load:8,.0f} documents/s  ({load:.1f} s, {bare / load:.2f} of bare)"
    )
    print(f"reindex, rest  {time.perf_counter() - loaded:8.1f} s    (compare and swap)")


async def _verify(db: asyncpg.Pool, engine: Engine) -> None:
    began = time.perf_counter()
    found = await verify.compare(db, engine, CARS, "cars")
    seconds = time.perf_counter() - began
    print(f"verify         {found.documents / seconds:8,.0f} documents/s  ({found.count} differ)")


async def _lag(db: asyncpg.Pool, engine: Engine) -> None:
    """From the commit of one change to its task's success being known; what the task took."""
    lags: list[float] = []
    own: list[float] = []
    keys = [row["key"] for row in await db.fetch("SELECT key FROM listings LIMIT $1", CHANGES)]
    for key in keys:
        await asyncio.sleep(0.3 + 0.013 * len(lags))
        version = await db.fetchval("SELECT version FROM writers")
        began = time.perf_counter()
        await db.execute("UPDATE listings SET price = price + 1 WHERE key = $1", key)
        while await db.fetchval("SELECT version FROM writers") == version:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        lags.append(time.perf_counter() - began)
        own.append(await _last_task_seconds(engine))
    _show("lag", lags)
    _show("  engine's own", own)
    _show("  beyond it", [lag - task for lag, task in zip(lags, own, strict=True)])


def _show(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p95 = (ordered[int(len(ordered) * part)] * 1e3 for part in (0.5, 0.95))
    print(f"{name:<14} {p50:8.0f} ms p50  {p95:.0f} p95")


async def _last_task_seconds(engine: Engine) -> float:
    answer: Any = await engine.call("GET", "/tasks", params={"limit": 1})
    task = answer["results"][0]
    return (_moment(task["finishedAt"]) - _moment(task["enqueuedAt"])).total_seconds()


def _moment(text: str) -> datetime:
    """RFC 3339 with nanoseconds, of which Python reads six digits."""
    return datetime.strptime(text[:26].rstrip("Z"), "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
