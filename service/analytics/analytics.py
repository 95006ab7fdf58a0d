"""What one worker notes of searches, and the pool that it asks for reports with."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import asyncpg
from sanic import Request

from catalog.database import connect
from config.settings import Settings
from engine.version import connect as connect_valkey
from service.analytics import popular
from service.analytics.events import ListingRow, SearchRow, Told, new_id
from service.analytics.log import EventLog
from service.analytics.visitors import Visitors
from service.background import meanwhile
from service.http.problems import busy
from service.suggesting.suggester import Suggester

CONNECTIONS = 3


class Analytics:
    """Notes searches and clicks; without Postgres it notes nothing and answers go on."""

    def __init__(self) -> None:
        self.pool: asyncpg.Pool | None = None
        self.log = EventLog()
        self._visitors = Visitors()

    @asynccontextmanager
    async def kept(
        self, settings: Settings, suggesters: dict[str, Suggester]
    ) -> AsyncIterator[None]:
        """Write in the background, and have what many people search for suggested."""
        if settings.database_url is None:
            yield
            return
        async with AsyncExitStack() as opened:
            opening = connect(settings.database_url, min_size=0, max_size=CONNECTIONS)
            self.pool = await opened.enter_async_context(opening)
            if settings.redis_url is not None:
                valkey = connect_valkey(settings.redis_url)
                opened.push_async_callback(valkey.aclose)
                await self._visitors.share(valkey)
                salting = partial(self._visitors.keep, valkey)
                await opened.enter_async_context(meanwhile("The salt of visitors", salting))
            for collection, suggester in suggesters.items():
                keeping = partial(popular.keep, self.pool, collection, suggester.show_queries)
                await opened.enter_async_context(meanwhile("What is popular", keeping))
            await opened.enter_async_context(self.log.kept(self.pool))
            yield

    def searched(
        self, request: Request, collection: str, told: Told, results: int, page: int
    ) -> UUID:
        """Note a search that was answered; the number by which its clicks name it.

        HEAD shows nobody any results: who asks so checks a link.
        """
        now = datetime.now(UTC)
        query_id = new_id(now)
        if self.pool is not None and request.method != "HEAD":
            visitor = self._visitors.of(request.ctx.client, request.headers.get("user-agent", ""))
            row = SearchRow(query_id, now, collection, visitor, *told, results, page)
            if not self.log.put(row):
                self.log.lose(1)
        return query_id

    def noted(self, rows: list[ListingRow]) -> None:
        """Note what somebody did with results; raises Problem (503) when too much waits."""
        if self.pool is not None and not self.log.put(*rows):
            raise busy("Too many events wait to be written; send these again in a moment.")
