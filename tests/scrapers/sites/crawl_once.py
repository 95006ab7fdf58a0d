"""A process of its own that does the crawls that wait; for tests that kill it."""

import asyncio

from catalog.database import connect
from config.settings import load
from jobs.work import Crew
from scrapers import handlers
from scrapers.sites import writer


async def main() -> None:
    assert handlers
    writer.BATCH = 20  # commit often, so that there is something to lose and something to keep
    settings = load()
    assert settings.database_url
    async with connect(settings.database_url) as pool:
        await Crew(pool, settings).drain()


asyncio.run(main())
