"""The suggestions of one vertical, kept in memory and up to date behind the requests' backs."""

import asyncio
import logging
import time
from typing import Any, NoReturn

from redis.asyncio import Redis

from catalog.vertical import Vertical
from engine import version
from engine.client import Engine, EngineAway, EngineError
from service.suggesting.choosing import choose
from service.suggesting.cities import KIND as PLACE
from service.suggesting.cities import cities, zips
from service.suggesting.parts import parts
from service.suggesting.stock import in_stock
from service.suggesting.suggestion import Found, Suggestion, Typed
from service.suggesting.table import Table

log = logging.getLogger("service")

QUERY = "query"

LOOK_SECONDS = 5.0
"""Between two looks whether the index changed."""

BLIND_SECONDS = 60.0
"""Between two refreshes while the index's version cannot be read."""

SHARE = 20
"""A refresh is followed by a pause of at least so many times what it took."""


class Suggester:
    """Answers from tables; `keep` reads them again whenever the index has changed.

    No request waits for the engine, and with the engine away the last tables answer.
    """

    def __init__(self, vertical: Vertical) -> None:
        self.vertical = vertical
        self._tables = {what.facet: Table() for what in vertical.suggested}
        self._queries = Table()
        self._version: int | None = None
        self._read_at = float("-inf")
        self._complained = False

    def suggest(self, text: str, most: int) -> list[dict[str, Any]]:
        """What somebody may mean who typed this so far, at most so many, best first."""
        typed = Typed(text)
        if not typed.words:
            return []
        found = {kind: table.find(typed, most) for kind, table in self._tables.items()}
        if self.vertical.place:
            found[PLACE] = zips(typed, most) or cities().find(typed, most)
        texts = {one.suggestion.text.casefold() for row in found.values() for one in row}
        queries = self._queries.find(typed, most)
        found[QUERY] = [one for one in queries if one.suggestion.text not in texts]
        return [_shown(one) for one in choose(found, most)]

    def show_queries(self, texts: list[str]) -> None:
        """Suggest these queries too, the most popular first; they are in lower case."""
        self._queries = Table(Suggestion(QUERY, text, {"q": text}) for text in texts)

    async def keep(self, engine: Engine, valkey: Redis | None) -> NoReturn:
        """Refresh the tables when the index's version changed, for ever."""
        while True:
            number = await version.read(valkey, self.vertical.name) if valkey else None
            started = time.monotonic()
            blind = started - self._read_at < BLIND_SECONDS
            if number != self._version or (number is None and not blind):
                await self._refresh(engine, number)
            await asyncio.sleep(max(LOOK_SECONDS, SHARE * (time.monotonic() - started)))

    async def _refresh(self, engine: Engine, number: int | None) -> None:
        """Read all tables, which change together; they stay when the engine does not answer."""
        tables = {}
        try:
            for what in self.vertical.suggested:
                read = await in_stock(engine, self.vertical, what)
                tables[what.facet] = await asyncio.to_thread(Table, read)
        except EngineAway as error:
            log.debug("The suggestions of %s stay as they are: %s", self.vertical.name, error)
        except EngineError as error:
            level = logging.DEBUG if self._complained else logging.WARNING
            log.log(level, "The suggestions of %s stay as they are: %s", self.vertical.name, error)
            self._complained = True
        else:
            self._tables = tables
            self._version, self._read_at = number, time.monotonic()
            self._complained = False


def _shown(found: Found) -> dict[str, Any]:
    suggestion = found.suggestion
    return {
        "kind": suggestion.kind,
        "text": suggestion.text,
        "parts": parts(suggestion.text, found.matched),
        "parameters": suggestion.parameters,
        "count": suggestion.count,
    }
