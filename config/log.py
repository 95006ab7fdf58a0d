"""Logging, the same in every process: one line an event."""

import logging
from pathlib import Path

TALKATIVE = ("httpx", "huey", "sanic.root", "sanic.server", "sanic.access", "tortoise")
"""Loggers that say a line for each request, task or start: only their warnings are kept."""

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure(level: str, file: Path | None = None) -> None:
    """Log from `level` ("INFO") on, to standard error or to a file."""
    logging.basicConfig(format=LINE, level=level, filename=file)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
