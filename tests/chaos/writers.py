"""Writers: they change cars and dealers in transactions of every kind, until they are told to stop.

A transaction locks its dealers, then its cars, in order: a deadlock is then nobody's fault but the
triggers' or the indexer's.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from catalog.database import DATABASE_AWAY
from tests.chaos.stock import DEALERS, OF_EACH, RENAMED, WRITERS

TRIES = 5
RECONNECT_SECONDS = 0.05
STATEMENT_SECONDS = 20.0

_LOCK_DEALERS = "SELECT FROM dealers WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE"
_RENAME = "UPDATE dealers SET name = $2 WHERE id = ANY ($1::bigint[])"
_LOCK_CARS = "SELECT key FROM listings WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE"
_INSERT = (
    "INSERT INTO listings (key, active, dealer_id, make, price)"
    " SELECT unnest($1::text[]), true, $2, 'Ford', $3 ON CONFLICT DO NOTHING"
)
_DELETE = "DELETE FROM listings WHERE key = ANY ($1::text[])"


@dataclass
class Plan:
    """What one transaction does: the rows that it locks first, then its statements.

    A car that comes into being after that is left alone, unless it is the writer's own.
    """

    own: frozenset[str]
    cars: set[str] = field(default_factory=set)
    dealers: set[int] = field(default_factory=set)
    statements: list[tuple[str, list[str], tuple[Any, ...]]] = field(default_factory=list)
    names: list[tuple[list[int], str]] = field(default_factory=list)

    def change(self, statement: str, keys: list[str], *values: Any) -> None:
        """Change these cars, the statement's first parameter."""
        self.cars |= set(keys)
        self.statements.append((statement, keys, values))


class Writer:
    """One writer; `counts` says what became of everybody's transactions."""

    def __init__(self, number: int, url: str, chance: random.Random, counts: Counter[str]) -> None:
        self.counts = counts
        self._own = [f"w{number}-{n}" for n in range(OF_EACH)]
        self._url = url
        self._chance = chance
        self._value = 0
        self._db: asyncpg.Connection | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Write until told to stop; a Postgres that is away is waited for."""
        try:
            while not stop.is_set():
                try:
                    await self._write()
                except DATABASE_AWAY:
                    self.counts["broken off"] += 1
                    await self._disconnect()
                    await asyncio.sleep(RECONNECT_SECONDS)
                await asyncio.sleep(self._chance.uniform(0, 0.03))
        finally:
            await self._disconnect()

    async def _disconnect(self) -> None:
        if self._db is not None:
            self._db.terminate()
            self._db = None

    async def _write(self) -> None:
        if self._db is None:
            self._db = await asyncpg.connect(
                self._url,
                timeout=5,
                command_timeout=STATEMENT_SECONDS,
                server_settings={"application_name": "writer"},
            )
        if self._chance.random() < 0.1:
            await self._one_by_one(self._db)
        else:
            await self._retried(self._db, self._plan())

    def _plan(self) -> Plan:
        plan = Plan(frozenset(self._own))
        for _ in range(self._chance.choice((1, 1, 2, 4))):
            self._chance.choice(_STEPS)(self, plan)
        return plan

    async def _retried(self, db: asyncpg.Connection, plan: Plan) -> None:
        isolation = self._chance.choice(("read_committed", "repeatable_read"))
        pause = self._chance.choice((0, 0, 0.01, 0.1))
        commit = self._chance.random() < 0.8
        for _ in range(TRIES):
            try:
                await _transact(db, plan, isolation, pause, commit)
            except asyncpg.SerializationError:
                self.counts["serialization failures"] += 1
            except asyncpg.DeadlockDetectedError:
                self.counts["deadlocks"] += 1
            else:
                self.counts["commits" if commit else "rolled back"] += 1
                return

    async def _one_by_one(self, db: asyncpg.Connection) -> None:
        """Each row in a transaction of its own."""
        for key in self._some_cars(10):
            await db.execute("UPDATE listings SET price = $2 WHERE key = $1", key, self._next())
            self.counts["commits"] += 1

    def _next(self) -> int:
        self._value += 1
        return self._value

    def _some_cars(self, most: int) -> list[str]:
        """Cars of all writers, a few of them far more often than others."""
        if self._chance.random() < 0.3:
            return [f"w0-{n}" for n in range(self._chance.randint(1, 4))]
        return [
            f"w{self._chance.randrange(WRITERS)}-{self._chance.randrange(OF_EACH)}"
            for _ in range(self._chance.randint(1, most))
        ]

    def _some_own(self) -> list[str]:
        return sorted(self._chance.sample(self._own, self._chance.randint(1, 6)))

    def _dealer(self) -> int:
        return self._chance.randint(1, DEALERS)

    def update(self, plan: Plan) -> None:
        column = self._chance.choice(("price", "mileage", "year"))
        plan.change(
            f"UPDATE listings SET {column} = $2 WHERE key = ANY ($1::text[])",
            self._some_cars(12),
            self._next() % 30_000,
        )

    def activate(self, plan: Plan) -> None:
        plan.change(
            "UPDATE listings SET active = $2 WHERE key = ANY ($1::text[])",
            self._some_cars(5),
            self._chance.random() < 0.7,
        )

    def insert(self, plan: Plan) -> None:
        plan.change(_INSERT, self._some_own(), self._dealer(), self._next())

    def delete(self, plan: Plan) -> None:
        plan.change(_DELETE, self._some_own())

    def replace(self, plan: Plan) -> None:
        """Delete and insert the same cars: they were never gone for anybody else."""
        keys = self._some_own()
        plan.change(_DELETE, keys)
        plan.change(_INSERT, keys, self._dealer(), self._next())

    def move(self, plan: Plan) -> None:
        plan.change(
            "UPDATE listings SET dealer_id = $2 WHERE key = ANY ($1::text[])",
            self._some_cars(6),
            self._dealer(),
        )

    def rename(self, plan: Plan) -> None:
        """Another name for a dealer, or for several."""
        all_of_them = list(range(1, RENAMED + 1))
        ids = all_of_them if self._chance.random() < 0.2 else [self._chance.choice(all_of_them)]
        plan.dealers |= set(ids)
        plan.names.append((ids, f"Dealer {self._next()}"))


_STEPS: tuple[Callable[[Writer, Plan], None], ...] = (
    Writer.update,
    Writer.update,
    Writer.activate,
    Writer.insert,
    Writer.insert,
    Writer.delete,
    Writer.replace,
    Writer.move,
    Writer.rename,
)


async def _transact(
    db: asyncpg.Connection, plan: Plan, isolation: str, pause: float, commit: bool
) -> None:
    """One transaction, `pause` seconds between its statements; taken back unless `commit`."""
    transaction = db.transaction(isolation=isolation)
    await transaction.start()
    try:
        await db.execute(_LOCK_DEALERS, sorted(plan.dealers))
        held = {row["key"] for row in await db.fetch(_LOCK_CARS, sorted(plan.cars))} | plan.own
        for ids, name in plan.names:
            await db.execute(_RENAME, ids, name)
            await asyncio.sleep(pause)
        for statement, keys, values in plan.statements:
            await db.execute(statement, [key for key in keys if key in held], *values)
            await asyncio.sleep(pause)
        if commit:
            await transaction.commit()
        else:
            await transaction.rollback()
    except BaseException:
        with contextlib.suppress(asyncpg.InterfaceError, *DATABASE_AWAY):
            await transaction.rollback()
        raise


@contextlib.asynccontextmanager
async def writing(url: str, chance: random.Random, counts: Counter[str]) -> Any:
    """All writers, for as long as the block lasts; they count in `counts`."""
    stop = asyncio.Event()
    writers = [Writer(n, url, random.Random(chance.random()), counts) for n in range(WRITERS)]
    tasks = [asyncio.create_task(each.run(stop)) for each in writers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 2 * STATEMENT_SECONDS)
