"""What the search server does with cars, and beside a real Meilisearch where MEILI_URL names one.

    python loadtests/bench_engine.py [--cars 100000] [--growth] [--json]

The cars are the demo market's, the settings those of `meilisearch-settings.json`, each search asks
for eight facets, one of them with several values. Answers are not cached: no search comes twice.
`--growth` goes from 10,000 to 1,000,000 cars.
"""

import argparse
import asyncio
import itertools
import operator
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil

from config.settings import ROOT
from loadtests.http_client import Client
from loadtests.searches import searches
from stack.engine import master_key, meililite
from stack.process import Process

INDEX = "bench"
LOAD = 10_000  # documents a request
SEARCHES = 1_000
AT_ONCE = 8
CHANGES = 40
GROWTH = (10_000, 100_000, 1_000_000)

Row = dict[str, float]


def make_cars(count: int, folder: Path) -> Path:
    """A file of documents, one a line; always the same."""
    path = folder / f"{count}.ndjson"
    command = [sys.executable, "-m", "loadtests.documents", "--count", str(count), "--seed", "1"]
    with path.open("wb") as file:
        subprocess.run(command, stdout=file, check=True, cwd=ROOT)
    return path


def batches(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while lines := list(itertools.islice(file, LOAD)):
            yield b"".join(lines)


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


async def load(client: Client, path: Path, count: int) -> Row:
    """Documents a second, from the first byte sent until the last task succeeded."""
    settings = orjson.loads((ROOT / "meilisearch-settings.json").read_bytes())["cars"]
    body = orjson.dumps({"uid": INDEX, "primaryKey": "id"})
    await client.finished(await client.send("POST", "/indexes", body))
    body = orjson.dumps(settings)
    await client.finished(await client.send("PATCH", f"/indexes/{INDEX}/settings", body))
    began = time.perf_counter()
    for batch in batches(path):
        last = await client.send(
            "POST", f"/indexes/{INDEX}/documents", batch, "application/x-ndjson"
        )
    await client.finished(last)
    return {"load docs/s": count / (time.perf_counter() - began)}


async def search(client: Client, bodies: list[bytes]) -> list[float]:
    """Milliseconds of each search, one at a time."""
    took = []
    for body in bodies:
        began = time.perf_counter()
        await client.send("POST", f"/indexes/{INDEX}/search", body)
        took.append((time.perf_counter() - began) * 1000)
    return took


async def one_at_a_time(client: Client, bodies: list[bytes]) -> Row:
    await search(client, bodies[:50])
    took = await search(client, bodies[50:])
    shares = {"p50 ms": 50, "p95 ms": 95, "p99 ms": 99}
    return {name: percentile(took, share) for name, share in shares.items()}


async def at_once(url: str, key: str, bodies: list[bytes]) -> Row:
    """Searches a second with eight connections."""
    waiting = iter(bodies)

    async def work() -> None:
        client = Client(url, key)
        for body in waiting:
            await client.send("POST", f"/indexes/{INDEX}/search", body)
        client.close()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return {f"{AT_ONCE} at once /s": len(bodies) / (time.perf_counter() - began)}


async def change(client: Client, path: Path, number: int) -> float:
    """Change one car's price; milliseconds until a search shows it."""
    with path.open("rb") as file:
        car = orjson.loads(next(itertools.islice(file, number * 7, None)))
    price = 2_000_000 + number
    body = orjson.dumps({"filter": f"id = {car['id']} AND price = {price}", "limit": 1})
    began = time.perf_counter()
    await client.send(
        "PUT", f"/indexes/{INDEX}/documents", orjson.dumps([{"id": car["id"], "price": price}])
    )
    while True:
        answer = await client.send("POST", f"/indexes/{INDEX}/search", body)
        if orjson.loads(answer)["hits"]:
            return (time.perf_counter() - began) * 1000
        await asyncio.sleep(0.001)


async def while_changing(url: str, key: str, path: Path, bodies: list[bytes]) -> Row:
    """One change after another, and searches meanwhile: how long either takes.

    A search's wait is what it took beyond its own time, measured afterwards.
    """
    writer, reader = Client(url, key), Client(url, key)
    alone = [await change(writer, path, number) for number in range(CHANGES)]
    pending = asyncio.create_task(search(reader, bodies))
    number = CHANGES
    while not pending.done():
        await change(writer, path, number)
        number += 1
        await asyncio.sleep(0.02)
    took = await pending
    own = await search(reader, bodies)
    writer.close()
    reader.close()
    return {
        "change ms": percentile(alone, 50),
        "change p95 ms": percentile(alone, 95),
        "p95 ms beside changes": percentile(took, 95),
        "longest ms beside changes": max(took),
        "longest wait ms": max(map(operator.sub, took, own)),
    }


def memory(pid: int) -> Row:
    """Gigabytes of a process and all below it; what they share is counted once (PSS)."""
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    return {"PSS GB": sum(each.memory_full_info().pss for each in family) / 1e9}


async def measure(url: str, key: str, path: Path, count: int) -> Row:
    """All figures of one server, which is left without the index."""
    client = Client(url, key)
    row = await load(client, path, count)
    with path.open("rb") as file:
        sample = [orjson.loads(line) for line in itertools.islice(file, 5_000)]
    bodies = searches(sample, 3 * SEARCHES)
    row |= await one_at_a_time(client, bodies[:SEARCHES])
    row |= await at_once(url, key, bodies[SEARCHES : 2 * SEARCHES])
    row |= await while_changing(url, key, path, bodies[2 * SEARCHES :])
    client.close()
    return row


def embedded(path: Path, count: int, folder: Path) -> Row:
    """The figures of meililite, its memory, and how long it takes to answer after a restart."""
    key = master_key(folder / "key")
    process = Process(meililite(folder / f"meili-{count}", key), folder)
    process.start()
    process.wait_ready()
    try:
        address = process.program.address
        row = asyncio.run(measure(address, key, path, count))
        row |= memory(psutil.Process().children()[0].pid)
        process.stop()
        began = time.perf_counter()
        process.start()
        process.wait_ready()
        asyncio.run(_first_search(address, key))
        return row | {"restart s": time.perf_counter() - began}
    finally:
        process.stop()


async def _first_search(url: str, key: str) -> None:
    client = Client(url, key)
    await client.send("POST", f"/indexes/{INDEX}/search", b"{}")
    client.close()


async def real(url: str, key: str, path: Path, count: int) -> Row:
    """The figures of the server at MEILI_URL; the index is deleted before and after."""
    client = Client(url, key)
    try:
        await _delete(client)
        return await measure(url, key, path, count)
    finally:
        await _delete(client)
        client.close()


async def _delete(client: Client) -> None:
    uids = [each["uid"] for each in (await client.json("GET", "/indexes"))["results"]]
    if INDEX in uids:
        await client.finished(await client.send("DELETE", f"/indexes/{INDEX}"))


def machine() -> str:
    """Commit, processor count and Python, for the table in docs."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    python = platform.python_version()
    return f"commit {commit.stdout.strip() or 'unknown'}, {os.cpu_count()} cores, Python {python}"


def show(count: int, rows: dict[str, Row]) -> None:
    names = list(rows)
    print(f"\n{count:,} cars".ljust(28) + "".join(f"{name:>14}" for name in names))
    for measured in rows[names[0]]:
        values = [rows[name][measured] for name in names if measured in rows[name]]
        cells = "".join(f"{value:14,.2f}" for value in values)
        ratio = f"   ratio {values[0] / values[1]:.2f}" if len(values) == 2 else ""
        print(f"{measured:<27}{cells}{ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cars", type=int, default=100_000)
    parser.add_argument("--growth", action="store_true", help="10,000, 100,000, 1,000,000 cars")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    report: dict[str, Any] = {"machine": machine()}
    if not given.json:
        print(report["machine"])
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for count in GROWTH if given.growth else (given.cars,):
            path = make_cars(count, folder)
            rows = {"meililite": embedded(path, count, folder)}
            if url := os.environ.get("MEILI_URL"):
                key = os.environ.get("MEILI_MASTER_KEY", "")
                rows["MEILI_URL"] = asyncio.run(real(url, key, path, count))
            report[str(count)] = rows
            if not given.json:
                show(count, rows)
    if given.json:
        print(orjson.dumps(report).decode())


if __name__ == "__main__":
    main()
