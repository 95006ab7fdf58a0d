"""The numbers of all workers together, whichever of them is asked.

Each worker keeps a file with its own, written anew every second. Who is asked writes its file first
and then adds all of them up, so that what is told never falls. A worker that takes the place of
one that was killed goes on with that one's numbers, less what that counted in its last second.
"""

import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from service.metrics.declared import METRICS, Numbers, add

log = logging.getLogger("service")

EVERY_SECONDS = 1.0
FRESH_SECONDS = 10.0
"""What is true of a moment only (a gauge) counts for so long after its worker wrote it."""

LEFT_SECONDS = 3600.0
"""A folder in which nothing was written for so long is of a service that was killed."""


@contextmanager
def opened(home: Path, port: int) -> Iterator[Path | None]:
    """A new folder for the workers' files until the service ends; None where none can be made.

    Each start has its own: several services may share `home`, and a port too when they are on
    several machines, and workers of a killed one write for some seconds more.
    """
    try:
        folder = _made(home, port)
    except OSError as error:
        log.warning(
            "/metrics tells the numbers of one worker, not of all: no folder can be made below"
            " %s (%s); let SHOWROOM_HOME be one that can be written.",
            home,
            error,
        )
        yield None
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(home: Path, port: int) -> Path:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    metrics = home / "metrics"
    metrics.mkdir(mode=0o700, exist_ok=True)
    for left in metrics.iterdir():
        with suppress(FileNotFoundError):  # another service that starts removed it
            if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{port}-", dir=metrics))


class Ledger:
    """The file of the worker in the place `number`, and the sum of all; no folder is no others."""

    def __init__(self, folder: Path | None = None, number: int = 0) -> None:
        self._folder = folder
        self._path = folder / f"{number}.json" if folder else None
        known = _read(self._path) if self._path else {}
        self._before = {key: values for key, values in known.items() if not _is_gauge(key)}
        self._mine: Numbers = self._before

    def publish(self, mine: Numbers) -> None:
        """Tell what this worker has counted since it started. Raises OSError."""
        self._mine = dict(mine)
        add(self._mine, self._before)
        if self._path is not None:
            written = self._path.with_suffix(".new")
            written.write_bytes(orjson.dumps(list(self._mine.items())))
            written.replace(self._path)

    def total(self) -> Numbers:
        """The numbers of all workers as they were published last."""
        numbers = dict(self._mine)
        for path in self._folder.glob("*.json") if self._folder else ():
            if path != self._path:
                fresh = time.time() - path.stat().st_mtime < FRESH_SECONDS
                told = _read(path)
                add(numbers, {key: told[key] for key in told if fresh or not _is_gauge(key)})
        return numbers


def _read(path: Path) -> Numbers:
    if not path.exists():
        return {}
    return {tuple(key): values for key, values in orjson.loads(path.read_bytes())}


def _is_gauge(key: tuple[str, ...]) -> bool:
    return METRICS[key[0]].kind == "gauge"
