"""Where a server's Unix socket can be: beside its data, unless that path is too long."""

import hashlib
import os
import socket
import tempfile
from pathlib import Path

LONGEST = 107
"""Bytes of a socket's path: `sun_path` has 108 with its closing zero (unix(7))."""


def place(folder: Path, name: str) -> tuple[Path, Path | None]:
    """The folder for socket `name` and, if it had to be another than `folder`, that folder again.

    The other is a short name in the temporary folder, the same one for the same `folder`.
    """
    folder = folder.absolute()
    if len(os.fsencode(folder / name)) <= LONGEST:
        return folder, None
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"showroom-{os.geteuid()}-{digest}"
    return short, short


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
