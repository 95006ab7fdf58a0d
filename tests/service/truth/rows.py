"""A made-up stock in the real tables: the same for the same count, with every kind of gap."""

import random
from typing import Any

import asyncpg

WORDS = ("clean", "sporty", "family", "bargain")
"""Words of titles: none begins or is a misspelling of another word that is searched."""

CITIES = ((41.88, -87.63), (43.04, -87.91), (40.71, -74.0), (34.05, -118.24), (47.6, -122.33))
FAR = ((64.84, -147.72), (21.31, -157.86), (18.47, -66.11), (51.88, 179.6), (51.88, -179.6))

MAKES = {
    "Toyota": ("Camry", "Corolla", "RAV4"),
    "Ford": ("F-150", "Escape"),
    "Honda": ("Civic", "CR-V"),
    "Mercedes-Benz": ("C 300",),
    "Citroën": ("2CV",),
    "BMW": ("X5", "320i"),
}
VALUES: dict[str, tuple[str | None, ...]] = {
    "body_type": ("SUV", "Truck", "Sedan", "Coupe", None),
    "drivetrain": ("AWD", "FWD", "RWD", "4WD", None),
    "fuel_type": ("Gasoline", "Hybrid", "Electric", None),
    "transmission": ("Automatic", "Manual", "CVT", None),
    "condition": ("New", "Used", "Certified"),
    "color": ("Black", "White", "Red", "Other", None),
}
FEATURES = ("Bluetooth", "Heated Seats", "Wheels, Alloy", 'Screen 10"', "Back\\slash\\", "!Sale")
DEALERS = 60

Row = dict[str, Any]


def dealers(dice: random.Random) -> list[Row]:
    """Most near a city, some far away or where another is, a few without a place."""
    rows = []
    for number in range(1, DEALERS + 1):
        lat, lng = _near(dice, dice.choice(CITIES), 0.6)
        if number % 9 == 0:
            lat, lng = dice.choice(FAR)
        if number % 10 == 0:
            lat, lng = rows[-3]["lat"], rows[-3]["lng"]
        if number % 14 == 0:
            lat = lng = None
        name = f"{dice.choice(('Loop', 'Lake', 'Hill'))} Motors {number % 40}, Inc."
        rows.append({"id": number, "name": name, "lat": lat, "lng": lng})
    return rows


def listings(dice: random.Random, count: int) -> list[Row]:
    """Some are gone, some have a place of their own, some no dealer and no place at all."""
    return [_listing(dice, number) for number in range(count)]


def _listing(dice: random.Random, number: int) -> Row:
    make = dice.choice(tuple(MAKES))
    model, year = dice.choice(MAKES[make]), dice.choice((None, *range(1985, 2027)))
    lat, lng = _near(dice, (39.0, -98.0), 14.0) if dice.random() < 0.4 else (None, None)
    dear = dice.choice((5_000, 60_000, 120_000, 700_000))
    return {
        "key": f"KEY{number:06}",
        "active": dice.random() < 0.9,
        "title": f"{year} {make} {model} {dice.choice(WORDS)}",
        "year": year,
        "make": make,
        "model": model,
        **{name: dice.choice(values) for name, values in VALUES.items()},
        "features": dice.sample(FEATURES, dice.randrange(4)),
        "price": dice.choice((None, *(dice.randrange(0, dear) for _ in range(8)))),
        "mileage": dice.choice((None, *(dice.randrange(0, 330_000) for _ in range(8)))),
        "dealer_id": dice.choice((None, *range(1, DEALERS + 1))),
        "lat": lat,
        "lng": lng,
    }


def _near(dice: random.Random, place: tuple[float, float], far: float) -> tuple[float, float]:
    lat, lng = (degrees + dice.uniform(-far, far) for degrees in place)
    return round(lat, 4), round(lng, 4)


async def fill(db: asyncpg.Pool, count: int, seed: int) -> None:
    """Put the stock into the empty tables."""
    dice = random.Random(seed)
    await db.execute(
        "INSERT INTO sources (name, vertical, start_url, parser, every)"
        " VALUES ('lot', 'cars', '', '', 60)"
    )
    sellers = [{**row, "source": "lot", "external_id": str(row["id"])} for row in dealers(dice)]
    await _insert(db, "dealers", sellers)
    await _insert(db, "listings", listings(dice, count))


async def _insert(db: asyncpg.Pool, table: str, rows: list[Row]) -> None:
    names = list(rows[0])
    marks = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    await db.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
        [tuple(row.values()) for row in rows],
    )
