"""What a car costs on a day: a pure function of the car and the day.

A dealer asks a first price, and takes the same part off it every so many days, a few times.
"""

from math import floor
from typing import NamedTuple, Protocol

import numpy as np

from stack.market.vocabulary import Floats, Ints

DROPS = 6  # after so many cuts the price stays
LARGE = 100_000  # dollars; from here on prices are rounded to thousands


class Priced(Protocol):
    """What a price follows from; days count from the market's first day."""

    @property
    def asked(self) -> int: ...
    @property
    def arrived(self) -> float: ...
    @property
    def drop_first(self) -> float: ...
    @property
    def drop_every(self) -> float: ...
    @property
    def drop_rate(self) -> float: ...


class Change(NamedTuple):
    """From this day on the car costs so many dollars."""

    day: float
    price: int


def cuts(day: float, arrived: Floats, first: Floats, every: Floats) -> Ints:
    """How many times the prices of many cars were cut until a day."""
    times: Ints = np.clip(np.floor((day - arrived - first) / every) + 1, 0, DROPS).astype(np.int64)
    return times


def after(times: Ints, asked: Ints, rate: Floats) -> Ints:
    """Prices in dollars after so many cuts; 0 where the dealer names none."""
    dollars = asked * (1 - rate * times)
    step = np.where(dollars >= LARGE, 1000, 100)
    tidy = np.maximum(np.round(dollars / step), 1) * step - 5
    return np.where(dollars > 0, tidy, 0).astype(np.int64)


def history(car: Priced, day: float) -> list[Change]:
    """Every price of a car until a day, oldest first; empty where the dealer names none."""
    if not car.asked:
        return []
    changes = [Change(car.arrived, _tidy(car.asked))]
    passed = floor((day - car.arrived - car.drop_first) / car.drop_every) + 1
    for cut in range(1, min(max(passed, 0), DROPS) + 1):
        amount = _tidy(car.asked * (1 - car.drop_rate * cut))
        if amount != changes[-1].price:
            when = car.arrived + car.drop_first + (cut - 1) * car.drop_every
            changes.append(Change(when, amount))
    return changes


def _tidy(dollars: float) -> int:
    """The price as dealers write it, one car's `after`: it ends in 95, a large one in 995."""
    step = 1000 if dollars >= LARGE else 100
    return max(round(dollars / step), 1) * step - 5
