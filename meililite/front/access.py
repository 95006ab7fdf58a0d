"""Who may do what: from the Authorization header to what a request may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.front import tokens
from meililite.registry.keys import Keys

_KEY_ACTIONS = ("keys.get", "keys.create", "keys.update", "keys.delete")
# Without an index in the path, the handler looks at the indexes itself.
_CHECKED_BY_HANDLER = ("search", "tasks.get", "tasks.cancel", "tasks.delete", "stats.get",
                       "indexes.get", "indexes.create", "indexes.swap", "documents.get",
                       "chatCompletions", "fields.post")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Permission:
    """What an accepted request may touch. None stands for "all indexes" and "no tenant token"."""

    patterns: tuple[str, ...] | None = None
    rules: tokens.Rules | None = None
    may_create: bool = True

    def allows(self, uid: str) -> bool:
        return self._key_allows(uid) and (self.rules is None or _matches(self.rules, uid))

    def _key_allows(self, uid: str) -> bool:
        return self.patterns is None or _matches(self.patterns, uid)

    def creates(self, uid: str) -> bool:
        """Whether a task may make this index when it is missing."""
        return self.may_create and self.allows(uid)

    def check(self, uid: str) -> None:
        """Raise the error that says why an index is out of bounds."""
        if self.rules is not None and not _matches(self.rules, uid):
            raise _refused(
                f"The provided tenant token cannot acces the index `{uid}`, "
                f"allowed indexes are {_names(self.rules)}."
            )
        if not self._key_allows(uid):
            if self.rules is not None:
                raise _refused(
                    "The API key used to generate this tenant token cannot acces the index "
                    f"`{uid}`."
                )
            raise _refused(
                f"The API key cannot acces the index `{uid}`, "
                f"authorized indexes are {_names(self.patterns or ())}."
            )

    def visible(self, uids: Iterable[str]) -> list[str] | None:
        """Those of `uids` that may be seen, or None when all may."""
        if self.patterns is None and self.rules is None:
            return None
        return [uid for uid in uids if self.allows(uid)]

    def filter_for(self, uid: str) -> Any:
        """The filter that the tenant token adds to searches of an index."""
        rules = [pattern for pattern in self.rules or {} if _match(pattern, uid)]
        if not rules:
            return None
        closest = max(rules, key=lambda pattern: ("*" not in pattern, len(pattern)))
        return ((self.rules or {})[closest] or {}).get("filter")


EVERYTHING = Permission()


def authenticate(
    header: str | None, action: str, uid: str | None, keys: Keys, master_key: str | None
) -> Permission:
    """What a request with this Authorization header may do; ApiError when it may not at all.

    `uid` is the index of the request's path, if it names one.
    """
    token = _bearer(header)
    if master_key is None and (action not in _KEY_ACTIONS):
        return EVERYTHING
    if token is None:
        raise _missing(master_key)
    if master_key is not None and token == master_key:
        return EVERYTHING
    permission, allowed = _permission(token, action, keys, master_key)
    if uid is not None:
        permission.check(uid)
    elif permission.patterns is not None and action not in _CHECKED_BY_HANDLER:
        allowed = False
    if not allowed:
        raise _refused("The provided API key is invalid.")
    return permission


def _permission(
    token: str, action: str, keys: Keys, master_key: str | None
) -> tuple[Permission, bool]:
    key, rules = keys.of_secret(token), None
    if key is None and action in ("search", "chatCompletions") and master_key is not None:
        content = tokens.read(token, lambda uid: _secret_of(keys, uid))
        if content is not None:
            key, rules = keys.get(content.key_uid), content.rules
    if key is None:
        raise _refused("The provided API key is invalid.")
    patterns = None if "*" in key.indexes else tuple(key.indexes)
    return Permission(patterns, rules, key.may("indexes.create")), key.may(action)


def _secret_of(keys: Keys, uid: str) -> str | None:
    key = keys.get(uid)
    return None if key is None else keys.secret(key)


def check_query(permission: Permission, uid: str, number: int) -> None:
    """Raise when a query of a multi-search is for an index that is out of bounds."""
    if not permission.allows(uid):
        raise _refused(f"Inside `.queries[{number}]`: The provided API key is invalid.")


def _bearer(header: str | None) -> str | None:
    if header is None:
        return None
    scheme, space, token = header.partition(" ")
    if scheme != "Bearer":
        return None
    if not space:
        raise _refused("The provided API key is invalid.")
    return token


def _missing(master_key: str | None) -> ApiError:
    if master_key is None:
        return ApiError(
            "missing_master_key",
            "Meilisearch is running without a master key. To access this API endpoint, you must "
            "have set a master key at launch.",
        )
    return ApiError(
        "missing_authorization_header",
        "The Authorization header is missing. It must use the bearer authorization method.",
    )


def _refused(message: str) -> ApiError:
    return ApiError("invalid_api_key", message)


def _matches(patterns: Iterable[str], uid: str) -> bool:
    return any(_match(pattern, uid) for pattern in patterns)


def _match(pattern: str, uid: str) -> bool:
    return uid.startswith(pattern[:-1]) if pattern.endswith("*") else uid == pattern


def _names(patterns: Iterable[str]) -> str:
    return "[" + ", ".join(orjson.dumps(name).decode() for name in sorted(patterns)) + "]"
