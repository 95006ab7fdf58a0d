"""Processes that an earlier run left: found by their records, verified, ended."""

import contextlib
import json
import os
import shutil
import signal
from collections.abc import Set
from pathlib import Path
from typing import Any

import psutil

from stack.guard import birth

GUARDED = frozenset(
    {"guard", "guard_born", "child", "child_born", "stop_signal", "grace", "folder"}
)
"""The names in a guard's record."""


def folder(home: Path) -> Path:
    """Where the records of a home's processes are."""
    return home / "run" / "processes"


def end_all(home: Path) -> list[str]:
    """End every recorded process of this home; the names of those that were still there."""
    return [path.stem for path in sorted(folder(home).glob("*.json")) if end(path)]


def end(record: Path) -> bool:
    """End the processes that a record names, if they are still those; whether one was there.

    Asks first (the program's own stop signal), kills after its grace.
    """
    found = read(record)
    if found is None:
        record.unlink(missing_ok=True)
        return False
    child, guard = alive(found, "child"), alive(found, "guard")
    grace = float(found["grace"])
    if guard is not None:
        guard.terminate()
    elif child is not None:
        child.send_signal(int(found["stop_signal"]))
    there = [process for process in (child, guard) if process is not None]
    _, stubborn = psutil.wait_procs(there, timeout=grace + 1)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    if child is not None and guard is None:
        _empty_group(child.pid)
    if found["folder"]:
        shutil.rmtree(found["folder"], ignore_errors=True)
    record.unlink(missing_ok=True)
    return bool(there)


def read(record: Path, names: Set[str] = GUARDED) -> dict[str, Any] | None:
    """What was written about a process, or None where that is missing or cut short."""
    try:
        found: dict[str, Any] = json.loads(record.read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return found if isinstance(found, dict) and names <= set(found) else None


def alive(found: dict[str, Any], which: str) -> psutil.Process | None:
    """The recorded process `which` ("guard", …), unless it ended and left its number."""
    try:
        process = psutil.Process(int(found[which]))
        same = birth(process.pid) == found[f"{which}_born"]
        ended = process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if same and not ended else None


def _empty_group(group: int) -> None:
    """Kill what a child left in its group; only while no other process has taken the number."""
    if not psutil.pid_exists(group):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
