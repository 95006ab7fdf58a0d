"""Routes of the server itself: health, version, features."""

from __future__ import annotations

import sqlite3

from meililite import MEILISEARCH_VERSION
from meililite.features import FEATURES
from meililite.front.http import Answer, Call, answer
from meililite.front.router import Router
from meililite.front.state import State
from meililite.shapes.shape import Field, boolean, optional, record

_features = record({name: Field(optional(boolean)) for name in FEATURES}, code="bad_request")


class SystemRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        router.add("GET", "/", None, self.running)
        router.add("GET", "/health", None, self.health)
        router.add("GET", "/version", "version", self.version)
        router.add("GET", "/experimental-features", "experimental.get", self.features)
        router.add("PATCH", "/experimental-features", "experimental.update", self.set_features)
        router.add("GET", "/webhooks", "webhooks.get", self.webhooks)

    async def running(self, call: Call) -> Answer:
        del call
        return answer({"status": "Meilisearch is running"})

    async def health(self, call: Call) -> Answer:
        del call
        return answer({"status": "available"})

    async def version(self, call: Call) -> Answer:
        del call
        return answer(
            {"commitSha": "unknown", "commitDate": "unknown", "pkgVersion": MEILISEARCH_VERSION}
        )

    async def features(self, call: Call) -> Answer:
        del call
        return answer({name: self._state.features.get(name, False) for name in FEATURES})

    async def set_features(self, call: Call) -> Answer:
        given: dict[str, bool | None] = _features(await call.json(), "", "bad_request")
        changes = {name: value for name, value in given.items() if value is not None}

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO features VALUES (?, ?)", list(changes.items())
            )

        await self._state.database.write(work)
        self._state.features.update(changes)
        return await self.features(call)

    async def webhooks(self, call: Call) -> Answer:
        del call
        return answer({"results": []})
