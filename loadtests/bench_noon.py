"""A reindex at noon: `python -m loadtests.bench_noon [--cars 100000] [--json]`.

While 200 changes and 50 searches a second go on, all cars are indexed anew. The cars of 40 makes
never become more or fewer, so every search for one of them must find exactly as many, also at the
moment of the swap. Starts its own servers (or uses MEILI_URL), API and indexer; 1 when a search
failed, a count was wrong, the lag was too long, or the index differs from the table in the end.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import aiohttp

from catalog.cars import CARS
from config.settings import Settings
from indexer import verify
from jobs.sync_reports import behind
from loadtests.sync import lag, loading, stock
from loadtests.sync.rows import Row, as_json, machine, quantile
from loadtests.sync.stage import Stage, servers, stage
from stack.plan import api_url

CHANGES_AT_ONCE = 10
RENAME_EVERY = 100  # transactions
LEAD_SECONDS = 5.0
SETTLED_SECONDS = 120.0
LAG_SECONDS = 10.0
LAG_EVERY_SECONDS = 0.2
SEARCH_SECONDS = 30.0
SEED = 12

Work = Callable[[int], Coroutine[None, None, None]]


@dataclass
class Noon:
    """What happened, kept apart for the time before the reindex and for the reindex."""

    changes: int = 0
    failed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    lags: dict[str, list[float]] = field(default_factory=dict)
    now: str = "before"
    over: bool = False


async def _paced(noon: Noon, each_second: float, work: Work) -> None:
    """Begin `work` so many times a second, whether the ones before have ended or not."""
    began, number = time.monotonic(), 0
    async with asyncio.TaskGroup() as group:
        while not noon.over:
            number += 1
            group.create_task(work(number))
            await asyncio.sleep(max(0.0, began + number / each_second - time.monotonic()))


def _changing(own: Stage, noon: Noon, cars: int) -> Work:
    """Ten changes in one transaction: prices, mileages, new cars, sold ones; a dealer's name."""
    dice = random.Random(SEED)

    async def change(number: int) -> None:
        key = "upper(substr(md5($1::text), 1, 17))"
        async with own.db.acquire() as db, db.transaction():
            for car in sorted(dice.sample(range(1, cars + 1), CHANGES_AT_ONCE - 2)):
                column = dice.choice(("price", "mileage"))
                await db.execute(
                    f"UPDATE listings SET {column} = {column} + 1 WHERE key = {key}", str(car)
                )
            await db.execute(
                "INSERT INTO listings (key, active, make, price) VALUES ($1, true, 'Other', 1)",
                f"NOON{number}",
            )
            await db.execute("DELETE FROM listings WHERE key = $1", f"NOON{number - 50}")
            if number % RENAME_EVERY == 0:
                await db.execute(
                    "UPDATE dealers SET name = $1 WHERE external_id = '1'", f"Name {number}"
                )
        noon.changes += CHANGES_AT_ONCE

    return change


def _searching(session: aiohttp.ClientSession, address: str, noon: Noon, expected: int) -> Work:
    """A search for one of the makes, whose count is known."""
    dice = random.Random(SEED)

    async def search(_: int) -> None:
        make = f"Make{dice.randrange(stock.MAKES)}"
        sort = dice.choice(("price", "-price", "mileage", "-year", "newest"))
        phase, began = noon.now, time.perf_counter()
        try:
            async with session.get(address, params={"make": make, "sort": sort}) as answer:
                found = await answer.json()
                total = found["meta"]["total"] if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError) as error:
            noon.failed.append(f"{phase}: {type(error).__name__} {error}")
            return
        noon.milliseconds.setdefault(phase, []).append((time.perf_counter() - began) * 1e3)
        if total is None:
            noon.failed.append(f"{phase}: {answer.status} {found}")
        elif total != expected:
            noon.wrong.append(f"{phase}: {make} has {total}, not {expected}")

    return search


async def _watch_lag(own: Stage, noon: Noon) -> None:
    while not noon.over:
        for row in await behind(own.db):
            if row["state"] == "live":
                noon.lags.setdefault(noon.now, []).append(row["lag_seconds"])
        await asyncio.sleep(LAG_EVERY_SECONDS)


async def _reindex(own: Stage, noon: Noon) -> float:
    """Wait a little, reindex, wait a little; seconds of the reindex."""
    try:
        await asyncio.sleep(LEAD_SECONDS)
        noon.now, began = "reindex", time.perf_counter()
        await loading.run_reindex(own)
        seconds = time.perf_counter() - began
        noon.now = "after"
        await asyncio.sleep(LEAD_SECONDS)
        return seconds
    finally:
        noon.over = True


async def _measure(settings: Settings, given: argparse.Namespace) -> list[Row]:
    noon = Noon()
    timeout = aiohttp.ClientTimeout(total=SEARCH_SECONDS)
    async with stage(settings) as own, aiohttp.ClientSession(timeout=timeout) as session:
        await stock.fill(own.db, 0, given.cars)
        own.start("api", "indexer")
        await loading.idle(own)
        address = f"{api_url(settings)}/api/v1/{CARS.collection}"
        async with asyncio.TaskGroup() as group:
            reindex = group.create_task(_reindex(own, noon))
            group.create_task(_watch_lag(own, noon))
            change = _changing(own, noon, given.cars)
            group.create_task(_paced(noon, given.changes / CHANGES_AT_ONCE, change))
            search = _searching(session, address, noon, given.cars // stock.MAKES)
            group.create_task(_paced(noon, given.searches, search))
        await lag.settled(own, SETTLED_SECONDS)
        found = await verify.compare(own.db, own.engine, CARS, "cars")
    for said in (noon.failed + noon.wrong)[:5]:
        print(said, file=sys.stderr)
    return _rows(noon, reindex.result(), found.count)


def _rows(noon: Noon, seconds: float, differing: int) -> list[Row]:
    rows = [Row("reindex took", seconds, "s"), Row("changes made", noon.changes, "")]
    for phase, times in noon.milliseconds.items():
        rate = f"p50 {quantile(times, 0.5):.0f} ms, p95 {quantile(times, 0.95):.0f} ms"
        rows.append(Row(f"searches, {phase}", len(times), "", f"{rate}, max {max(times):.0f} ms"))
    for phase, lags in noon.lags.items():
        note = f"p50 {quantile(lags, 0.5):.2f} s"
        rows.append(Row(f"longest lag, {phase}", max(lags), "s", note, at_most=LAG_SECONDS))
    return [
        *rows,
        Row("failed searches", len(noon.failed), "", at_most=0),
        Row("wrong counts", len(noon.wrong), "", at_most=0),
        Row("documents that differ in the end", differing, "", at_most=0),
    ]


def main() -> None:
    """Run it and print; 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cars", type=int, default=100_000, help=f"a multiple of {stock.MAKES}")
    parser.add_argument("--changes", type=int, default=200, help="a second (default 200)")
    parser.add_argument("--searches", type=int, default=50, help="a second (default 50)")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.cars % stock.MAKES:
        parser.error(f"--cars must be a multiple of {stock.MAKES}: every make has equally many.")
    with servers() as settings:
        rows = asyncio.run(_measure(settings, given))
        if given.json:
            print(as_json(rows, cars=given.cars))
        else:
            print(", ".join(f"{name} {value}" for name, value in machine().items()))
            print(*rows, sep="\n", flush=True)
    sys.exit(0 if all(row.kept for row in rows) else 1)


if __name__ == "__main__":
    main()
