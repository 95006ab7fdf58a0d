"""Programs and the processes that run them: start, wait until it answers, stop."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack import guard, leftovers

LOG_BYTES = 10_000_000
"""A log longer than this becomes `NAME.log.1`, which replaces the one before it."""

POLL_SECONDS = 0.05


class StartError(Exception):
    """A program cannot be started; the message is a sentence that says what to do."""


def always() -> bool:
    """The probe of a program that has no address: it answers when it lives."""
    return True


def nothing() -> None:
    """What most programs need before a start."""


@dataclass(frozen=True)
class Program:
    """What to run and how to know that it answers.

    `wrapper` stands before the guard on the command line; `folder` is a private temporary folder
    made before the start and removed at the end; `user` is (uid, gid) when it must be another;
    `hidden` are variables of this process that it must not inherit;
    `before` is called before each start.
    """

    name: str
    command: tuple[str, ...]
    address: str = ""
    probe: Callable[[], bool] = always
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: frozenset[str] = frozenset()
    ready_within: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 8.0
    wrapper: tuple[str, ...] = ()
    folder: Path | None = None
    user: tuple[int, int] | None = None
    before: Callable[[], None] = nothing


class Process:
    """One run of a program at a time, under a guard, with its log and its record."""

    def __init__(self, program: Program, home: Path) -> None:
        self.program = program
        self.log = home / "logs" / f"{program.name}.log"
        self.record = leftovers.folder(home) / f"{program.name}.json"
        self._guard: subprocess.Popen[bytes] | None = None
        self._lifeline = -1
        self._log_begins = 0

    def start(self) -> None:
        """Start the program, end what is left of an earlier run; StartError when it is refused."""
        program = self.program
        self.ask_to_stop()
        leftovers.end(self.record)
        program.before()
        order = guard.Order(
            self.record,
            program.stop_signal,
            program.grace,
            program.folder,
            program.user,
            list(program.command),
        )
        inherited = {name: os.environ[name] for name in os.environ.keys() - program.hidden}
        line = [*program.wrapper, sys.executable, "-I", "-S", guard.__file__]
        try:
            for folder in (self.log.parent, self.record.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if program.folder is not None:
                _make_private(program.folder, program.user)
            trim(self.log)
            reading, self._lifeline = os.pipe()
            with self.log.open("ab") as log, os.fdopen(reading, "rb") as lifeline:
                self._log_begins = log.tell()
                self._guard = subprocess.Popen(
                    [*line, *guard.arguments(order)],
                    stdin=lifeline,
                    stdout=log,
                    stderr=log,
                    env={**inherited, **program.environment},
                    start_new_session=True,
                )
        except OSError as error:
            raise StartError(f"{program.name} cannot be started: {error}.") from error

    @property
    def alive(self) -> bool:
        return self._guard is not None and self._guard.poll() is None

    def wait_ready(self) -> None:
        """Return when the program answers; StartError when it ends or takes too long."""
        program = self.program
        deadline = time.monotonic() + program.ready_within
        while True:
            if not self.alive:
                raise StartError(f"{program.name} ended while starting{self._last_words()}")
            if self.record.exists() and program.probe():
                return
            if time.monotonic() > deadline:
                seconds = f"{program.ready_within:.0f} s"
                raise StartError(f"{program.name} did not answer in {seconds}{self._last_words()}")
            time.sleep(POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Close the lifeline: the guard stops the program, bounded by its grace."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def stop(self) -> None:
        """Stop the program and wait until it is gone."""
        self.ask_to_stop()
        if self._guard is None:
            return
        try:
            self._guard.wait(self.program.grace + 5)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()

    def _last_words(self) -> str:
        """The end of a sentence: this run's last line in the log, and where to read on."""
        lines = tail(self.log, since=self._log_begins)
        said = f": {lines[-1]}" if lines else "."
        return f"{said} (read {self.log})"


def tail(log: Path, size: int = 4096, since: int = 0) -> list[str]:
    """The last lines of a log that are not empty, from its last `size` bytes, behind `since`."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, log.stat().st_size - size))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def trim(log: Path, limit: int = LOG_BYTES) -> None:
    """Bound a log: when it is too long its content moves to `NAME.log.1`.

    Copied and cut, not renamed: a running process keeps writing at the new end (O_APPEND).
    """
    if log.exists() and log.stat().st_size > limit:
        shutil.copyfile(log, f"{log}.1")
        os.truncate(log, 0)


def _make_private(folder: Path, user: tuple[int, int] | None) -> None:
    """Make a folder only its owner can enter; StartError when somebody else's stands there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    owners = {os.geteuid()} | ({user[0]} if user else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise StartError(f"{folder} belongs to somebody else; remove it or set TMPDIR.")
    folder.chmod(0o700)
    if user:
        os.chown(folder, *user)
