"""The numbers of all workers together, whichever of them is asked.

Each worker keeps a file with its own, written anew every second. Who is asked writes its file first
and then adds all of them up, so that what is told never falls. A worker that takes the place of
one that was killed goes on with that one's numbers, less what that counted in its last second.
"""

import shutil
import time
from pathlib import Path

import orjson

from service.metrics.declared import METRICS, Numbers, add

EVERY_SECONDS = 1.0
FRESH_SECONDS = 10.0
"""What is true of a moment only (a gauge) counts for so long after its worker wrote it."""


def emptied(home: Path, port: int) -> Path:
    """The folder of the workers' files, empty: a service that starts counts from nothing."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = home / "metrics" / str(port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder


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
