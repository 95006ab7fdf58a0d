"""What the triggers cost a writer: the same work with them and without, in turns, rolled back.

It is the processor time of the writer's process of Postgres, which other programs hardly change.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg

from loadtests.sync.rows import Row
from loadtests.sync.stock import offers
from scrapers.storing.upsert import touch, upsert

MICROSECONDS_A_ROW = 10.0
PERCENT_OF_THE_UPSERT = 15.0

CRAWL_ROWS = 250  # scrapers/sites/writer.py commits so many at once
CRAWL_ROUNDS = 50
BULK_ROWS = 10_000
BULK_ROUNDS = 15

# Only the triggers of ours: foreign keys are looked after either way.
_WITHOUT = "ALTER TABLE listings DISABLE TRIGGER USER; ALTER TABLE dealers DISABLE TRIGGER USER"
# What was rolled back makes room for the next turn, as it is in a table that lives: one that has to
# grow costs more than triggers do. The history grows, since nothing is taken out of it.
_TIDY = ("VACUUM (TRUNCATE false) listings, outbox", "VACUUM offers, dealers")

Work = Callable[[asyncpg.Connection], Awaitable[Any]]


async def _nothing(_: asyncpg.Connection) -> None:
    """What most works need before."""


async def cost(db: asyncpg.Pool) -> list[Row]:
    """Microseconds for each changed row: bulk SQL, and a crawl's upsert with its share of it."""
    rows = []
    for name, column in (("one column", "mileage"), ("a price", "price")):
        more, without = await _pairs(db, _bulk(column), BULK_ROUNDS, BULK_ROWS)
        rows.append(_row(f"triggers, {name} of 10,000 rows", more, without))
    for name, work, before in _crawls():
        more, without = await _pairs(db, work, CRAWL_ROUNDS, CRAWL_ROWS, before)
        rows.append(_row(f"triggers, a crawl's {name}", more, without))
        percent = more / without * 100
        rows.append(Row("  of the upsert", percent, "%", at_most=PERCENT_OF_THE_UPSERT))
    return rows


def _row(name: str, more: float, without: float) -> Row:
    note = f"beside {without:.1f} without them"
    return Row(name, more, "µs a row", note, at_most=MICROSECONDS_A_ROW)


def _bulk(column: str) -> Work:
    async def update(db: asyncpg.Connection) -> None:
        await db.execute(
            f"UPDATE listings SET {column} = {column} + 1"
            " WHERE key IN (SELECT key FROM listings ORDER BY key LIMIT $1)",
            BULK_ROWS,
        )

    return update


def _crawls() -> Iterator[tuple[str, Work, Work]]:
    """New offers, offers with another price, offers that say the same, offers seen again."""
    first, other = offers(CRAWL_ROWS, 1_000), offers(CRAWL_ROWS, 2_000)
    ids = [offer.external_id for offer in first]

    async def write_first(db: asyncpg.Connection) -> None:
        await upsert(db, 1, first)

    async def write_other(db: asyncpg.Connection) -> None:
        await upsert(db, 1, other)

    async def see_again(db: asyncpg.Connection) -> None:
        await touch(db, 1, "bench", ids)

    yield "new rows", write_first, _nothing
    yield "new prices", write_other, write_first
    yield "equal rows", write_first, write_first
    yield "sightings", see_again, write_first


async def _pairs(
    db: asyncpg.Pool, work: Work, rounds: int, rows: int, before: Work = _nothing
) -> tuple[float, float]:
    """Microseconds a row that the triggers add to the work, and that it takes without them: the
    medians of so many turns.
    """
    added, alone = [], []
    for number in range(rounds):
        took = {}
        for with_them in (True, False) if number % 2 else (False, True):
            took[with_them] = await _once(db, work, before, with_them=with_them) / rows * 1e6
            for command in _TIDY:
                await db.execute(command)
        added.append(took[True] - took[False])
        alone.append(took[False])
    return median(added), median(alone)


async def _once(db: asyncpg.Pool, work: Work, before: Work, *, with_them: bool) -> float:
    async with db.acquire() as one:
        transaction = one.transaction()
        await transaction.start()
        try:
            if not with_them:
                await one.execute(_WITHOUT)
            await before(one)
            began = _worked(one.get_server_pid())
            await work(one)
            return _worked(one.get_server_pid()) - began
        finally:
            await transaction.rollback()


def _worked(process: int) -> float:
    """Seconds that a server's process has been on a core; those of a clock where it is not seen."""
    told = Path(f"/proc/{process}")
    if not told.exists() or (told / "comm").read_text().strip() != "postgres":
        return time.perf_counter()
    return int((told / "schedstat").read_text().split()[0]) / 1e9
