"""A request as handlers see it, its body within limits, and the answer."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import HttpVersion11, web
from aiohttp.http import HttpProcessingError

from meililite.documents.depth import may_be_too_deep
from meililite.documents.json_faults import JsonFaultError, check
from meililite.errors import ApiError
from meililite.front.access import EVERYTHING, Permission
from meililite.shapes import query
from meililite.shapes.query import Parameter
from meililite.shapes.shape import index_uid_fault

JSON = "application/json"

_STEP = 1024 * 1024  # bytes that are decompressed at once
_PATIENCE = 60  # seconds that a client may take to send the next piece of a body
_SLOWEST = 1024  # bytes a second that a body must come with, all in all
_EXPLAINED = 1024 * 1024  # bytes of a broken JSON body that are looked through for the exact fault


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body (already encoded), or no body at all."""

    status: int
    body: bytes = b""


def answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(value))


def refusal(error: ApiError) -> Answer:
    return answer(error.body(), error.status)


def too_large(limit: int) -> ApiError:
    return ApiError(
        "payload_too_large",
        "The provided payload reached the size limit. "
        f"The maximum accepted payload size is {_size(limit)}.",
    )


def _size(size: int) -> str:
    base, units = (1024, ("KiB", "MiB", "GiB")) if size % 1024 == 0 else (1000, ("KB", "MB", "GB"))
    shown, unit = float(size), "B"
    for larger in units:
        if shown < base:
            break
        shown, unit = shown / base, larger
    return f"{shown:.2f}".rstrip("0").rstrip(".") + f" {unit}"


def readable(raw: str) -> str:
    """A path, query or header as text: what is no UTF-8 in it becomes U+FFFD."""
    return raw if raw.isascii() else raw.encode(errors="surrogateescape").decode(errors="replace")


@dataclass(slots=True)
class Call:
    """One request on its way to its handler."""

    request: web.BaseRequest
    limit: int
    names: Mapping[str, str] = field(default_factory=dict)
    permission: Permission = EVERYTHING

    @property
    def index_uid(self) -> str:
        """The index of the path; ApiError when it cannot be one."""
        uid = self.names["index_uid"]
        if fault := index_uid_fault(uid):
            raise ApiError("invalid_index_uid", fault)
        return uid

    @property
    def wants_metadata(self) -> bool:
        """Whether answers of searches shall say which query of which index they are of."""
        header: str = self.request.headers.get("Meili-Include-Metadata", "")
        return header.lower() in ("true", "1")

    def parameters(self, accepted: Mapping[str, Parameter]) -> dict[str, Any]:
        return query.read(self.query(), accepted)

    @property
    def query_string(self) -> str:
        """What stands behind the question mark, as it was sent."""
        return readable(self.request.rel_url.raw_query_string)

    def query(self) -> list[tuple[str, str]]:
        text = self.query_string
        return parse_qsl(text, keep_blank_values=True) if text else []

    def content_type(self, accepted: tuple[str, ...]) -> str:
        """The body's type without its parameters; ApiError when it is none of `accepted`."""
        given = self.request.headers.get("Content-Type")
        names = ", ".join(f"`{name}`" for name in accepted)
        hint = f"Accepted values for the Content-Type header are: {names}"
        if given is None:
            raise ApiError("missing_content_type", f"A Content-Type header is missing. {hint}")
        given = readable(given)
        kind = given.partition(";")[0].strip().lower()
        if kind not in accepted:
            raise ApiError("invalid_content_type", f"The Content-Type `{given}` is invalid. {hint}")
        return kind

    async def json(self) -> Any:
        """The decoded JSON body; ApiError for a wrong type, none, or one that is not JSON."""
        self.content_type((JSON,))
        return await decode(await self.body())

    async def body(self) -> bytes:
        """The whole body; ApiError `payload_too_large` beyond the limit."""
        content, headers = self.request.content, self.request.headers
        if content.is_eof() and "Content-Encoding" not in headers:
            # It came with the headers, as those of searches do: nothing to wait for.
            whole = content.read_nowait()
            if len(whole) > self.limit:
                raise too_large(self.limit)
            return whole
        pieces = [piece async for piece in self.chunks()]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body in pieces, decompressed; never more than the limit in all."""
        if int(self.request.headers.get("Content-Length") or 0) > self.limit:
            raise too_large(self.limit)
        await _continue(self.request)
        total = 0
        async for piece in _decompressed(self.request):
            total += len(piece)
            if total > self.limit:
                raise too_large(self.limit)
            yield piece


async def _decompressed(request: web.BaseRequest) -> AsyncIterator[bytes]:
    encoding = readable(request.headers.get("Content-Encoding", "identity")).strip().lower()
    raw = _pieces(request)
    if encoding in ("identity", ""):
        async for piece in raw:
            yield piece
        return
    if encoding not in ("gzip", "deflate"):
        raise ApiError(
            "bad_request", f"The Content-Encoding `{encoding}` is not supported: use gzip."
        )
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        async for piece in raw:
            rest = piece
            while rest:  # in steps, so that little can become much only as far as it is taken
                yield inflate.decompress(rest, _STEP)
                rest = inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error as error:
        raise ApiError(
            "bad_request", f"The body is not what its Content-Encoding says: {error}."
        ) from None
    if not inflate.eof:
        raise ApiError("bad_request", "The compressed body ends too early.")


async def _continue(request: web.BaseRequest) -> None:
    """Tell a client that waits for it (`Expect: 100-continue`) to send its body."""
    expected = request.headers.get("Expect", "").lower() == "100-continue"
    if expected and request.version >= HttpVersion11 and not request.content.is_eof():
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


async def _pieces(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """The body as it comes; ApiError when it does not, or too slowly."""
    loop = asyncio.get_running_loop()
    started, received = loop.time(), 0
    while True:
        limit = min(loop.time(), started + received / _SLOWEST) + _PATIENCE
        try:
            async with asyncio.timeout_at(limit):
                piece = await request.content.readany()
        except TimeoutError:
            raise ApiError("bad_request", "The body comes too slowly.") from None
        except HttpProcessingError:
            raise ApiError("bad_request", "The body is broken: it is not in chunks.") from None
        if not piece:
            return
        received += len(piece)
        yield piece


async def decode(body: bytes) -> Any:
    """The JSON value of a body; ApiError with serde_json's words otherwise."""
    if not body:
        raise ApiError("missing_payload", "A json payload is missing.")
    try:
        if may_be_too_deep(body):
            await asyncio.to_thread(check, body)
        return orjson.loads(body)
    except JsonFaultError as fault:
        raise _malformed(fault) from None
    except orjson.JSONDecodeError as error:
        raise _malformed(await asyncio.to_thread(_fault, body, error)) from None


def _fault(body: bytes, error: orjson.JSONDecodeError) -> Exception:
    """What is wrong with a body that could not be decoded, in the words that clients know."""
    if len(body) > _EXPLAINED:
        return error
    try:
        check(body)
    except JsonFaultError as fault:
        return fault
    return error


def _malformed(fault: Exception) -> ApiError:
    return ApiError("malformed_payload", f"The json payload provided is malformed. `{fault}`.")
