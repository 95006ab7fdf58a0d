"""What keeping the index in step costs: `python -m loadtests.bench_sync [--cars N] [--json]`.

Starts its own Postgres, Valkey and search server (or uses MEILI_URL), fills the table with made-up
cars and measures: the triggers, the load phase of a reindex beside a bare load, the lag of a
change, sustained changes, the indexer's memory during reindexes of 10,000 to `--cars` documents.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable

from config.settings import Settings
from loadtests.sync import lag, loading, stock, triggers
from loadtests.sync.rows import Row, as_json, machine
from loadtests.sync.stage import Stage, servers, stage

SIZES = (10_000, 100_000, 1_000_000)
PAIRED_UP_TO = 100_000
MEMORY_MEGABYTES = 256.0
"""What the indexer needs at most, for however many cars: a few batches of 20 MB."""


def main() -> None:
    """Measure and print; 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cars", type=int, default=SIZES[-1], help="the most (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of loads (default 3)")
    parser.add_argument("--json", action="store_true", help="one JSON object, at the end")
    given = parser.parse_args()
    with servers() as settings:
        rows = asyncio.run(_measure(settings, given.cars, given.rounds, quiet=given.json))
    if given.json:
        print(as_json(rows, cars=given.cars))
    sys.exit(0 if all(row.kept for row in rows) else 1)


async def _measure(settings: Settings, cars: int, rounds: int, *, quiet: bool) -> list[Row]:
    measured: list[Row] = []

    def say(*rows: Row) -> None:
        measured.extend(rows)
        for row in () if quiet else rows:
            print(row, flush=True)

    async with stage(settings) as own:
        if not quiet:
            server = await own.engine.call("GET", "/version")
            where = ", ".join(f"{name} {value}" for name, value in machine().items())
            print(f"{where}; search server {server['pkgVersion']}", flush=True)
        have, peaks = 0, {}
        for size in [each for each in SIZES if each < cars] + [cars]:
            await stock.fill(own.db, have, size)
            if have == 0:
                say(*await triggers.cost(own.db))
            peaks[size] = await _one_size(own, size, rounds, say)
            have = size
    for size, peak in peaks.items():
        name = f"indexer's peak memory, {size:,} cars"
        say(Row(name, peak, "MB", at_most=MEMORY_MEGABYTES))
    return measured


async def _one_size(own: Stage, cars: int, rounds: int, say: Callable[..., None]) -> float:
    """All that depends on the number of cars, with a fresh indexer; its peak memory in MB."""
    own.start("indexer")
    try:
        await loading.idle(own)
        rows, peak = await loading.paired(own, cars, rounds if cars <= PAIRED_UP_TO else 1)
        say(*rows, await loading.verified(own))
        if cars <= PAIRED_UP_TO:
            say(*await lag.single(own), *await lag.sustained(own, cars))
    finally:
        own.stop()
    return peak


if __name__ == "__main__":
    main()
