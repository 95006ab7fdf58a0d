"""Dealers at real ZIP codes, most of them where most people live."""

from typing import NamedTuple

import numpy as np

from stack.market import vocabulary
from stack.market.places import Place, miles, places
from stack.market.vocabulary import Floats, Ints

METRO_MILES = 28.0
METRO_SHARE = 0.9  # the others stand in towns all over the country

STREETS = [
    "Auto Mall Dr",
    "Main St",
    "State Rd",
    "Motor Pkwy",
    "Commerce Blvd",
    "Airport Rd",
    "Broadway",
    "Ogden Ave",
    "Market St",
    "Industrial Way",
    "Highway 41",
    "Lincoln Ave",
    "Dealer Row",
    "Grand Ave",
    "Frontage Rd",
]


class Dealer(NamedTuple):
    """A dealer; `franchise` is the make it sells new, empty for a used-car lot."""

    id: str
    name: str
    franchise: str
    street: str
    place: Place
    phone: str
    rating: float
    reviews: int
    size: float


class Dealers:
    """All dealers, and which of them may have a car."""

    def __init__(self, dealers: list[Dealer]) -> None:
        self.all = dealers
        self.lats: Floats = np.array([dealer.place.lat for dealer in dealers])
        self.lngs: Floats = np.array([dealer.place.lng for dealer in dealers])
        self.everyone = np.arange(len(dealers))
        self.cumulative = self._by_size(self.everyone)
        self.franchises: dict[str, tuple[Ints, Floats]] = {}
        for make in {dealer.franchise for dealer in dealers if dealer.franchise}:
            own = np.array([i for i, dealer in enumerate(dealers) if dealer.franchise == make])
            self.franchises[make] = (own, self._by_size(own))

    def _by_size(self, chosen: Ints) -> Floats:
        sizes = np.array([self.all[i].size for i in chosen])
        cumulative: Floats = np.cumsum(sizes / sizes.sum())
        return cumulative

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """`n` dealers, larger ones more often."""
        return vocabulary.pick(self.cumulative, rng, n)

    def draw_selling(self, make: str, rng: np.random.Generator, n: int) -> Ints:
        """`n` dealers that sell this make new; any dealer where nobody has the franchise."""
        own, cumulative = self.franchises.get(make, (self.everyone, self.cumulative))
        return own[vocabulary.pick(cumulative, rng, n)]


def build(seed: int, count: int) -> Dealers:
    """The dealers of a seed: `count` of them."""
    rng = np.random.default_rng([seed, 2])
    makes = vocabulary.spellings("makes").draw(rng, count)
    surnames = [row[0] for row in vocabulary.rows("surnames")]
    return Dealers(
        [
            _dealer(rng, surnames, number, place, makes[number])
            for number, place in enumerate(_sites(rng, count))
        ]
    )


def _sites(rng: np.random.Generator, count: int) -> list[Place]:
    """A place for each dealer: metros by their population, then towns at random."""
    known = list(places().values())
    lats = np.array([place.lat for place in known])
    lngs = np.array([place.lng for place in known])
    metros = list(vocabulary.rows("metros"))
    thousands = np.array([float(row[3]) for row in metros])
    wanted = thousands / thousands.sum() * METRO_SHARE * count
    sites: list[Place] = []
    for row, quota in zip(metros, wanted, strict=True):
        center = places()[row[2]]
        near = np.flatnonzero(miles(center.lat, center.lng, lats, lngs) <= METRO_MILES)
        fair = int(quota) + int(rng.random() < quota % 1)
        sites += [known[at] for at in rng.choice(near, min(fair, count - len(sites)))]
    return sites + [known[at] for at in rng.choice(len(known), count - len(sites))]


def _dealer(
    rng: np.random.Generator, surnames: list[str], number: int, place: Place, make: str
) -> Dealer:
    surname = surnames[rng.integers(len(surnames))]
    kind = rng.random()
    if kind < 0.85:
        name = (f"{surname} {make}", f"{place.city} {make}", f"{surname} & Sons {make}")[
            int(kind * 1000) % 3
        ]
    else:
        make = ""
        name = (f"{surname} Auto Group", f"{place.city} Motors", f"{surname} & Co Used Cars")[
            int(kind * 1000) % 3
        ]
    return Dealer(
        str(5_000_000 + number * 37 + 11),
        name,
        make,
        f"{rng.integers(100, 9900)} {STREETS[rng.integers(len(STREETS))]}",
        place,
        f"({place.area_code}) 555-{rng.integers(100, 200):04d}",
        round(float(rng.beta(9, 1.6)) * 2.5 + 2.5, 1),
        int(rng.lognormal(5.5, 1.0)),
        float(rng.lognormal(0, 0.5)),
    )
