"""One connection of a client, on which each request has to come in time."""

import asyncio
from typing import Any

from sanic.exceptions import RequestTimeout
from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from service.http import bounds

END_OF_HEADERS = b"\r\n\r\n"


class Connection(HttpProtocol):
    """Refuses (408) headers that are not whole SLOWEST_SECONDS after their first byte.

    Sanic's own limit begins anew with every byte. A connection on which nothing was begun may stay.
    """

    __slots__ = ("_waiting",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._waiting: asyncio.TimerHandle | None = None  # for the rest of some headers

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        stage = self.http.stage if self.http is not None else Stage.IDLE
        if stage is not Stage.REQUEST:  # whatever came before belonged to another request
            self._stop_waiting()
        if stage not in (Stage.IDLE, Stage.REQUEST):  # a body
            return
        if END_OF_HEADERS in self.recv_buffer:
            self._stop_waiting()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(bounds.SLOWEST_SECONDS, self._refuse)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)  # type: ignore[no-untyped-call]

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self) -> None:
        self._waiting = None
        if self._task is not None and self.http is not None and self.http.stage is Stage.REQUEST:
            self.http.exception = RequestTimeout("The headers did not come in time.")
            self._task.cancel()
