"""A mix of searches as a page makes them, each with eight facets; the same for the same cars."""

import random
from typing import Any

import orjson

FACETS = [
    "make",
    "model",
    "year",
    "body_type",
    "condition",
    "color",
    "features",
    "price",
]
SORTS = ("price:asc", "price:desc", "mileage:asc", "year:desc", "listed_at:desc")
METERS_PER_MILE = 1609.344
SEED = 7


def searches(cars: list[dict[str, Any]], count: int) -> list[bytes]:
    """Bodies of `/search`: 60 % with text, then a make, a price range, a place, an order.

    Words and values are those of the given cars, the last letters of a text often missing, as
    they are while somebody types.
    """
    dice = random.Random(SEED)
    return [orjson.dumps(_search(dice, cars)) for _ in range(count)]


def _search(dice: random.Random, cars: list[dict[str, Any]]) -> dict[str, Any]:
    car = dice.choice(cars)
    body: dict[str, Any] = {"limit": 20, "facets": FACETS}
    filters = []
    if dice.random() < 0.6:
        body |= {"q": _text(dice, car), "matchingStrategy": "all"}
    if dice.random() < 0.4:
        filters.append(f'make = "{car["make"]}"')
    if dice.random() < 0.5:
        least = dice.randrange(2, 30) * 1000
        filters.append(f"price {least} TO {least + dice.randrange(5, 50) * 1000}")
    if dice.random() < 0.3:
        place, miles = car["_geo"], dice.choice((25, 50, 100, 250))
        radius = round(miles * METERS_PER_MILE)
        filters.append(f"_geoRadius({place['lat']}, {place['lng']}, {radius})")
    if filters:
        body["filter"] = filters
    if dice.random() < 0.4:
        body["sort"] = [dice.choice(SORTS)]
    return body


def _text(dice: random.Random, car: dict[str, Any]) -> str:
    words = [
        car["make"],
        car["model"],
        car["color"],
        car["body_type"],
        dice.choice(car["features"]),
    ]
    text = " ".join(dice.sample([word for word in words if word], dice.randrange(1, 3)))
    cut = dice.randrange(4)
    return text[:-cut] if cut and len(text) > cut + 2 else text
