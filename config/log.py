"""Logging, the same in every process: one line an event."""

import logging
from pathlib import Path

TALKATIVE = ("httpx", "huey", "sanic.root", "sanic.server", "sanic.access", "tortoise")
"""Loggers that say a line for each request, task or start: only their warnings are kept."""

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_CONTROLS = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
}


class Formatter(logging.Formatter):
    """Writes control characters as escapes: what is logged of others must not move a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).translate(_CONTROLS)


def configure(level: str, file: Path | None = None) -> None:
    """Log from `level` ("INFO") on, to standard error or to a file."""
    handler = logging.FileHandler(file) if file else logging.StreamHandler()
    handler.setFormatter(Formatter(LINE))
    logging.basicConfig(level=level, handlers=[handler])
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
