"""Routes of documents: add, change, delete, read."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import orjson

from meililite.documents.formats import describe, parse
from meililite.editing.grammar import ScriptError
from meililite.editing.grammar import parse as parse_script
from meililite.errors import ApiError
from meililite.features import require
from meililite.front.http import JSON, Answer, Call, answer, decode, readable
from meililite.front.router import Router
from meililite.front.state import State
from meililite.index.filters import parse_filter
from meililite.index.segment import sync
from meililite.registry.tasks import NewTask
from meililite.shapes import parameters
from meililite.shapes.shape import (
    Field,
    anything,
    array,
    boolean,
    optional,
    record,
    string,
    unsigned,
)

_FORMATS = {JSON: "json", "application/x-ndjson": "ndjson", "text/csv": "csv"}
_SMALL = 64 * 1024  # bytes of a payload that is kept in the task's row and looked through at once

_by_filter = record(
    {"filter": Field(anything, "invalid_document_filter", missing="missing_document_filter")},
    code="bad_request",
)
_edition = record(
    {
        "filter": Field(anything, "invalid_document_filter"),
        "context": Field(anything, "invalid_document_edition_context"),
        "function": Field(
            string,
            "invalid_document_edition_function_filter",
            missing="missing_document_edition_function",
        ),
    },
    code="bad_request",
)
_fetch = record(
    {
        "offset": Field(unsigned, "invalid_document_offset"),
        "limit": Field(unsigned, "invalid_document_limit"),
        "fields": Field(optional(array(string)), "invalid_document_fields"),
        "retrieveVectors": Field(boolean, "invalid_document_retrieve_vectors"),
        "ids": Field(optional(array(anything)), "invalid_document_ids"),
        "filter": Field(anything, "invalid_document_filter"),
        "sort": Field(optional(array(string)), "invalid_document_sort"),
        "useNetwork": Field(optional(boolean), "invalid_document_use_network"),
    },
    code="bad_request",
)


class DocumentRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        base = "/indexes/{index_uid}/documents"
        router.add("GET", base, "documents.get", self.page)
        router.add("POST", base, "documents.add", self.replace)
        router.add("PUT", base, "documents.add", self.update)
        router.add("DELETE", base, "documents.delete", self.clear)
        router.add("POST", f"{base}/fetch", "documents.get", self.fetch)
        router.add("POST", f"{base}/delete", "documents.delete", self.delete_by_filter)
        router.add("POST", f"{base}/delete-batch", "documents.delete", self.delete_batch)
        router.add("POST", f"{base}/edit", "documents.*", self.edit)
        router.add("GET", f"{base}/{{document_id}}", "documents.get", self.get)
        router.add("DELETE", f"{base}/{{document_id}}", "documents.delete", self.delete)

    async def replace(self, call: Call) -> Answer:
        return await self._add(call, merge=False)

    async def update(self, call: Call) -> Answer:
        return await self._add(call, merge=True)

    async def _add(self, call: Call, *, merge: bool) -> Answer:
        given = call.parameters(parameters.ADDITION)
        uid = call.index_uid
        kind = _FORMATS[call.content_type(tuple(_FORMATS))]
        if given["csvDelimiter"] is not None and kind != "csv":
            raise ApiError(
                "invalid_content_type",
                f"The Content-Type `{readable(call.request.headers['Content-Type'])}` does not "
                "support the use of a csv delimiter. The csv delimiter can only be used with the "
                "Content-Type `text/csv`.",
            )
        delimiter = given["csvDelimiter"] or ","
        payload, file, count = await self._receive(call, kind, delimiter)
        task = NewTask(
            type="documentAdditionOrUpdate",
            index_uid=uid,
            details={"receivedDocuments": count, "indexedDocuments": None},
            arguments={
                "format": kind,
                "delimiter": delimiter,
                "merge": merge,
                "primaryKey": given["primaryKey"],
                "skipCreation": given["skipCreation"],
                "createIndex": call.permission.creates(uid),
            },
            payload=payload,
            payload_file=file,
            metadata=given["customMetadata"],
        )
        return answer(await self._state.enqueue(task), status=202)

    async def _receive(
        self, call: Call, kind: str, delimiter: str
    ) -> tuple[bytes | None, str | None, int]:
        """The body as a small payload or as a file on disk, and how many documents it holds."""
        chunks = call.chunks()
        head = b""
        async for chunk in chunks:
            head += chunk
            if len(head) > _SMALL:
                return await self._receive_file(head, chunks, kind, delimiter)
        if not head:
            raise ApiError("missing_payload", f"A {kind} payload is missing.")
        return head, None, len(parse(head, kind, delimiter))

    async def _receive_file(
        self, head: bytes, rest: AsyncIterator[bytes], kind: str, delimiter: str
    ) -> tuple[None, str, int]:
        path = self._state.payloads / f"{uuid.uuid4()}.{kind}"
        try:
            with path.open("wb") as file:
                file.write(head)
                async for chunk in rest:
                    file.write(chunk)
            await asyncio.to_thread(sync, [path, path.parent])
            count = await self._state.fleet.intake.call("count", str(path), kind, delimiter)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return None, str(path), orjson.loads(count)

    async def clear(self, call: Call) -> Answer:
        return await self._delete(call, {"deletedDocuments": None}, {"all": True})

    async def delete(self, call: Call) -> Answer:
        return await self._delete_ids(call, [call.names["document_id"]])

    async def delete_batch(self, call: Call) -> Answer:
        call.content_type((JSON,))
        body = await decode(await call.body())
        if not isinstance(body, list):
            column = 0 if isinstance(body, dict) else len(orjson.dumps(body))
            raise ApiError(
                "bad_request",
                f"Json deserialize error: invalid type: {describe(body)}, expected a sequence "
                f"at line 1 column {column}",
            )
        return await self._delete_ids(call, [_as_id(value) for value in body])

    async def _delete_ids(self, call: Call, ids: list[str]) -> Answer:
        details = {"providedIds": len(ids), "deletedDocuments": None, "originalFilter": None}
        return await self._delete(call, details, {"ids": ids})

    async def delete_by_filter(self, call: Call) -> Answer:
        given = _by_filter(await call.json(), "", "bad_request")
        await self._check_filter(given["filter"])
        details = {
            "providedIds": 0,
            "deletedDocuments": None,
            "originalFilter": orjson.dumps(given["filter"]).decode(),
        }
        return await self._delete(call, details, {"filter": given["filter"]})

    async def _delete(
        self, call: Call, details: dict[str, Any], arguments: dict[str, Any]
    ) -> Answer:
        return await self._register("documentDeletion", call, details, arguments)

    async def _register(
        self, kind: str, call: Call, details: dict[str, Any], arguments: dict[str, Any]
    ) -> Answer:
        given = call.parameters(parameters.METADATA)
        task = NewTask(
            kind,
            call.index_uid,
            details,
            arguments,
            metadata=given["customMetadata"],
        )
        return answer(await self._state.enqueue(task), status=202)

    async def edit(self, call: Call) -> Answer:
        require(self._state.features, "editDocumentsByFunction", "Using the documents edit route")
        given = _edition(await call.json(), "", "bad_request")
        context = given.get("context") or {}
        if not isinstance(context, dict):
            raise ApiError("invalid_document_edition_context", "The context must be an object")
        try:
            parse_script(given["function"])
        except ScriptError as error:
            raise ApiError("bad_request", str(error)) from None
        if (chosen := given.get("filter")) is not None:
            await self._check_filter(chosen)
        details = {
            "editedDocuments": None,
            "deletedDocuments": None,
            "context": given.get("context"),
            "function": given["function"],
            "originalFilter": None if chosen is None else orjson.dumps(chosen).decode(),
        }
        arguments = {
            "function": given["function"],
            "context": orjson.dumps(context).decode(),
            "filter": chosen,
        }
        return await self._register("documentEdition", call, details, arguments)

    async def _check_filter(self, value: Any) -> None:
        """Refuse what can be no filter; whether its attributes exist is for the task to say."""
        if value in ("", []):
            raise ApiError("invalid_document_filter", "Sending an empty filter is forbidden.")
        await asyncio.to_thread(parse_filter, value, "invalid_document_filter")
        await self._state.check_filter(value, "invalid_document_filter")

    async def page(self, call: Call) -> Answer:
        given = call.parameters(parameters.DOCUMENTS)
        if given["filter"] is not None:
            given["filter"] = parameters.filter_of(given["filter"])
        if given["sort"] is not None:
            given["sort"] = parameters.sort_of(given["sort"])
        return await self._documents(call, given)

    async def fetch(self, call: Call) -> Answer:
        given = _fetch(await call.json(), "", "bad_request")
        given = {"offset": 0, "limit": 20, "retrieveVectors": False} | given
        if (fields := given.get("fields")) is not None and "*" in fields:
            given["fields"] = None
        return await self._documents(call, given)

    async def _documents(self, call: Call, given: dict[str, Any]) -> Answer:
        request = {name: value for name, value in given.items() if value is not None}
        if (ids := request.get("ids")) is not None:
            request["ids"] = [_as_id(value) for value in ids]
        if "filter" in request:
            await self._state.check_filter(request["filter"], "invalid_document_filter")
        try:
            return Answer(200, await self._state.read("documents", call.index_uid, request))
        except ApiError as error:
            raise _of_documents(error) from None

    async def get(self, call: Call) -> Answer:
        given = call.parameters(parameters.DOCUMENT)
        shown = given["fields"], given["retrieveVectors"]
        uid, key = call.index_uid, call.names["document_id"]
        return Answer(200, await self._state.read("document", uid, key, *shown))


def _of_documents(error: ApiError) -> ApiError:
    """An error of a search, said of documents."""
    codes = {
        "invalid_search_filter": "invalid_document_filter",
        "invalid_search_sort": "invalid_document_sort",
    }
    return ApiError(codes.get(error.code, error.code), error.message)


def _as_id(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
