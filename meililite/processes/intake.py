"""The process that looks through large payloads, so that neither the front nor a search waits."""

from __future__ import annotations

import socket
from pathlib import Path

import orjson

from meililite.documents.formats import parse
from meililite.processes.frames import serve

_LIMIT = 300  # seconds that one payload may take


def count(path: str, kind: str, delimiter: str) -> bytes:
    """How many documents a payload holds; ApiError when it is malformed."""
    return orjson.dumps(len(parse(Path(path).read_bytes(), kind, delimiter)))


def run(connection: socket.socket, directory: str) -> None:
    """Serve until the front is gone."""
    del directory
    serve(connection, {"count": count}, _LIMIT)
