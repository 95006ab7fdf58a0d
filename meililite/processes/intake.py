"""The process that looks through large payloads, so that neither the front nor a search waits."""

from __future__ import annotations

import socket
from pathlib import Path

import orjson

from meililite.documents import formats
from meililite.processes.frames import serve
from meililite.processes.memory import give_back

_LIMIT = 300  # seconds that one payload may take


def count(path: str, kind: str, delimiter: str) -> bytes:
    """How many documents a payload holds; ApiError when it is malformed."""
    found = formats.count(Path(path).read_bytes(), kind, delimiter)
    give_back()
    return orjson.dumps(found)


def run(connection: socket.socket, directory: str) -> None:
    """Serve until the front is gone."""
    del directory
    serve(connection, {"count": count}, _LIMIT)
