"""Routes of what this server does not have: each says so in Meilisearch's words, or in its own."""

from __future__ import annotations

import uuid
from typing import Any

from meililite import features
from meililite.errors import ApiError
from meililite.front.http import Answer, Call
from meililite.front.router import Handler, Router
from meililite.front.state import State
from meililite.shapes.uuids import uuid_fault

_RULES, _CHAT = "/dynamic-search-rules", "/chats/{workspace}"

# Methods and path, the action that a key must allow, the feature, and what Meilisearch says that
# one cannot do while it is off.
_EXPERIMENTAL = (
    ("GET", "/network", "network.get", "network", "Using the /network route"),
    ("PATCH", "/network", "network.update", "network", "Using the /network route"),
    ("POST", "/network/control", "network.update", "network", "Using the /network/control route"),
    ("GET", "/chats", "chats.get", "chatCompletions", "listing the chats"),
    ("GET", _CHAT, "chats.get", "chatCompletions", "displaying a chat"),
    ("DELETE", _CHAT, "chats.delete", "chatCompletions", "deleting a chat"),
    ("GET", f"{_CHAT}/settings", "chatsSettings.get", "chatCompletions",
     "using the /chats/settings route"),
    ("PATCH DELETE", f"{_CHAT}/settings", "chatsSettings.update", "chatCompletions",
     "using the /chats/settings route"),
    ("POST", f"{_CHAT}/chat/completions", "chatCompletions", "chatCompletions",
     "using the /chats chat completions route"),
    ("GET", "/metrics", "metrics.get", "metrics", "Getting metrics"),
    ("POST DELETE", "/logs/stream", "metrics.get", "logsRoute",
     "Modifying logs through the `/logs/*` routes"),
    ("POST", "/logs/stderr", "metrics.get", "logsRoute",
     "Modifying logs through the `/logs/*` routes"),
    ("POST", "/render-template", "settings.get", "renderRoute",
     "calling the /render-template route"),
    ("POST", _RULES, "dynamicSearchRules.get", "dynamicSearchRules",
     "Calling the `POST /dynamic-search-rules` route"),
    ("DELETE", _RULES, "dynamicSearchRules.delete", "dynamicSearchRules",
     "Using the `/dynamic-search-rules` routes"),
    ("GET", f"{_RULES}/{{rule}}", "dynamicSearchRules.get", "dynamicSearchRules",
     "Calling the `GET /dynamic-search-rules/{:ruleUid}` route"),
    ("PATCH", f"{_RULES}/{{rule}}", "dynamicSearchRules.update", "dynamicSearchRules",
     "Using the `/dynamic-search-rules` routes"),
    ("DELETE", f"{_RULES}/{{rule}}", "dynamicSearchRules.delete", "dynamicSearchRules",
     "Using the `/dynamic-search-rules` routes"),
    ("POST", "/tasks/compact", "tasks.compact", "taskQueueCompactionRoute",
     "Using the /tasks/compact route"),
    ("GET", "/tasks/{task_uid}/documents", "tasks.get", "getTaskDocumentsRoute",
     "Getting the documents of an enqueued task"),
)  # fmt: skip

_ABSENT = (
    ("/dumps", "dumps.create", "dumps"),
    ("/snapshots", "snapshots.create", "snapshots"),
    ("/export", "export", "export"),
    ("/webhooks", "webhooks.create", "webhooks"),
)


class UnbuiltRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        for methods, path, action, feature, doing in _EXPERIMENTAL:
            for method in methods.split():
                router.add(method, path, action, self._experimental(feature, doing))
        for path, action, what in _ABSENT:
            router.add("POST", path, action, _absent(what))
        for method, verb in (("GET", "get"), ("PATCH", "update"), ("DELETE", "delete")):
            router.add(method, "/webhooks/{webhook}", f"webhooks.{verb}", _no_webhook)
        for method in ("GET", "POST"):
            router.add(method, "/indexes/{index_uid}/similar", "search", self.similar)

    def _experimental(self, feature: str, doing: str) -> Handler:
        async def off(call: Call) -> Answer:
            del call
            features.require(self._state.features, feature, doing)
            raise _unbuilt(features.FEATURES[feature][0])

        return off

    async def similar(self, call: Call) -> Answer:
        self._state.indexes.find(call.index_uid)
        body: Any = await call.json() if call.request.method == "POST" else dict(call.query())
        name = body.get("embedder", "") if isinstance(body, dict) else ""
        raise ApiError("invalid_similar_embedder", f"Cannot find embedder with name `{name}`.")


def _absent(what: str) -> Handler:
    async def refuse(call: Call) -> Answer:
        del call
        raise _unbuilt(what)

    return refuse


async def _no_webhook(call: Call) -> Answer:
    text = call.names["webhook"]
    if fault := uuid_fault(text):
        raise ApiError("invalid_webhook_uuid", f"Invalid UUID: {fault}")
    raise ApiError("webhook_not_found", f"Webhook `{uuid.UUID(text)}` not found.")


def _unbuilt(what: str) -> ApiError:
    return ApiError(
        "feature_not_enabled",
        f"This embedded server has no {what}. Point clients that need it at Meilisearch itself.",
    )
