"""The market's clock and what people decided by hand, kept in one small file.

Nothing is shown before it is on disk: every change writes the file first, so after a
kill the market goes on from a moment that nobody has seen the other side of.
"""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

DAYS_PER_HOUR = 0.4  # about eight changes a minute in a market of 12,000 cars
SECONDS_PER_HOUR = 3600


class ClockError(Exception):
    """The clock's file cannot be used; the message is a sentence for people."""


@dataclass(frozen=True)
class Moment:
    """What the file holds: days since the market opened, the speed of time in market
    days per real hour, and by uuid the prices set and the cars sold by hand, with the day.
    """

    market: dict[str, int]
    day: float = 0.0
    rate: float = DAYS_PER_HOUR
    paused: bool = False
    prices: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    sold: dict[str, float] = field(default_factory=dict)


class Clock:
    """The time in one market; `market` names its seed and sizes."""

    def __init__(self, folder: Path, market: dict[str, int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "clock.json"
        self.now = self._read(market)

    def _read(self, market: dict[str, int]) -> Moment:
        try:
            saved: dict[str, Any] = orjson.loads(self.path.read_bytes())
            moment = Moment(**saved)
        except FileNotFoundError:
            return Moment(market)
        except (TypeError, orjson.JSONDecodeError) as error:
            raise ClockError(
                f"{self.path} is damaged ({error}); delete it to open the market anew."
            ) from error
        if moment.market != market:
            raise ClockError(
                f"{self.path} belongs to a market of {moment.market}, not of {market};"
                " use another --state, or delete the file to open the market anew."
            )
        return moment

    def advance(self, days: float) -> None:
        """Let so many days pass."""
        self._turn(replace(self.now, day=self.now.day + days))

    def tick(self, seconds: float) -> bool:
        """Let the days pass that so many real seconds are worth; False if time stands still."""
        if self.now.paused or not self.now.rate:
            return False
        self.advance(self.now.rate * seconds / SECONDS_PER_HOUR)
        return True

    def pause(self, paused: bool) -> None:
        """Stop time, or let it go on."""
        self._turn(replace(self.now, paused=paused))

    def set_rate(self, days_per_hour: float) -> None:
        """Set the speed of time."""
        self._turn(replace(self.now, rate=days_per_hour))

    def reprice(self, uuids: list[str], price: int) -> None:
        """From now on these cars cost this, whatever they would have cost."""
        prices = dict(self.now.prices)
        for uuid in uuids:
            prices[uuid] = [*prices.get(uuid, []), (self.now.day, price)]
        self._turn(replace(self.now, prices=prices))

    def sell(self, uuids: list[str]) -> None:
        """These cars are gone now."""
        self._turn(replace(self.now, sold={**self.now.sold, **dict.fromkeys(uuids, self.now.day)}))

    def _turn(self, moment: Moment) -> None:
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(orjson.dumps(moment))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self.now = moment
