"""Length-prefixed frames on a blocking socket: how a child process hears and answers.

A frame is four bytes of length (little endian) and that many bytes. A request is JSON
`[operation, argument…]`; an answer is one byte of kind and its body.
"""

from __future__ import annotations

import logging
import signal
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from meililite.errors import ApiError

LENGTH = struct.Struct("<I")
DONE = b"0"
REFUSED = b"1"
BROKEN = b"2"

Operation = Callable[..., bytes]

log = logging.getLogger("meililite")


def receive(connection: socket.socket) -> bytes | None:
    """The next frame, or None when the other side is gone."""
    head = _exactly(connection, LENGTH.size)
    return None if head is None else _exactly(connection, LENGTH.unpack(head)[0])


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = connection.recv_into(view)
        if not count:
            return None
        view = view[count:]
    return bytes(data)


def send(connection: socket.socket, kind: bytes, body: bytes) -> None:
    connection.sendall(LENGTH.pack(1 + len(body)) + kind + body)


def serve(connection: socket.socket, operations: Mapping[str, Operation], limit: int = 0) -> None:
    """Answer frames with `operations` until the other side is gone.

    An ApiError is handed back as such; anything else is a fault of ours, logged with its trace and
    handed back as one line, and the process goes on. An operation that takes longer than `limit`
    seconds (0: it may take any time) ends the process; the front starts another.
    """
    while (frame := receive(connection)) is not None:
        name, *arguments = orjson.loads(frame)
        signal.alarm(limit)
        kind, body = _answer(operations[name], arguments)
        signal.alarm(0)
        send(connection, kind, body)


def _answer(operation: Operation, arguments: list[Any]) -> tuple[bytes, bytes]:
    try:
        return DONE, operation(*arguments)
    except ApiError as error:
        return REFUSED, orjson.dumps([error.code, error.message])
    except Exception as error:  # one bad request must not end the process
        log.exception("An operation failed.")
        return BROKEN, f"{type(error).__name__}: {error}".encode()
