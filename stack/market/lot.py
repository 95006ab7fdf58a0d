"""What stands on the lots now: the cars of the days around the clock's."""

from math import ceil, floor

import numpy as np

from stack.market import cars, prices
from stack.market.cars import Car, Source
from stack.market.clock import Clock
from stack.market.vocabulary import Bools, Ints, Strings

GONE_SHOWN = 30.0  # days that a sold car's page says so, before it is missing
SPARE = 1.03  # so many more stand there than promised, since the number sways with time
STOCK = -1  # the batch that was there when the market opened


def slug(text: str) -> str:
    """A name as addresses spell it: "Land Rover" is "land_rover"."""
    return "".join(letter if letter.isalnum() else "_" for letter in text.lower())


class Table:
    """Columns of loaded cars, in the order of their uuids, which mixes makes and places."""

    def __init__(self, loaded: list[Car]) -> None:
        self.cars = sorted(loaded, key=lambda car: car.uuid)
        self.position = {car.uuid: at for at, car in enumerate(self.cars)}
        self.arrived = np.array([car.arrived for car in self.cars])
        self.leaves = np.array([car.leaves for car in self.cars])
        self.asked = np.array([car.asked for car in self.cars])
        self.drop_first = np.array([car.drop_first for car in self.cars])
        self.drop_every = np.array([car.drop_every for car in self.cars])
        self.drop_rate = np.array([car.drop_rate for car in self.cars])
        self.dealer = np.array([car.dealer for car in self.cars])
        self.year = np.array([car.kind.year for car in self.cars])
        self.new = np.array([car.new for car in self.cars])
        self.certified = np.array([car.certified for car in self.cars])
        self.make: Strings = np.array([slug(car.kind.make) for car in self.cars], dtype=object)
        self.makes, self.make_code = np.unique(self.make, return_inverse=True)
        self.model: Strings = np.array(
            [f"{slug(car.kind.make)}_{slug(car.kind.model)}" for car in self.cars], dtype=object
        )


class Lot:
    """The market's cars at the clock's moment; `refresh` after the clock was turned."""

    def __init__(self, source: Source, size: int, clock: Clock) -> None:
        self.source = source
        self.clock = clock
        self.generation = "fuse-card"  # how cards are written: stack/market/generations.py
        self.stock_size = ceil(size * SPARE)
        self.daily = ceil(self.stock_size / cars.MEAN_LIFE)
        self.batches: dict[int, list[Car]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Load the days that came, forget those that are over, and price what is live."""
        if self._load():
            self.table = Table([car for batch in self.batches.values() for car in batch])
        day, table = self.clock.now.day, self.table
        leaves = table.leaves.copy()
        for uuid, sold in self.clock.now.sold.items():
            if uuid in table.position:
                at = table.position[uuid]
                leaves[at] = min(leaves[at], sold)
        self.leaves = leaves
        self.alive: Bools = (table.arrived <= day) & (day < leaves)
        self.live: Ints = np.flatnonzero(self.alive)
        cuts = prices.cuts(day, table.arrived, table.drop_first, table.drop_every)
        self.price: Ints = prices.after(cuts, table.asked, table.drop_rate)
        self.last_price: Ints = prices.after(np.maximum(cuts - 1, 0), table.asked, table.drop_rate)
        for uuid in self.clock.now.prices:
            if uuid in table.position:
                at = table.position[uuid]
                changes = self.history(at)
                self.price[at] = changes[-1].price
                self.last_price[at] = changes[max(len(changes) - 2, 0)].price
        by_make = np.argsort(table.make_code[self.live], kind="stable")
        self.live_by_make: Ints = self.live[by_make]
        self.make_starts: Ints = np.searchsorted(
            table.make_code[self.live_by_make], np.arange(len(table.makes) + 1)
        )

    def _load(self) -> bool:
        """Hold exactly the batches that may be seen; True if that changed anything."""
        today = floor(self.clock.now.day)
        first = floor(self.clock.now.day - cars.LONGEST - GONE_SHOWN) - 1
        wanted = set(range(max(first, STOCK), today + 1))
        if wanted == self.batches.keys():
            return False
        self.batches = {
            batch: self.batches[batch] if batch in self.batches else self._batch(batch)
            for batch in sorted(wanted)
        }
        return True

    def _batch(self, batch: int) -> list[Car]:
        if batch == STOCK:
            return cars.stock(self.source, self.stock_size)
        number = self.stock_size + batch * self.daily
        return cars.arrivals(self.source, batch, self.daily, number)

    def find(self, uuid: str) -> int | None:
        """The position of a car that is on the lot or was until lately."""
        at = self.table.position.get(uuid)
        day = self.clock.now.day
        if at is None or self.table.arrived[at] > day or self.leaves[at] + GONE_SHOWN <= day:
            return None
        return at

    def named(self, key: str) -> list[Car]:
        """The live cars with this uuid or VIN."""
        return [
            car for at in self.live.tolist() if key in ((car := self.table.cars[at]).uuid, car.vin)
        ]

    def history(self, at: int) -> list[prices.Change]:
        """The prices of a car until now, oldest first."""
        car, day = self.table.cars[at], self.clock.now.day
        by_hand = [prices.Change(*change) for change in self.clock.now.prices.get(car.uuid, [])]
        if not by_hand:
            return prices.history(car, day)
        return prices.history(car, by_hand[0].day) + by_hand

    def similar(self, at: int, count: int) -> list[int]:
        """Other live cars of the same make, those that follow this one in order."""
        code = self.table.make_code[at]
        same = self.live_by_make[self.make_starts[code] : self.make_starts[code + 1]]
        start = int(np.searchsorted(same, at))
        following = np.concatenate((same[start : start + count + 1], same[:count]))
        return [other for other in dict.fromkeys(following.tolist()) if other != at][:count]
