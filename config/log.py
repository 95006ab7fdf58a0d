"""Logging, the same in every process: one line an event, to standard error."""

import logging

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"


def configure(level: str) -> None:
    """Log from `level` ("INFO") on."""
    logging.basicConfig(format=LINE, level=level.upper())
