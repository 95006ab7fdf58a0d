"""The process that makes one segment of several, while others search and write; it then ends."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import orjson

from meililite.index.merging import merge
from meililite.index.segment import Segment, sync, write_segment
from meililite.index.versions import MERGED
from meililite.processes.frames import serve
from meililite.processes.interruption import Interruption

_LIMIT = 3600  # seconds that one merge may take
_NICENESS = 10  # who searches or writes goes first, and yet it comes to an end


def run(connection: socket.socket, directory: str) -> None:
    """Serve until the front is gone. `directory` holds one folder for each index uuid."""
    os.nice(_NICENESS)

    interruption = Interruption(connection)

    def merged(uuid: str, names: list[str], oldest: bool) -> bytes:
        with interruption.allowed():  # it ends when the front does, in the middle of its work
            return orjson.dumps(str(merge_files(Path(directory) / uuid, names, oldest=oldest)))

    serve(connection, {"merge": merged}, _LIMIT)


def merge_files(folder: Path, names: list[str], *, oldest: bool) -> Path:
    """Merge the segments of these names, oldest first, into a new durable file.

    oldest: they hold the oldest segment of the index. Raises DamagedError for a bad file.
    """
    segments = [Segment(folder / name) for name in names]
    for segment in segments:
        segment.verify()
        segment.forget()
    target = folder / f"{Path(names[0]).stem}-{Path(names[-1]).stem}{MERGED}"
    try:
        write_segment(target, *merge(segments, oldest=oldest))
        sync([target])
    except BaseException:
        target.unlink(missing_ok=True)  # it may have filled the disk
        raise
    return target
