"""Processes of a test's own, stopped at its end."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stack.process import Process, Program


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Program], Process]]:
    """Start a program in a home of the test's own and wait until it answers."""
    started: list[Process] = []

    def run(program: Program) -> Process:
        process = Process(program, tmp_path / "home")
        started.append(process)
        process.start()
        process.wait_ready()
        return process

    yield run
    for process in started:
        process.stop()


@pytest.fixture
def python() -> Callable[..., Program]:
    """A program of a few lines of Python."""

    def program(lines: str, name: str = "it", **options: object) -> Program:
        return Program(name, (sys.executable, "-c", lines), **options)  # type: ignore[arg-type]

    return program


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Give back the signal handlers that the code under test sets in this process."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def set_the_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let what the system says of processes' start times move, as a clock that is set does."""
    said = psutil.Process.create_time

    def step(seconds: float) -> None:
        monkeypatch.setattr(psutil.Process, "create_time", lambda it: said(it) + seconds)

    return step
