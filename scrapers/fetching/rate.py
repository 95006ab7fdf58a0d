"""How fast one site is asked: requests are spaced, and a site that asks for time gets it."""

import asyncio
from time import monotonic

LONGEST_WAIT = 120.0  # seconds; for a site that asks for more nobody here waits

_pauses: dict[str, float] = {}  # until when each site asked to be left alone by this process


class PausedError(Exception):
    """The site is to be left alone for longer than anybody waits: for `seconds` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class Pace:
    """Lets one request to a site pass each `1 / rate` seconds; without a rate, at once.

    Requests are spaced evenly and never saved up, so a site sees no bursts after a pause.
    """

    def __init__(self, site: str, rate: float | None = None) -> None:
        self.site = site
        self.interval = 1 / rate if rate else 0.0
        self._next = 0.0

    def slow_down(self, interval: float) -> None:
        """Keep at least `interval` seconds between requests."""
        self.interval = max(self.interval, interval)

    def pause(self, seconds: float) -> None:
        """Let nobody in this process pass for so long: what `Retry-After` asks of everyone.

        Raises PausedError where that is longer than anybody waits.
        """
        _pauses[self.site] = max(self._paused_until, monotonic() + seconds)
        self._check()

    async def turn(self) -> None:
        """Wait for the next free moment; raises PausedError as soon as that is too far away."""
        while True:
            self._check()
            now = monotonic()
            at = max(now, self._next, self._paused_until)
            self._next = at + self.interval
            if at > now:
                await asyncio.sleep(at - now)
            if self._paused_until <= at:  # nobody was told to wait longer meanwhile
                return

    @property
    def _paused_until(self) -> float:
        return _pauses.get(self.site, 0.0)

    def _check(self) -> None:
        if (left := self._paused_until - monotonic()) > LONGEST_WAIT:
            raise PausedError(left)
