"""Processes of a test's own, stopped at its end."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

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
