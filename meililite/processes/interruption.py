"""How the front stops a piece of work that a child process is at: it sends another frame."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StoppedError(BaseException):
    """Raised in the middle of the work, wherever it is."""


class Interruption:
    """Raises StoppedError where it is allowed, when something comes on the connection (or it ends).

    The system tells of it with a signal (O_ASYNC), so that work in one long call is stopped, too.
    There is one in a process, made in its main thread.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._allowed = False
        signal.signal(signal.SIGIO, self._arrived)
        fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(connection, fcntl.F_GETFL)
        fcntl.fcntl(connection, fcntl.F_SETFL, flags | os.O_ASYNC)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Within, the work may be stopped, until `forbid` is called."""
        self._allowed = True
        try:
            self._look()
            yield
        finally:
            self._allowed = False

    def forbid(self) -> None:
        """From here on it is too late."""
        self._allowed = False

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._look()

    def _look(self) -> None:
        if self._allowed and select.select([self._connection], [], [], 0)[0]:
            self._allowed = False
            raise StoppedError
