"""A database, a site and a job for the scrapers' tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import asyncpg
import pytest

from catalog.database import connect
from config.settings import load
from jobs import rows
from jobs.handlers import Context
from jobs.rows import Job
from scrapers.fetching.here import HERE
from scrapers.handlers import crawl_source
from scrapers.runs.rows import Run, begin
from tests.scrapers.lot import Lot

_numbers = count(1)

EMPTY = (
    "DELETE FROM outbox; DELETE FROM offers; DELETE FROM listings; DELETE FROM dealers;"
    "DELETE FROM pages; DELETE FROM runs; DELETE FROM jobs; DELETE FROM sources;"
    "DELETE FROM breakers"
)


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    """An empty database."""
    async with connect(postgres_url, max_size=10) as pool:
        await pool.execute(EMPTY)
        yield pool


@pytest.fixture
async def lot() -> AsyncIterator[Lot]:
    async with Lot().open() as lot:
        yield lot


class Crawler:
    """Crawls the lot as source `lot`, each time as a new job unless told which."""

    def __init__(self, pool: asyncpg.Pool, lot: Lot) -> None:
        self.pool, self.lot = pool, lot
        self.stop = asyncio.Event()
        self.progress: dict[str, object] = {}

    async def job(self, source: str = "lot") -> Job:
        await rows.enqueue(self.pool, "crawl", source)
        job = await rows.claim(self.pool, ["crawl"], f"tester-{next(_numbers)}")
        assert job
        return job

    async def crawl(self, job: Job | None = None, source: str = "lot") -> dict:
        job = job or await self.job(source)
        settings = load(contact="mailto:tester@example.org")
        context = Context(job, self.pool, settings, self.stop, self.progress)
        try:
            result = await crawl_source(job, context)
        finally:
            await self.pool.execute("UPDATE jobs SET state = 'done' WHERE id = $1", job.id)
        return result


AddSource = Callable[..., Awaitable[None]]


@pytest.fixture
def add_source(pool: asyncpg.Pool) -> AddSource:
    """Adds the row of a source that can be crawled."""

    async def add(
        name: str,
        start_url: str = "",
        precedence: int = 100,
        parser: str = "cars_com",
        recipe: str | None = None,
    ) -> None:
        await pool.execute(
            "INSERT INTO sources (name, vertical, start_url, precedence, parser, recipe, every,"
            " enabled, private) VALUES ($1, 'cars', $2, $3, $4, $5, 600, true, true)",
            name,
            start_url,
            precedence,
            parser,
            recipe,
        )

    return add


@pytest.fixture
async def run(pool: asyncpg.Pool, add_source: AddSource) -> Run:
    """A run of the source `lot`."""
    await add_source("lot")
    return await begin(pool, "lot")


@pytest.fixture
async def crawler(pool: asyncpg.Pool, lot: Lot, add_source: AddSource) -> Crawler:
    await add_source("lot", lot.start_url)
    return Crawler(pool, lot)


@pytest.fixture(autouse=True)
def no_pauses() -> None:
    """What a site of another test asked for is forgotten: its port may be used again."""
    HERE.clear()


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr("scrapers.fetching.fetcher.backoff", lambda attempt: 0.0)
