"""Cars drawn from the fleet: every one with its price, mileage, dealer, days and dirt."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from stack.market import vins, vocabulary
from stack.market.dealers import Dealers
from stack.market.fleet import NOW, Fleet, Kind
from stack.market.vocabulary import Floats, Ints, Strings

TURN = NOW.year  # model years are counted from here
# Share of a model year that is sold new: 37 % of all, as in vocabularies of stock types.
SOLD_NEW = {TURN: 0.97, TURN - 1: 0.65, TURN - 2: 0.06}
CERTIFIED = 0.17
LONGEST = 120.0  # days on the lot
MEAN_LIFE = 56.7  # days: the mean of min(gamma(2) * 30, LONGEST)

UNPRICED = 0.012
NO_MILEAGE = 0.008
ABSURD_MILEAGE = 0.0004  # above 400,000 miles; three in 24,000 were seen, a few must be here
UNKNOWN_DRIVE = 4 / 24_373
SAME_VIN = 0.002

SPARE_TRIMS = ("Base", "SE", "Limited", "Premium", "Sport", "Touring")
SPARE_TRANSMISSIONS = (
    "Automatic",
    "8-Speed Automatic",
    "6-Speed Automatic",
    "Automatic CVT",
    "10-Speed Automatic",
    "8-Speed Automatic with Auto-Shift",
)


class Car(NamedTuple):
    """A car as its dealer describes it. Money in dollars, mileage in miles (None: not
    said), days counted from the market's first; `asked` is 0 when there is no price.
    """

    number: int
    uuid: str
    vin: str
    kind: Kind
    trim: str
    new: bool
    certified: bool
    drivetrain: str
    fuel: str
    transmission: str
    exterior: str
    interior: str
    mileage: int | None
    msrp: int | None
    asked: int
    dealer: int
    stock_number: str
    features: list[str]
    photos: int
    arrived: float
    leaves: float
    drop_first: float
    drop_every: float
    drop_rate: float


class Source(NamedTuple):
    """What cars are drawn from."""

    seed: int
    fleet: Fleet
    dealers: Dealers


def stock(source: Source, count: int) -> list[Car]:
    """The `count` cars that stand on the lots when the market opens, numbered from 0."""
    rng = np.random.default_rng([source.seed, 2])
    return _offered_twice(source.dealers, rng, standing(source, count, 0))


def standing(source: Source, count: int, first_number: int) -> list[Car]:
    """`count` cars met on the lots on day 0; a million numbers have a million VINs."""
    rng = np.random.default_rng([source.seed, 0, first_number])
    # A car met on the lot has a longer stay than most, and is anywhere within it.
    stays = np.clip(rng.gamma(3, 30, count), 1, LONGEST)
    arrived = -stays * rng.random(count)
    return _draw(source, rng, first_number, arrived, stays)


def arrivals(source: Source, day: int, count: int, first_number: int) -> list[Car]:
    """The `count` cars that come during a day, numbered from `first_number`."""
    rng = np.random.default_rng([source.seed, 1, day])
    stays = np.clip(rng.gamma(2, 30, count), 1, LONGEST)
    come = _draw(source, rng, first_number, day + np.sort(rng.random(count)), stays)
    return _offered_twice(source.dealers, rng, come)


def _draw(
    source: Source, rng: np.random.Generator, first_number: int, arrived: Floats, stays: Floats
) -> list[Car]:
    n = len(arrived)
    numbers = first_number + np.arange(n)
    chosen = source.fleet.draw(rng, n)
    kinds = [source.fleet.kinds[at] for at in chosen.tolist()]
    years = np.array([kind.year for kind in kinds])
    new = rng.random(n) < np.array([SOLD_NEW.get(kind.year, 0.0) for kind in kinds])
    mileage = _mileage(rng, years, new)
    certified = ~new & (years >= TURN - 7) & (mileage < 80_000) & (rng.random(n) < CERTIFIED)
    msrp = _msrp(rng, kinds, years)
    asked = _asked(rng, msrp, years, mileage, new, certified)
    dealers = _places(source.dealers, rng, kinds, new | certified)
    columns: list[Any] = [
        numbers.tolist(),
        _uuids(rng, n),
        vins.mint(source.fleet.letters[chosen], numbers),
        kinds,
        _spoken(rng, [kind.trims or SPARE_TRIMS for kind in kinds]),
        new.tolist(),
        certified.tolist(),
        _spelled(rng, "drivetrains", [kind.drive for kind in kinds], UNKNOWN_DRIVE),
        _spelled(rng, "fuel_types", [kind.fuel for kind in kinds], 0.0),
        _spoken(rng, [_transmissions(kind) for kind in kinds]),
        vocabulary.spellings("exterior_colors").draw(rng, n),
        vocabulary.spellings("interior_colors").draw(rng, n),
        _unsaid(mileage, ~new & (rng.random(n) < NO_MILEAGE)),
        _unsaid(msrp, ~new),
        asked.tolist(),
        dealers.tolist(),
        [f"{'N' if fresh else 'P'}{at:06d}" for at, fresh in zip(numbers, new, strict=True)],
        _features(rng, years, n),
        rng.integers(4, 11, n).tolist(),
        arrived.tolist(),
        (arrived + stays).tolist(),
        rng.uniform(3, 20, n).tolist(),
        rng.uniform(7, 21, n).tolist(),
        rng.uniform(0.008, 0.04, n).tolist(),
    ]
    return [Car._make(row) for row in zip(*columns, strict=True)]


def _mileage(rng: np.random.Generator, years: Ints, new: vocabulary.Bools) -> Ints:
    """About 12,500 miles a year, more or less; a few on new cars; absurd on a few old ones."""
    n = len(years)
    age = np.maximum(TURN - years + 0.4, 0.3)
    driven = age**0.93 * 12_500 * rng.lognormal(-0.06, 0.38, n)
    driven = np.minimum(driven, 290_000)
    absurd = (years < TURN - 3) & (rng.random(n) < ABSURD_MILEAGE * 3)
    driven = np.where(absurd, rng.integers(400_001, 999_999, n), driven)
    return np.where(new, rng.integers(1, 60, n), driven).astype(np.int64)


def _msrp(rng: np.random.Generator, kinds: list[Kind], years: Ints) -> Ints:
    base = np.array([kind.msrp for kind in kinds])
    options = 1 + rng.beta(1.6, 4, len(kinds)) * 0.6
    inflation = 1 - 0.012 * (TURN - years)
    return (np.round(base * options * inflation / 5) * 5).astype(np.int64)


def _asked(
    rng: np.random.Generator,
    msrp: Ints,
    years: Ints,
    mileage: Ints,
    new: vocabulary.Bools,
    certified: vocabulary.Bools,
) -> Ints:
    """New: near the list price. Used: 8 % a year off, less for more miles than usual."""
    n = len(msrp)
    age = np.maximum(TURN - years + 0.4, 0.3)
    usual = age * 12_500
    worn = np.clip(1 - (mileage - usual) / 400_000, 0.6, 1.15)
    used = msrp * 0.95 * 0.92**age * worn * rng.lognormal(0, 0.07, n)
    used = np.maximum(used * np.where(certified, 1.04, 1.0), 1_995)
    priced = np.where(new, msrp * rng.uniform(0.93, 1.02, n), used)
    return np.where(rng.random(n) < UNPRICED, 0, priced).astype(np.int64)


def _places(
    dealers: Dealers, rng: np.random.Generator, kinds: list[Kind], franchised: vocabulary.Bools
) -> Ints:
    """New and certified cars stand at a dealer of their make, others anywhere."""
    n = len(kinds)
    where = dealers.draw(rng, n)
    makes = np.array([kind.make for kind in kinds])
    for make in np.unique(makes):
        own = (makes == make) & franchised
        where[own] = dealers.draw_selling(str(make), rng, int(own.sum()))
    return where


def _uuids(rng: np.random.Generator, n: int) -> list[str]:
    digits = rng.bytes(16 * n).hex()
    return [
        f"{digits[at : at + 8]}-{digits[at + 8 : at + 12]}-4{digits[at + 13 : at + 16]}"
        f"-a{digits[at + 17 : at + 20]}-{digits[at + 20 : at + 32]}"
        for at in range(0, 32 * n, 32)
    ]


def _spoken(rng: np.random.Generator, choices: list[tuple[str, ...]]) -> list[str]:
    """One of each row's words."""
    dice = rng.random(len(choices)).tolist()
    return [words[int(die * len(words))] for words, die in zip(choices, dice, strict=True)]


def _transmissions(kind: Kind) -> tuple[str, ...]:
    if kind.transmission:
        return (kind.transmission,)
    return ("1-Speed Automatic",) if kind.fuel == "Electric" else SPARE_TRANSMISSIONS


def _spelled(rng: np.random.Generator, table: str, meanings: list[str], unknown: float) -> Strings:
    """Each meaning in one of its spellings, as often as each is seen."""
    families = vocabulary.families(table)
    said = np.array(meanings, dtype=object)
    words = said.copy()
    for meaning in set(meanings):
        rows = said == meaning
        words[rows] = families[meaning].draw(rng, int(rows.sum()))
    words[rng.random(len(words)) < unknown] = "Unknown"
    return words


def _unsaid(values: Ints, silent: vocabulary.Bools) -> list[int | None]:
    return [
        None if quiet else value
        for value, quiet in zip(values.tolist(), silent.tolist(), strict=True)
    ]


def _features(rng: np.random.Generator, years: Ints, n: int) -> list[list[str]]:
    """Newer cars have more; the order is that of the table."""
    names, common = _equipment()
    wealth = np.clip(1.05 - (TURN - years) * 0.04, 0.3, 1.0) * rng.uniform(0.5, 1.1, n)
    has = rng.random((n, len(names))) < wealth[:, None] * common
    return [names[row].tolist() for row in has]


@cache
def _equipment() -> tuple[Strings, Floats]:
    """Names of features, and how common each is among well equipped cars."""
    rows = list(vocabulary.rows("features"))
    names = np.array([name for name, _ in rows], dtype=object)
    return names, np.array([float(percent) for _, percent in rows]) / 100


def _offered_twice(dealers: Dealers, rng: np.random.Generator, cars: list[Car]) -> list[Car]:
    """The cars, where a few are the one before offered by a second dealer at its own price."""
    both = cars.copy()
    for at in (np.flatnonzero(rng.random(len(cars) - 1) < SAME_VIN) + 1).tolist():
        other = int(dealers.draw(rng, 1)[0])
        cheaper = float(rng.uniform(0.96, 1.04))
        own, first = cars[at], cars[at - 1]
        if not first.new and other != first.dealer:
            both[at] = first._replace(
                number=own.number,
                uuid=own.uuid,
                stock_number=own.stock_number,
                dealer=other,
                asked=int(first.asked * cheaper),
                arrived=own.arrived,
                leaves=own.leaves,
            )
    return both
