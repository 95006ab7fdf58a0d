"""How fast one site is asked: requests are spaced, and a site that asks for time gets it."""

import asyncio


class Pace:
    """Lets one request pass each `1 / rate` seconds; without a rate, at once.

    Requests are spaced evenly and never saved up, so a site sees no bursts after a pause.
    """

    def __init__(self, rate: float | None = None) -> None:
        self.interval = 1 / rate if rate else 0.0
        self._next = 0.0

    def slow_down(self, interval: float) -> None:
        """Keep at least `interval` seconds between requests."""
        self.interval = max(self.interval, interval)

    def pause(self, seconds: float) -> None:
        """Let nothing pass for so long: what `Retry-After` asks of everyone."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)

    async def turn(self) -> None:
        """Wait for the next free moment."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next)
        self._next = at + self.interval
        if at > now:
            await asyncio.sleep(at - now)
