"""Requests that no one could have meant, or that do not come: they get an answer like any other."""

import asyncio
import re
import time
from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import BadURL, RequestTimeout
from sanic.http import Http

from service.http import bounds
from service.http.bounds import LONGEST_URL
from service.http.problems import MALFORMED, Problem

_NEEDLESS = re.compile(rb"%(2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)", re.IGNORECASE)
"""Letters, digits, `-`, `.`, `_` and `~`, which mean the same with a % and two digits."""

_NO_PATH = re.compile(rb"https?://[^/?#]+(?=[?#]|\Z)", re.IGNORECASE)
_SERVER = b"*"
_OF_SERVER = ("OPTIONS", "NONE")
"""Methods that may ask for the server as a whole (RFC 9112, 3.2.4), and what Sanic calls that of a
request which did not come whole."""


UNCODED = ("", "identity")
CODED = "A body is read as it is: send it without compression and without `Content-Encoding`."


class AnyRequest(Request):
    """A request also where its URL has bytes that no URL has, such as control characters.

    Its path is found however it was written (RFC 3986, 6.2.2.2).

    Sanic would parse such a URL once more for its answer, fail again, and give none. `began` is
    when it came, on the clock of time.perf_counter.
    """

    def __init__(self, url_bytes: bytes, *rest: Any, **named: Any) -> None:
        self.began = time.perf_counter()
        try:
            super().__init__(normal(url_bytes), *rest, **named)
            self.readable = url_bytes != _SERVER or self.method in _OF_SERVER
        except BadURL:
            self.readable = False
            super().__init__(_SERVER, *rest, **named)

    async def receive_body(self) -> None:
        """Have the body; raises RequestTimeout where it takes too long to come.

        Sanic's own limit for that ends with the headers. What has not come by then never does: the
        connection ends with the answer.
        """
        try:
            async with asyncio.timeout(bounds.SLOWEST_SECONDS):
                await super().receive_body()  # type: ignore[no-untyped-call]
        except TimeoutError:
            if isinstance(self.stream, Http):
                self.stream.keep_alive = False
                self.stream.request_body = None
            raise RequestTimeout("The body did not come in time.") from None


def normal(url: bytes) -> bytes:
    """A URL whose path has nothing written with a % that need not be; what follows a `?` stays.

    One of a host alone is that of its `/` (RFC 9110, 4.2.3).
    """
    if not url.startswith(b"/"):
        url = _NO_PATH.sub(rb"\g<0>/", url, count=1)
    if b"%" not in url:
        return url
    path, mark, rest = url.partition(b"?")
    return _NEEDLESS.sub(lambda found: bytes.fromhex(found[1].decode()), path) + mark + rest


async def refuse_unusable(request: Request) -> HTTPResponse | None:
    """Raise Problem for a URL that cannot be read (400) or is too long (414), and for a body that
    is coded (415), such as with gzip.
    """
    if isinstance(request, AnyRequest) and not request.readable:
        raise Problem(400, "bad-request", MALFORMED)
    if len(request.raw_url) > LONGEST_URL:
        raise Problem(414, "too-long", f"A URL may be {LONGEST_URL:,} characters long.")
    if request.body and request.headers.get("content-encoding", "").lower() not in UNCODED:
        raise Problem(415, "unsupported-coding", CODED, headers={"Accept-Encoding": "identity"})
    return None
