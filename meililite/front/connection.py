"""A client's connection."""

from __future__ import annotations

from aiohttp import web
from aiohttp.web_protocol import _ErrInfo


class Connection(web.RequestHandler):
    """Tells a request at once that its body breaks off in what is no HTTP.

    aiohttp queues the refusal behind the request whose body it is, which then waits for the rest.
    """

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._messages or not isinstance(refusal := self._messages[-1][0], _ErrInfo):
            return
        if len(self._messages) > 1:  # the body is of the youngest request, which still waits
            body = self._messages[-2][1]
        elif self._current_request is not None:
            body = self._current_request.content
        else:
            return
        if not body.is_eof():
            body.set_exception(refusal.exc)
