"""How far a request is, on one line of the terminal: a bar, a rate, what it waits for."""

from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

COLUMNS = (
    TextColumn("{task.fields[state]:<9}"),
    BarColumn(bar_width=30),
    MofNCompleteColumn(),
    TextColumn("{task.fields[told]}"),
)


class Bar:
    """Shows what a job publishes of its progress; on a terminal, gone at the end."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        hidden = not console.is_terminal
        self._bar = Progress(*COLUMNS, console=console, transient=True, disable=hidden)
        self._task = self._bar.add_task("", total=None, state="waiting", told="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: dict[str, Any], waits_for: str) -> None:
        """`waits_for` is what a job waits for that nobody works on yet."""
        self._bar.update(
            self._task,
            state="waiting" if waits_for else progress.get("state", "waiting"),
            completed=progress.get("documents") or 0,
            total=progress.get("total"),
            told=told(progress, waits_for),
        )


def told(progress: dict[str, Any], waits_for: str = "") -> str:
    """The rate, the time left and what it waits for, as far as they are known."""
    awaited = waits_for or progress.get("waits_for")
    rate, left = progress.get("documents_per_second"), progress.get("eta_seconds")
    if awaited:
        return f"waits for {awaited}"
    if not rate:
        return ""
    return f"{rate:,.0f} documents/s" + (f", {duration(left)} left" if left else "")


def duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
