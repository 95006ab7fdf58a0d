"""Routes of indexes as such: list, make, rename, delete, swap, numbers."""

from __future__ import annotations

from typing import Any

from meililite.errors import ApiError
from meililite.front.http import Answer, Call, answer
from meililite.front.router import Router
from meililite.front.state import State, binary_size
from meililite.registry.indexes import Index
from meililite.registry.moments import rfc3339
from meililite.registry.tasks import NewTask
from meililite.shapes import parameters
from meililite.shapes.shape import (
    Field,
    array,
    boolean,
    index_uid,
    index_uid_fault,
    optional,
    record,
    string,
)

_ONE = "/indexes/{index_uid}"

_create = record(
    {
        "uid": Field(index_uid, "invalid_index_uid", missing="missing_index_uid"),
        "primaryKey": Field(optional(string), "invalid_index_primary_key"),
    },
    code="bad_request",
)
_update = record(
    {
        "primaryKey": Field(optional(string), "invalid_index_primary_key"),
        "uid": Field(optional(string), "invalid_index_uid"),
    },
    code="bad_request",
    immutable={
        "createdAt": "immutable_index_created_at",
        "updatedAt": "immutable_index_updated_at",
    },
)
_swap = array(
    record(
        {
            "indexes": Field(
                array(index_uid), "invalid_swap_indexes", missing="missing_swap_indexes"
            ),
            "rename": Field(boolean, "invalid_swap_rename"),
        },
        code="bad_request",
    )
)


def _view(index: Index) -> dict[str, Any]:
    return {
        "uid": index.uid,
        "createdAt": rfc3339(index.created_at),
        "updatedAt": rfc3339(index.updated_at),
        "primaryKey": index.primary_key,
    }


class IndexRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        router.add("GET", "/indexes", "indexes.get", self.page)
        router.add("POST", "/indexes", "indexes.create", self.create)
        router.add("GET", _ONE, "indexes.get", self.get)
        router.add("PATCH", _ONE, "indexes.update", self.update)
        router.add("DELETE", _ONE, "indexes.delete", self.delete)
        router.add("GET", f"{_ONE}/stats", "stats.get", self.stats)
        router.add("POST", f"{_ONE}/compact", "indexes.compact", self.compact)
        router.add("POST", "/swap-indexes", "indexes.swap", self.swap)
        router.add("GET", "/stats", "stats.get", self.all_stats)

    def _visible(self, call: Call) -> list[Index]:
        seen = call.permission.visible(self._state.indexes)
        uids = list(self._state.indexes) if seen is None else seen
        return [self._state.indexes[uid] for uid in uids]

    async def page(self, call: Call) -> Answer:
        given = call.parameters(parameters.INDEXES)
        indexes, offset, limit = self._visible(call), given["offset"], given["limit"]
        return answer(
            {
                "results": [_view(index) for index in indexes[offset : offset + limit]],
                "offset": offset,
                "limit": limit,
                "total": len(indexes),
            }
        )

    async def create(self, call: Call) -> Answer:
        body = _create(await call.json(), "", "bad_request")
        uid, primary_key = body["uid"], body.get("primaryKey")
        if not call.permission.creates(uid):
            call.permission.check(uid)
            raise ApiError("invalid_api_key", "The provided API key is invalid.")
        arguments = {"primaryKey": primary_key, "createIndex": True}
        return await self._enqueue("indexCreation", uid, {"primaryKey": primary_key}, arguments)

    async def _enqueue(
        self, kind: str, uid: str | None, details: dict[str, Any], arguments: dict[str, Any]
    ) -> Answer:
        return answer(await self._state.enqueue(NewTask(kind, uid, details, arguments)), status=202)

    async def get(self, call: Call) -> Answer:
        return answer(_view(self._state.indexes.find(call.index_uid)))

    async def update(self, call: Call) -> Answer:
        body = _update(await call.json(), "", "bad_request")
        uid, primary_key, new_uid = call.index_uid, body.get("primaryKey"), body.get("uid")
        details = {"primaryKey": primary_key}
        if new_uid is not None:
            if fault := index_uid_fault(new_uid):
                raise ApiError("invalid_index_uid", fault)
            details |= {"oldIndexUid": uid, "newIndexUid": new_uid}
        arguments = {"primaryKey": primary_key, "uid": new_uid}
        return await self._enqueue("indexUpdate", uid, details, arguments)

    async def delete(self, call: Call) -> Answer:
        details = {"deletedDocuments": None}
        return await self._enqueue("indexDeletion", call.index_uid, details, {})

    async def compact(self, call: Call) -> Answer:
        summary = await self._state.enqueue(NewTask("indexCompaction", call.index_uid, None))
        return answer(summary, status=202)

    async def swap(self, call: Call) -> Answer:
        swaps = _swap(await call.json(), "", "bad_request")
        seen: set[str] = set()
        for swap in swaps:
            _check_pair(swap["indexes"], seen)
            for uid in swap["indexes"]:
                if not call.permission.allows(uid):
                    raise ApiError("invalid_api_key", "The provided API key is invalid.")
        details = {
            "swaps": [
                {"indexes": swap["indexes"], "rename": swap.get("rename", False)} for swap in swaps
            ]
        }
        return await self._enqueue("indexSwap", None, details, {})

    async def stats(self, call: Call) -> Answer:
        shown = _stats_options(call)
        return answer(self._state.stats(self._state.indexes.find(call.index_uid), **shown))

    async def all_stats(self, call: Call) -> Answer:
        shown = _stats_options(call)
        indexes = self._visible(call)
        size = (binary_size if shown["human"] else int)(_disk_size(indexes))
        return answer(
            {
                "databaseSize": size,
                "usedDatabaseSize": size,
                "lastUpdate": rfc3339(max((i.updated_at for i in indexes), default=None)),
                "indexes": {index.uid: self._state.stats(index, **shown) for index in indexes},
            }
        )


def _stats_options(call: Call) -> dict[str, bool]:
    given = call.parameters(parameters.STATS)
    return {
        "human": given["sizeFormat"] == "human",
        "internal": given["showInternalDatabaseSizes"],
    }


def _disk_size(indexes: list[Index]) -> int:
    return sum(int(index.stats.get("rawDocumentDbSize", 0)) for index in indexes)


def _check_pair(uids: list[str], seen: set[str]) -> None:
    if len(uids) != 2:
        names = ", ".join(f'"{uid}"' for uid in uids)
        raise ApiError(
            "invalid_swap_indexes",
            f"Two indexes must be given for each swap. The list `[{names}]` contains {len(uids)} "
            "indexes.",
        )
    for uid in uids:
        if uid in seen:
            raise ApiError(
                "invalid_swap_duplicate_index_found",
                "Indexes must be declared only once during a swap. "
                f"`{uid}` was specified several times.",
            )
        seen.add(uid)
