"""Which stack runs on a home: one at a time, its process and its addresses."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from stack import leftovers
from stack.guard import birth
from stack.process import StartError

SECRET = 0o600
PRIVATE = 0o700
NAMES = frozenset({"pid"})

LOOKS_SECONDS = 1.0
"""Who only looks at the lock holds it for much less."""


def private_folder(home: Path, name: str) -> Path:
    """The folder `name` of a home; both are made for their owner only. Raises StartError."""
    folder = home / name
    try:
        home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE, exist_ok=True)
    except OSError as error:
        raise _unusable(home, error) from error
    return folder


def addresses_file(home: Path) -> Path:
    """Where the addresses of the running stack are written for other commands (mode 0600)."""
    return home / "run" / "stack.json"


def market_token_file(home: Path) -> Path:
    """Where the running market's token is written for other commands (mode 0600)."""
    return home / "run" / "market-token"


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """Be the one stack of this home until the end of the block; StartError if there is one.

    The lock is the kernel's (flock): it goes with its process, however that ends.
    """
    path = _lock_file(home)
    try:
        lock = (private_folder(home, "run") / path.name).open("a+")
    except OSError as error:
        raise _unusable(home, error) from error
    with lock:
        deadline = time.monotonic() + LOOKS_SECONDS
        while not _locked(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                found = leftovers.read(path, NAMES)
                who = f" (pid {found['pid']})" if found else ""
                raise StartError(
                    f"Showroom is running already on {home}{who}; `showroom down` stops it."
                )
            time.sleep(0.05)
        try:
            lock.truncate(0)
            pid = os.getpid()
            json.dump({"pid": pid, "pid_born": birth(pid)}, lock)
            lock.flush()
            yield
        finally:
            lock.truncate(0)


def process(home: Path) -> psutil.Process | None:
    """The process of the stack that runs on this home, or None.

    It holds the lock, has the number in the file and its birth: a number that an earlier stack left
    may be a stranger's by now. An older Showroom that still runs wrote no birth.
    """
    path = _lock_file(home)
    try:
        with path.open() as lock:
            if _locked(lock.fileno(), fcntl.LOCK_SH):
                return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    found = leftovers.read(path, NAMES)
    if found is None:
        return None
    return leftovers.alive({"pid_born": birth(int(found["pid"]))} | found, "pid")


def stop(home: Path, seconds: float) -> bool:
    """Ask the running stack to end and wait until it has; False if there was none.

    Raises StartError when it does not end in time.
    """
    running = process(home)
    if running is None:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        running.terminate()
    deadline = time.monotonic() + seconds
    while process(home) is not None:
        if time.monotonic() > deadline:
            raise StartError(f"Showroom (pid {running.pid}) did not end in {seconds:.0f} s.")
        time.sleep(0.05)
    return True


def write_addresses(home: Path, addresses: dict[str, Any], started: list[str]) -> None:
    """Publish the running stack's addresses by the settings' names, and what it has started."""
    published = {**addresses, "programs": started}
    write_secret(addresses_file(home), json.dumps(published, indent=2) + "\n")


def programs(home: Path) -> frozenset[str]:
    """The names of what the running stack has started, whether it lives at this moment or not."""
    found = leftovers.read(addresses_file(home), frozenset({"programs"}))
    return frozenset(found["programs"] if found else ())


def forget(home: Path) -> None:
    """Take the published addresses away."""
    addresses_file(home).unlink(missing_ok=True)
    market_token_file(home).unlink(missing_ok=True)


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at once and whole."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, SECRET)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)


def _unusable(home: Path, error: OSError) -> StartError:
    return StartError(f"The folder {home} cannot be used ({error}); set SHOWROOM_HOME to another.")


def _lock_file(home: Path) -> Path:
    return home / "run" / "up.pid"


def _locked(descriptor: int, kind: int) -> bool:
    """Whether this lock could be taken; LOCK_SH, for a look, does not disturb other looks."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
