"""Routes of the server itself: health, version, features, and what is not built."""

from __future__ import annotations

import sqlite3
from typing import Any

from meililite import MEILISEARCH_VERSION
from meililite.errors import ApiError
from meililite.front.http import Answer, Call, answer
from meililite.front.router import Handler, Router
from meililite.front.state import State
from meililite.shapes.shape import Field, boolean, optional, record

FEATURES = (
    "metrics", "logsRoute", "editDocumentsByFunction", "containsFilter", "dynamicSearchRules",
    "network", "getTaskDocumentsRoute", "taskQueueCompactionRoute", "compositeEmbedders",
    "chatCompletions", "multimodal", "foreignKeys", "disableDocumentsFetchQueue", "legacySearch",
    "renderRoute",
)  # fmt: skip

_DISCUSSIONS = "https://github.com/orgs/meilisearch/discussions"

# Routes that are not built, with what Meilisearch says of them when their feature is off.
_OFF = (
    (("GET", "PATCH"), "/network", "network", "Using the /network route", 805),
    (("GET",), "/chats", "chatCompletions", "Listing chat workspaces", 835),
    (("GET", "DELETE"), "/chats/{workspace}", "chatCompletions", "Using the /chats routes", 835),
    (("GET", "PATCH", "DELETE"), "/chats/{workspace}/settings", "chatCompletions",
     "Using the /chats settings routes", 835),
    (("POST",), "/chats/{workspace}/chat/completions", "chatCompletions",
     "Using the /chat/completions route", 835),
    (("GET",), "/metrics", "metrics", "Getting metrics", 625),
    (("POST",), "/logs/stream", "logsRoute", "Modifying logs through the `/logs/*` routes", 721),
    (("DELETE",), "/logs/stream", "logsRoute", "Modifying logs through the `/logs/*` routes", 721),
    (("POST",), "/logs/stderr", "logsRoute", "Modifying logs through the `/logs/*` routes", 721),
    (("POST",), "/render-template", "renderRoute", "Using the /render-template route", 870),
    (("GET", "POST"), "/dynamic-search-rules", "dynamicSearchRules",
     "Using the /dynamic-search-rules routes", 872),
    (("POST",), "/tasks/compact", "taskQueueCompactionRoute", "Compacting the task queue", 871),
)  # fmt: skip

_ACTIONS = {
    "/network": "network.get",
    "/metrics": "metrics.get",
    "/tasks/compact": "tasks.compact",
    "/dynamic-search-rules": "dynamicSearchRules.get",
}

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
        router.add("POST", "/dumps", "dumps.create", _not_built("dumps"))
        router.add("POST", "/snapshots", "snapshots.create", _not_built("snapshots"))
        router.add("POST", "/export", "export", _not_built("export"))
        router.add("POST", "/webhooks", "webhooks.create", _not_built("webhooks"))
        for verb in ("GET", "POST"):
            path = "/indexes/{index_uid}/similar"
            router.add(verb, path, "search", self.similar)
        for methods, path, feature, doing, discussion in _OFF:
            action = _ACTIONS.get(path, "chats.get")
            for method in methods:
                router.add(method, path, action, self._off(feature, doing, discussion))

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

    async def similar(self, call: Call) -> Answer:
        self._state.indexes.find(call.index_uid)
        body: Any = await call.json() if call.request.method == "POST" else dict(call.query())
        name = body.get("embedder", "") if isinstance(body, dict) else ""
        raise ApiError("invalid_similar_embedder", f"Cannot find embedder with name `{name}`.")

    def _off(self, feature: str, doing: str, discussion: int) -> Handler:
        async def off(call: Call) -> Answer:
            del call
            self._state.require(feature, doing, f"{_DISCUSSIONS}/{discussion}")
            raise _unbuilt(feature)

        return off


def _not_built(what: str) -> Handler:
    async def refuse(call: Call) -> Answer:
        del call
        raise _unbuilt(what)

    return refuse


def _unbuilt(what: str) -> ApiError:
    return ApiError(
        "feature_not_enabled",
        f"This embedded server has no {what}. Point clients that need it at Meilisearch itself.",
    )
