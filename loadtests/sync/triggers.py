"""What the triggers cost a writer: the same work with them and without, in turns, rolled back."""

import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import asyncpg

from loadtests.sync.rows import Row
from loadtests.sync.stock import offers
from scrapers.storing.upsert import touch, upsert

MICROSECONDS_A_ROW = 10.0
PERCENT_OF_THE_UPSERT = 15.0

CRAWL_ROWS = 250  # scrapers/sites/writer.py commits so many at once
CRAWL_ROUNDS = 25
BULK_ROWS = 10_000
BULK_ROUNDS = 7

# Only the triggers of ours: foreign keys are looked after either way.
_WITHOUT = "ALTER TABLE listings DISABLE TRIGGER USER; ALTER TABLE dealers DISABLE TRIGGER USER"

Work = Callable[[asyncpg.Connection], Awaitable[Any]]


async def _nothing(_: asyncpg.Connection) -> None:
    """What most works need before."""


async def cost(db: asyncpg.Pool) -> list[Row]:
    """Microseconds for each changed row: bulk SQL, and a crawl's upsert with its share of it."""
    rows = []
    for name, column in (("one column", "mileage"), ("a price", "price")):
        with_them, without = await _pairs(db, _bulk(column), BULK_ROUNDS, BULK_ROWS)
        rows.append(_row(f"triggers, {name} of 10,000 rows", with_them, without))
    for name, work, before in _crawls():
        with_them, without = await _pairs(db, work, CRAWL_ROUNDS, CRAWL_ROWS, before)
        rows.append(_row(f"triggers, a crawl's {name}", with_them, without))
        percent = (with_them - without) / without * 100
        rows.append(Row("  of the upsert", percent, "%", at_most=PERCENT_OF_THE_UPSERT))
    return rows


def _row(name: str, with_them: float, without: float) -> Row:
    note = f"{with_them:.1f} with them, {without:.1f} without"
    return Row(name, with_them - without, "µs a row", note, at_most=MICROSECONDS_A_ROW)


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
    """Microseconds a row with the triggers, and without: the best of so many turns."""
    took: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for with_them, times in took.items():
            times.append(await _once(db, work, before, with_them=with_them) / rows * 1e6)
    return min(took[True]), min(took[False])


async def _once(db: asyncpg.Pool, work: Work, before: Work, *, with_them: bool) -> float:
    async with db.acquire() as one:
        transaction = one.transaction()
        await transaction.start()
        try:
            if not with_them:
                await one.execute(_WITHOUT)
            await before(one)
            began = time.perf_counter()
            await work(one)
            return time.perf_counter() - began
        finally:
            await transaction.rollback()
