"""Where a server's Unix socket can be: beside its data, unless that path will not do."""

import errno
import hashlib
import os
import socket
import tempfile
from pathlib import Path

from stack.process import StartError

LONGEST = 107
"""Bytes of a socket's path: `sun_path` has 108 with its closing zero (unix(7))."""


def place(folder: Path, name: str) -> tuple[Path, Path | None]:
    """The folder for socket `name` and, if it had to be another than `folder`, that folder again.

    The other is a short name in the temporary folder, the same one for the same `folder`.
    """
    folder = folder.absolute()
    fits = len(os.fsencode(folder / name)) <= LONGEST
    if fits and "," not in str(folder):  # in a database URL a comma separates hosts
        return folder, None
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"showroom-{os.geteuid()}-{digest}"
    return short, short


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def steady_port(path: Path) -> int:
    """The port written in `path` if it is free, else a free one, which is written there."""
    try:
        port = int(path.read_text())
        check_free("127.0.0.1", port)
    except (OSError, ValueError, OverflowError, StartError):
        port = free_port()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{port}\n")
    return port


def check_free(host: str, port: int) -> None:
    """Raise StartError when this address cannot be listened on, with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} is taken by another program; stop that, or choose another port: "
                f"SHOWROOM_PORT={port + 1 if port < 65535 else 8001}."
            ) from error
        raise StartError(
            f"{host} port {port} cannot be listened on ({error.strerror or error}); "
            "set SHOWROOM_HOST or SHOWROOM_PORT."
        ) from error
