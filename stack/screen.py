"""Where `showroom up` says what it does: a terminal that is kept fresh, or plain lines."""

import asyncio
import datetime
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.status import Status

from config.settings import Settings
from stack.board import board
from stack.overview import overview

REFRESH_SECONDS = 2.0


class Screen(Protocol):
    """What `up` needs of a screen."""

    def tell(self, line: str) -> None:
        """Say one line that people should know."""

    def doing(self, what: str) -> None:
        """Say what is being waited for now."""

    async def show(self, settings: Settings) -> None:
        """Show the table, until canceled where it can be kept fresh."""


class Lines:
    """For a file or a pipe: each line once, with its time."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, line: str) -> None:
        now = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
        self._console.print(f"{now} {line}", soft_wrap=True, markup=False)

    def doing(self, what: str) -> None:
        self.tell(f"{what} …")

    async def show(self, settings: Settings) -> None:
        self._console.print(board(await overview(settings)))


class Terminal:
    """For people: a line while it starts, then the table, refreshed in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def tell(self, line: str) -> None:
        self._console.print(line, soft_wrap=True, markup=False)

    def doing(self, what: str) -> None:
        if self._status is None:
            self._status = self._console.status(what)
            self._status.start()
        self._status.update(f"{what} …")

    async def show(self, settings: Settings) -> None:
        self.close()
        with Live(console=self._console, auto_refresh=False) as live:
            while True:
                live.update(board(await overview(settings)), refresh=True)
                await asyncio.sleep(REFRESH_SECONDS)

    def close(self) -> None:
        """Leave the terminal as it was found."""
        if self._status is not None:
            self._status.stop()
            self._status = None
