"""`python -m loadtests.documents --count N`: cars as a search index would hold them.

JSON lines on standard output, for benchmarks: any number in the same memory, the same
lines for the same seed. Words are already normalized, as these never meet a parser.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from hashlib import md5
from typing import Any

import orjson

from catalog import grid
from catalog.cars import CARS
from stack.market import cars, dealers, fleet, paint, prices, wording
from stack.market.cars import Car, Source
from stack.market.dealers import Dealer

CHUNK = 1_000  # cars drawn at once
SECONDS_PER_DAY = 86_400
BODIES = {"Passenger Van": "Van", "Cargo Van": "Van"}
FUELS = {"Mild Hybrid": "Hybrid"}


def lines(source: Source, count: int) -> Iterator[bytes]:
    """`count` documents in chunks of lines."""
    places = [_dealer(number, dealer) for number, dealer in enumerate(source.dealers.all, 1)]
    for first in range(0, count, CHUNK):
        drawn = cars.standing(source, min(CHUNK, count - first), first)
        rows = [orjson.dumps(_document(car, places[car.dealer])) for car in drawn]
        yield b"\n".join([*rows, b""])


def _dealer(number: int, dealer: Dealer) -> dict[str, Any]:
    """The part of a document that follows from its dealer."""
    place = dealer.place
    own = {"city": place.city, "state": place.state, "zip": place.zip}
    return {
        "dealer": {"id": number, "name": dealer.name, **own, "phone": dealer.phone},
        **own,
        "_geo": {"lat": place.lat, "lng": place.lng},
        "grid": grid.cells(place.lat, place.lng),
    }


def _buckets(**values: int | None) -> dict[str, int | None]:
    """The member `buckets`: for a range with a field there, where its value's span starts."""
    buckets = {bound.name: bound.buckets for bound in CARS.ranges}
    return {
        name: None if value is None else buckets[name].starts[buckets[name].place(value)]
        for name, value in values.items()
    }


def _document(car: Car, place: dict[str, Any]) -> dict[str, Any]:
    kind = car.kind
    changes = prices.history(car, 0.0)
    price = changes[-1].price if changes else None
    cut = changes[-2].price - changes[-1].price if len(changes) > 1 else None
    photos = [f"/photos/{car.uuid}/{number}.svg" for number in range(1, car.photos + 1)]
    listed = int(fleet.NOW.timestamp() + car.arrived * SECONDS_PER_DAY)
    return {
        "id": car.vin,
        "vin": car.vin,
        "title": f"{kind.year} {kind.make} {kind.model} {car.trim}",
        "year": kind.year,
        "make": kind.make,
        "model": kind.model,
        "trim": car.trim,
        "body_type": BODIES.get(kind.body, kind.body),
        "drivetrain": kind.drive,
        "fuel_type": FUELS.get(kind.fuel, kind.fuel),
        "transmission": _transmission(car.transmission),
        "condition": wording.stock_type(car),
        "certified": car.certified,
        "color": paint.family(car.exterior),
        "exterior_color": car.exterior,
        "interior_color": car.interior,
        "engine": kind.engine or None,
        "mileage": car.mileage,
        "price": price,
        "msrp": car.msrp,
        "price_drop": cut,
        "features": car.features,
        "photos": photos,
        "url": f"/vehicledetail/{car.uuid}/",
        "stock_number": car.stock_number,
        "source": "market",
        "offers": 1,
        **place,
        "buckets": _buckets(price=price, mileage=car.mileage),
        "listed_at": listed,
        "digest": md5(f"{car.vin} {price}".encode(), usedforsecurity=False).hexdigest(),
    }


def _transmission(said: str) -> str:
    for word in ("Manual", "CVT"):
        if word in said:
            return word
    return "Automatic"


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status; a closed pipe is no failure."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.documents", description=__doc__)
    parser.add_argument("--count", type=int, required=True, help="how many cars")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--dealers", type=int, default=300)
    asked = parser.parse_args(arguments)
    source = Source(asked.seed, fleet.build(asked.seed), dealers.build(asked.seed, asked.dealers))
    try:
        for chunk in lines(source, asked.count):
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has what it wants; keep the interpreter from writing to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
