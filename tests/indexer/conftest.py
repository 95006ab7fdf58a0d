"""A database with a few cars, an empty search server and an indexer between them."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from catalog.cars import CARS
from catalog.database import connect
from catalog.vertical import Vertical
from catalog.verticals import VERTICALS
from config.settings import Settings, load
from engine import version
from engine.client import Engine
from indexer import generations, loop, requests, verify
from indexer.generations import Generation
from indexer.lease import Lease, hold
from indexer.loop import Writer
from indexer.publisher import Publisher
from indexer.requests import Requests
from indexer.settings import Wanted
from jobs.sync_reports import behind
from stack import asking
from stack.cli import application

SETTLED_SECONDS = 60.0
ENDED = "SELECT true FROM jobs WHERE id = $1 AND state IN ('done', 'failed')"

EMPTY = """
DELETE FROM jobs; DELETE FROM generations; DELETE FROM writers;
DELETE FROM listings; DELETE FROM offers; DELETE FROM dealers; DELETE FROM sources;
DELETE FROM outbox;
INSERT INTO sources (name, vertical, start_url, parser, every) VALUES ('lot', 'cars', '', '', 60);
INSERT INTO dealers (id, source, external_id, name, city, lat, lng) VALUES
    (1, 'lot', 'd1', 'Loop Motors', 'Chicago', 41.9, -87.6),
    (2, 'lot', 'd2', 'Lake Autos', 'Chicago', 41.8, -87.5);
"""


@dataclass
class Stage:
    """The truth, the search server, and what a test asks of both."""

    settings: Settings
    db: asyncpg.Pool
    engine: Engine

    async def add(self, *keys: str, dealer: int = 1, price: int = 10_000, **columns: Any) -> None:
        """Insert cars in one statement."""
        names = ", ".join(["key", "active", "dealer_id", "price", "make", *columns])
        marks = ", ".join(f"${n}" for n in range(2, 2 + len(columns)))
        values = f"unnest($1::text[]), true, {dealer}, {price}, 'Kia'" + (marks and f", {marks}")
        await self.db.execute(
            f"INSERT INTO listings ({names}) SELECT {values}", list(keys), *columns.values()
        )

    @asynccontextmanager
    async def indexing(self, **changed: Any) -> AsyncIterator[None]:
        """An indexer in this process, for a while; what ends it early fails the test."""
        task = asyncio.create_task(loop.run(self.settings.model_copy(update=changed)))
        try:
            yield
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def leased(self) -> AsyncIterator[Lease]:
        """The right to write, for a test that does the steps itself."""
        async with hold(str(self.settings.database_url), self.db, VERTICALS) as lease:
            keeping = asyncio.create_task(lease.keep())
            try:
                yield lease
            finally:
                keeping.cancel()

    def writer(self, lease: Lease, vertical: Vertical = CARS) -> Writer:
        """The loop of a vertical, to be stepped by hand."""
        valkey = version.connect(str(self.settings.redis_url))
        requests = Requests(self.db, ["cars"])
        publisher, keep = Publisher(valkey), timedelta(hours=24)
        return Writer(
            lease, self.engine, self.engine, vertical, requests, publisher, Wanted("cars"), keep
        )

    def environment(self) -> dict[str, str]:
        """For an indexer in a process of its own."""
        return os.environ | {
            "DATABASE_URL": str(self.settings.database_url),
            "REDIS_URL": str(self.settings.redis_url),
            "MEILI_URL": str(self.settings.meili_url),
            "MEILI_MASTER_KEY": str(self.settings.meili_master_key),
        }

    async def live(self) -> Generation | None:
        found = await generations.followed(self.db, "cars")
        return next((each for each in found if each.state == "live"), None)

    async def until(
        self, reached: Callable[[], Awaitable[Any]], seconds: float = SETTLED_SECONDS
    ) -> None:
        """Wait until `reached` says so."""
        end = time.monotonic() + seconds
        while not await reached():
            assert time.monotonic() < end, "not reached"
            await asyncio.sleep(0.02)

    async def step_until(self, writer: Writer, state: str) -> None:
        """Have the writer step until a generation is in this state."""
        end = time.monotonic() + 60
        while not await self.db.fetchval(
            "SELECT count(*) FROM generations WHERE state = $1", state
        ):
            assert time.monotonic() < end, "not reached"
            await writer.step()
            await asyncio.sleep(0.01)

    async def ended(self, job: int) -> Any:
        """The row of a job, when it is done or has failed."""
        await self.until(lambda: self.db.fetchval(ENDED, job))
        return await self.db.fetchrow("SELECT * FROM jobs WHERE id = $1", job)

    async def settled(self, seconds: float = SETTLED_SECONDS) -> None:
        """Wait until an index is live, nothing waits for it, and no other is being made."""
        end = time.monotonic() + seconds
        while True:
            rows = [
                (row["state"], row["pending"], row["unclaimed"])
                for row in await behind(self.db)
                if row["state"] != "old"
            ]
            jobs = await self.db.fetchval(
                "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
            )
            if rows == [("live", 0, 0)] and not jobs:
                return
            assert time.monotonic() < end, f"not settled: {rows}, {jobs}"
            await asyncio.sleep(0.02)

    async def indexed(self) -> dict[str, dict[str, Any]]:
        """What a search can find, by id (up to 1,000)."""
        page = await self.engine.call("POST", "/indexes/cars/documents/fetch", json={"limit": 1000})
        return {each["id"]: each for each in page["results"]}

    async def differing(self) -> dict[str, verify.Difference]:
        """Every document in which the live index and the view differ."""
        return (await verify.compare(self.db, self.engine, CARS, "cars")).differing


@pytest.fixture
async def stage(
    postgres_url: str, valkey_url: str, meili: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    monkeypatch.setattr(loop, "LOOK_SECONDS", 0.05)  # an idle indexer sees requests sooner
    monkeypatch.setattr(requests, "LOOK_SECONDS", 0.05)
    settings = load(
        database_url=postgres_url,
        redis_url=valkey_url,
        meili_url=meili.url,
        meili_master_key=meili.key,
    )
    async with connect(postgres_url) as db, Engine(meili.url, meili.key) as engine:
        await db.execute(EMPTY)
        for index in (await engine.call("GET", "/indexes", params={"limit": 1000}))["results"]:
            task = await engine.call("DELETE", f"/indexes/{index['uid']}")
            await engine.wait(task["taskUid"])
        yield Stage(settings, db, engine)


@pytest.fixture
def showroom(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Awaitable[tuple[int, str]]]:
    """Run the command in a thread; (exit status, all that it printed)."""
    monkeypatch.setattr(asking, "LOOK_SECONDS", 0.05)
    for name, value in stage.environment().items():
        monkeypatch.setenv(name, value)

    async def run(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, application(), list(words))
        return result.exit_code, result.output

    return run
