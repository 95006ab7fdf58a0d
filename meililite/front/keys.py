"""Routes of API keys."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from meililite.errors import ApiError
from meililite.front.http import Answer, Call, answer
from meililite.front.router import Router
from meililite.front.state import State
from meililite.registry.keys import ACTIONS, Key
from meililite.registry.moments import now
from meililite.shapes import parameters
from meililite.shapes.shape import Field, array, choice, invalid, optional, record, string
from meililite.shapes.uuids import uuid_fault

# None is RFC 3339, which names its offset.
_DATE_FORMATS = (None, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def _uid(value: Any, place: str, code: str) -> str:
    text = string(value, place, code)
    if fault := uuid_fault(text):
        raise invalid(place, code, fault)
    return str(uuid.UUID(text))


def _pattern(value: Any, place: str, code: str) -> str:
    text = string(value, place, code)
    if not re.fullmatch(r"[A-Za-z0-9_-]*\*|[A-Za-z0-9_-]+", text, re.ASCII):
        raise invalid(
            place,
            code,
            f"`{text}` is not a valid index uid pattern. Index uid patterns can be an integer or "
            "a string containing only alphanumeric characters, hyphens (-), underscores (_), and "
            "optionally end with a star (*).",
        )
    return text


def _expiry(value: Any, place: str, code: str) -> int | None:
    if value is None:
        return None
    text = string(value, place, code)
    moment = _moment(text)
    if moment is None or moment <= now():
        raise invalid(
            place,
            code,
            f"`{text}` is not a valid date. It should follow the RFC 3339 format to represents a "
            "date or datetime in the future or specified as a null value. e.g. 'YYYY-MM-DD' or "
            "'YYYY-MM-DD HH:MM:SS'.\n",
        )
    return moment


def _moment(text: str) -> int | None:
    """Microseconds since 1970 of a date or a date-time, in UTC when it names no offset."""
    found = (_parsed(text, form) for form in _DATE_FORMATS)
    at = next((moment for moment in found if moment is not None), None)
    return None if at is None else int(at.timestamp() * 1_000_000)


def _parsed(text: str, form: str | None) -> datetime | None:
    try:
        if form is None:
            at = datetime.fromisoformat(text)
            return None if at.tzinfo is None else at
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None


_create = record(
    {
        "description": Field(optional(string), "invalid_api_key_description"),
        "name": Field(optional(string), "invalid_api_key_name"),
        "uid": Field(_uid, "invalid_api_key_uid"),
        "actions": Field(
            array(choice(*ACTIONS)), "invalid_api_key_actions", missing="missing_api_key_actions"
        ),
        "indexes": Field(
            array(_pattern), "invalid_api_key_indexes", missing="missing_api_key_indexes"
        ),
        "expiresAt": Field(
            _expiry, "invalid_api_key_expires_at", missing="missing_api_key_expires_at"
        ),
    },
    code="bad_request",
)
_patch = record(
    {
        "description": Field(optional(string), "invalid_api_key_description"),
        "name": Field(optional(string), "invalid_api_key_name"),
    },
    code="bad_request",
    immutable={
        "uid": "immutable_api_key_uid",
        "actions": "immutable_api_key_actions",
        "indexes": "immutable_api_key_indexes",
        "expiresAt": "immutable_api_key_expires_at",
        "createdAt": "immutable_api_key_created_at",
        "updatedAt": "immutable_api_key_updated_at",
    },
)


class KeyRoutes:
    def __init__(self, state: State) -> None:
        self._keys = state.keys

    def register(self, router: Router) -> None:
        router.add("GET", "/keys", "keys.get", self.page)
        router.add("POST", "/keys", "keys.create", self.create)
        router.add("GET", "/keys/{key}", "keys.get", self.get)
        router.add("PATCH", "/keys/{key}", "keys.update", self.update)
        router.add("DELETE", "/keys/{key}", "keys.delete", self.delete)

    async def page(self, call: Call) -> Answer:
        given = call.parameters(parameters.KEYS)
        keys, offset, limit = self._keys.newest_first(), given["offset"], given["limit"]
        return answer(
            {
                "results": [self._keys.view(key) for key in keys[offset : offset + limit]],
                "offset": offset,
                "limit": limit,
                "total": len(keys),
            }
        )

    async def create(self, call: Call) -> Answer:
        body = _create(await call.json(), "", "bad_request")
        uid = body.get("uid") or str(uuid.uuid4())
        if self._keys.get(uid) is not None:
            raise ApiError(
                "api_key_already_exists",
                f"`uid` field value `{uid}` is already an existing API key.",
            )
        moment = now()
        key = Key(
            uid=uid,
            name=body.get("name"),
            description=body.get("description"),
            actions=body["actions"],
            indexes=body["indexes"],
            expires_at=body["expiresAt"],
            created_at=moment,
            updated_at=moment,
        )
        await self._keys.put(key)
        return answer(self._keys.view(key), status=201)

    async def get(self, call: Call) -> Answer:
        return answer(self._keys.view(self._keys.find(call.names["key"])))

    async def update(self, call: Call) -> Answer:
        changes = _patch(await call.json(), "", "bad_request")
        key = self._keys.find(call.names["key"])
        return answer(self._keys.view(await self._keys.rename(key, changes)))

    async def delete(self, call: Call) -> Answer:
        await self._keys.remove(self._keys.find(call.names["key"]))
        return Answer(204)
