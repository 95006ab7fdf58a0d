"""What every route that only reads has in common."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from sanic import HTTPResponse
from sanic.response.types import HEADER_TRANSLATION_TABLE

METHODS = ("GET", "HEAD")

REMEMBERED = 8192  # names and values of headers


class Response(HTTPResponse):
    """A response whose headers, mostly the same as ever, are not encoded anew each time.

    That is an eighth of the time that Sanic takes for a small request.
    """

    __slots__ = ()

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Names and values as bytes without line ends, as Sanic makes them."""
        if self.content_type and self.status != 304:
            self.headers.setdefault("content-type", self.content_type)
        return ((_encoded(name), _encoded(value)) for name, value in self.headers.items())


@lru_cache(REMEMBERED)
def _encoded(text: str | int) -> bytes:
    return str(text).translate(HEADER_TRANSLATION_TABLE).encode(errors="surrogateescape")


def json(body: dict[str, Any]) -> HTTPResponse:
    """A 200 with this body; times are written in UTC with a Z."""
    return Response(msgspec.json.encode(body), content_type="application/json")
