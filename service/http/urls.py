"""Requests whose URL no one could have meant: they get an answer like any other bad request."""

import time
from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import BadURL

from service.http.bounds import LONGEST_URL
from service.http.problems import Problem


class AnyRequest(Request):
    """A request also where its URL has bytes that no URL has, such as control characters.

    Sanic would parse such a URL once more for its answer, fail again, and give none. `began` is
    when it came, on the clock of time.perf_counter.
    """

    def __init__(self, url_bytes: bytes, *rest: Any, **named: Any) -> None:
        self.began = time.perf_counter()
        self.readable = True
        try:
            super().__init__(url_bytes, *rest, **named)
        except BadURL:
            self.readable = False
            super().__init__(b"*", *rest, **named)


async def refuse_unusable(request: Request) -> HTTPResponse | None:
    """Raise Problem (400, 414) for a URL that cannot be read, or is too long."""
    if isinstance(request, AnyRequest) and not request.readable:
        detail = "The URL has characters that must be written with a % and two digits."
        raise Problem(400, "bad-request", detail)
    if len(request.raw_url) > LONGEST_URL:
        raise Problem(414, "too-long", f"A URL may be {LONGEST_URL:,} characters long.")
    return None
