"""API keys: what each may do, in which indexes, until when."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import uuid
from dataclasses import dataclass, replace
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.registry.database import Database
from meililite.registry.moments import now, rfc3339

ACTIONS = (
    "*", "search", "documents.*", "documents.add", "documents.get", "documents.delete",
    "indexes.*", "indexes.create", "indexes.get", "indexes.update", "indexes.delete",
    "indexes.swap", "tasks.*", "tasks.cancel", "tasks.delete", "tasks.get", "settings.*",
    "settings.get", "settings.update", "stats.*", "stats.get", "metrics.*", "metrics.get",
    "dumps.*", "dumps.create", "snapshots.*", "snapshots.create", "version", "keys.create",
    "keys.get", "keys.update", "keys.delete", "experimental.get", "experimental.update", "export",
    "network.get", "network.update", "chatCompletions", "chats.*", "chats.get", "chats.delete",
    "chatsSettings.*", "chatsSettings.get", "chatsSettings.update", "*.get", "webhooks.get",
    "webhooks.update", "webhooks.delete", "webhooks.create", "webhooks.*", "indexes.compact",
    "fields.post", "tasks.compact", "dynamicSearchRules.get", "dynamicSearchRules.create",
    "dynamicSearchRules.update", "dynamicSearchRules.delete", "dynamicSearchRules.*",
)  # fmt: skip

_DEFAULTS = (
    ("Default Chat API Key", "Use it to chat and search from the frontend",
     ["chatCompletions", "search"]),
    ("Default Read-Only Admin API Key",
     "Use it to read information across the whole database. Caution! Do not expose this key on a "
     "public frontend", ["*.get", "keys.get"]),
    ("Default Admin API Key",
     "Use it for anything that is not a search operation. Caution! Do not expose it on a public "
     "frontend", ["*"]),
    ("Default Search API Key", "Use it to search from the frontend", ["search"]),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Moments are microseconds since 1970; the secret itself is derived, never stored."""

    uid: str
    name: str | None
    description: str | None
    actions: list[str]
    indexes: list[str]
    expires_at: int | None
    created_at: int
    updated_at: int

    def may(self, action: str) -> bool:
        """Whether the key allows an action now, in the indexes that it names."""
        if self.expires_at is not None and now() >= self.expires_at:
            return False
        return any(_covers(granted, action) for granted in self.actions)


def _covers(granted: str, action: str) -> bool:
    if granted in ("*", action):
        return True
    if granted == "*.get":
        return action == "version" or (action.endswith(".get") and action != "keys.get")
    return granted.endswith(".*") and action.startswith(granted[:-1])


def secret(uid: str, master_key: str) -> str:
    """The key that clients send: HMAC-SHA256 of its uid under the master key (Meilisearch's)."""
    return hmac.new(master_key.encode(), uid.encode(), hashlib.sha256).hexdigest()


class Keys:
    """All keys, in memory as they are on disk."""

    def __init__(self, database: Database, master_key: str | None) -> None:
        self._database = database
        self._master_key = master_key
        self._by_uid = {row["uid"]: _key(row) for row in database.read("SELECT * FROM keys")}
        if not self._by_uid and master_key is not None:
            self._create_defaults()
        self._by_secret = {self.secret(key): key.uid for key in self._by_uid.values()}

    def _create_defaults(self) -> None:
        moment = now()
        keys = [
            Key(str(uuid.uuid4()), name, text, actions, ["*"], None, moment + i, moment + i)
            for i, (name, text, actions) in enumerate(_DEFAULTS)
        ]
        self._database.change(lambda connection: _store(connection, *keys))
        self._by_uid = {key.uid: key for key in keys}

    def secret(self, key: Key) -> str:
        return secret(key.uid, self._master_key or "")

    def of_secret(self, text: str) -> Key | None:
        """The key that a client sent, if there is one."""
        return self._by_uid.get(self._by_secret.get(text, ""))

    def get(self, uid: str) -> Key | None:
        return self._by_uid.get(uid)

    def find(self, uid_or_secret: str) -> Key:
        """A key by uid or by the key itself; ApiError `api_key_not_found`."""
        key = self._by_uid.get(uid_or_secret) or self.of_secret(uid_or_secret)
        if key is None:
            raise ApiError("api_key_not_found", f"API key `{uid_or_secret}` not found.")
        return key

    def newest_first(self) -> list[Key]:
        return sorted(self._by_uid.values(), key=lambda key: key.created_at, reverse=True)

    async def put(self, key: Key) -> None:
        await self._database.write(lambda connection: _store(connection, key))
        self._by_uid[key.uid] = key
        self._by_secret[self.secret(key)] = key.uid

    async def rename(self, key: Key, changes: dict[str, Any]) -> Key:
        changed = replace(key, **changes, updated_at=now())
        await self.put(changed)
        return changed

    async def remove(self, key: Key) -> None:
        await self._database.write(
            lambda connection: connection.execute("DELETE FROM keys WHERE uid = ?", (key.uid,))
        )
        self._by_uid.pop(key.uid, None)
        self._by_secret.pop(self.secret(key), None)

    def view(self, key: Key) -> dict[str, Any]:
        return {
            "name": key.name,
            "description": key.description,
            "key": self.secret(key),
            "uid": key.uid,
            "actions": key.actions,
            "indexes": key.indexes,
            "expiresAt": rfc3339(key.expires_at),
            "createdAt": rfc3339(key.created_at),
            "updatedAt": rfc3339(key.updated_at),
        }


def _store(connection: sqlite3.Connection, *keys: Key) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                key.uid,
                key.name,
                key.description,
                orjson.dumps(key.actions).decode(),
                orjson.dumps(key.indexes).decode(),
                key.expires_at,
                key.created_at,
                key.updated_at,
            )
            for key in keys
        ],
    )


def _key(row: sqlite3.Row) -> Key:
    values = dict(row)
    return Key(**values | {name: orjson.loads(values[name]) for name in ("actions", "indexes")})
