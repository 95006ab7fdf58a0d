"""A first crawl of the demo market: `python -m loadtests.bench_crawl [--cars 12000] [--json]`.

Starts a Postgres, a Valkey, the market (pages of offers of 60 kB and more) and two workers in a
temporary folder, and crawls the market once, at the full rate of a source without limits. 1 when
that takes longer than 120 s for 12,000 cars, when a page was not parsed, or a car is missing.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import psutil
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from catalog.database import connect, migrate
from config.settings import Settings, load
from jobs import reports, rows
from loadtests.sync.rows import Row, as_json, machine
from scrapers.sources.rows import load_into
from stack import plan, running
from stack.process import Process, Program

CARS, SECONDS = 12_000, 120.0
LONGEST = 1_800.0
LEAST_BYTES = 60_000  # of an offer's page
PARTS = {
    "worker": "stack.worker",
    "market": "stack.market",
    "postgres": "postgres",
    "valkey": "valkey",
}


@dataclass(frozen=True)
class Stage:
    """The servers that run, and the processor seconds that each part has used."""

    settings: Settings

    def processor(self) -> Counter[str]:
        """Processor seconds by part; postgres stands for all its processes."""
        used: Counter[str] = Counter()
        for process in psutil.Process().children(recursive=True):
            try:
                words, times = " ".join(process.cmdline()), process.cpu_times()
            except psutil.Error:
                continue
            if "stack.guard" in words:
                continue
            part = next((part for part, word in PARTS.items() if word in words), None)
            if part:
                used[part] += times.user + times.system
        return used


@contextmanager
def stage(cars: int, workers: int) -> Iterator[Stage]:
    """Everything started, the schema made; all is gone at the end. Raises StartError."""
    with TemporaryDirectory(prefix="bench-") as folder, ExitStack() as started:
        home = Path(folder)
        own = {"home": home, "database_url": None, "redis_url": None, "market_url": None}
        settings = load().model_copy(update=own | {"meili_url": "http://127.0.0.1:9"})
        planned = plan.servers(settings)
        running.private_folder(home, "run")
        market = plan.market(planned.settings)
        lot = [
            replace(program, command=(*program.command, "--cars", str(cars), "--paused"))
            for program in market.programs
        ]
        for program in (*planned.programs, *lot):
            _start(program, home, started)
        asyncio.run(migrate(str(market.settings.database_url)))
        for number in range(workers):
            known = plan.environment(market.settings)
            command = (sys.executable, "-m", "stack.worker")
            _start(Program(f"worker-{number}", command, environment=known), home, started)
        yield Stage(market.settings)


def _start(program: Program, home: Path, stack: ExitStack) -> None:
    process = Process(program, home)
    process.start()
    stack.callback(process.stop)
    process.wait_ready()


@contextmanager
def bar(cars: int, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Shows on a terminal how many cars a crawl has, and how long it still takes."""
    console = Console(stderr=True)
    shown = Progress(
        TextColumn("{task.completed:,} of {task.total:,} cars"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    with shown:
        task = shown.add_task("", total=cars)
        yield lambda items: shown.update(task, completed=items)


async def crawl(own: Stage, show: Callable[[int], None]) -> dict[str, Any]:
    """Crawl the market; the run's row, with what is kept of it, by both clocks."""
    async with connect(str(own.settings.database_url), max_size=2) as pool:
        await load_into(pool, own.settings)
        before, began = own.processor(), time.monotonic()
        job = await rows.enqueue(pool, "crawl", "market", priority=rows.ASKED)
        row = await _ended(pool, job, began, show)
        seconds = time.monotonic() - began
        run = await pool.fetchrow("SELECT * FROM runs ORDER BY id LIMIT 1")
        if run is None:
            raise SystemExit(f"The crawl did not begin: {row['error']}")
        return {
            **dict(run),
            "wall": seconds,
            "processor": own.processor() - before,
            "live": await pool.fetchval("SELECT count(*) FROM listings WHERE active"),
            "kept": await pool.fetchval("SELECT sum(size) FROM pages"),
            "database": await pool.fetchval("SELECT pg_database_size(current_database())"),
        }


async def _ended(
    pool: asyncpg.Pool, job: int, began: float, show: Callable[[int], None]
) -> dict[str, Any]:
    while True:
        row = await reports.job(pool, job)
        assert row is not None
        if row["state"] in ("done", "failed") or time.monotonic() - began > LONGEST:
            return row
        show(await pool.fetchval("SELECT items FROM runs ORDER BY id LIMIT 1") or 0)
        await asyncio.sleep(0.5)


def figures(run: dict[str, Any], cars: int) -> list[Row]:
    """What was measured; the limit of time holds for 12,000 cars."""
    limit = SECONDS if cars == CARS else None
    problems = ", ".join(
        f"{code} {count}"
        for code, count in run["problems"].items()
        if code.startswith(("fetch/", "parse/"))
    )
    found = [
        Row("a first crawl, from the request on", run["wall"], "s", at_most=limit),
        Row("pages a second", run["pages"] / run["wall"], "pages/s"),
        Row("bytes of a page", run["bytes"] / run["pages"], "B", at_least=LEAST_BYTES),
        Row("cars that are live", run["live"], "cars", at_least=cars),
        Row("offers whose page was read and parsed", run["read"], "offers", at_least=run["items"]),
        Row("offers that failed", run["failed"], "offers", problems, at_most=0),
        Row("pages as they are kept", run["kept"] / 1e6, "MB"),
        Row("the database", run["database"] / 1e6, "MB"),
    ]
    used = run["processor"]
    return found + [Row(f"processor time, {part}", used[part], "s") for part in PARTS]


def main() -> int:
    """Print what was measured; 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench_crawl", description=__doc__)
    parser.add_argument("--cars", type=int, default=CARS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="for scripts")
    asked = parser.parse_args()
    with stage(asked.cars, asked.workers) as own, bar(asked.cars, quiet=asked.json) as show:
        run = asyncio.run(crawl(own, show))
    measured = figures(run, asked.cars)
    if asked.json:
        print(as_json(measured, state=run["state"], error=run["error"]))
    else:
        print(f"The run is {run['state']}. {run['error'] or ''} Load {machine()['load']}.")
        print(*measured, sep="\n")
    return 0 if run["state"] == "done" and all(row.kept for row in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
