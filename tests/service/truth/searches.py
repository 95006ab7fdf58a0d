"""Searches at random: every filter alone and with others, told as the API is asked for them."""

import random
from dataclasses import dataclass, field

from tests.service.truth import rows

FACETS = {
    "make": tuple(rows.MAKES),
    "model": tuple(model for models in rows.MAKES.values() for model in models),
    **{name: tuple(filter(None, values)) for name, values in rows.VALUES.items()},
    "feature": rows.FEATURES,
    "dealer": ("Loop Motors 3, Inc.", "Lake Motors 7, Inc.", "Hill Motors 20, Inc."),
}
RANGES = {"year": (1980, 2030), "price": (0, 90_000), "mileage": (0, 340_000)}
METRES = {"mi": 1609.344, "km": 1000.0}

Point = tuple[float, float]


@dataclass(frozen=True)
class Asked:
    """A search: `boxes` and places in degrees, a radius in its `unit`."""

    q: str | None = None
    some: dict[str, list[str]] = field(default_factory=dict)
    none: dict[str, list[str]] = field(default_factory=dict)
    all_features: list[str] = field(default_factory=list)
    bounds: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    place: Point | None = None
    radius: float | None = None
    unit: str = "mi"
    box: tuple[float, float, float, float] | None = None  # west, south, east, north
    zoom: int | None = None

    def parameters(self) -> list[tuple[str, str]]:
        pairs = [("q", self.q), ("parse", "off")] if self.q else []
        pairs += [(name, _written(v)) for name, values in self.some.items() for v in values]
        pairs += [(name, "!" + _written(v)) for name, values in self.none.items() for v in values]
        pairs += [("feature_all", _written(value)) for value in self.all_features]
        for name, ends in self.bounds.items():
            sides = zip(("min", "max"), ends, strict=True)
            pairs += [(f"{name}_{side}", end) for side, end in sides if end is not None]
        if self.place:
            pairs += [("lat", self.place[0]), ("lng", self.place[1]), ("unit", self.unit)]
        pairs += [("radius", self.radius)] if self.radius else []
        pairs += [("bbox", ",".join(map(str, self.box)))] if self.box else []
        pairs += [("zoom", self.zoom)] if self.zoom is not None else []
        return [(name, str(value)) for name, value in pairs]


def _written(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(",", "\\,")
    return "\\" + escaped if escaped.startswith("!") else escaped


def search(seed: int) -> Asked:
    """The search of this number; the same every time."""
    dice = random.Random(f"search {seed}")
    some, none = {}, {}
    for name, values in FACETS.items():
        if dice.random() < 0.14:
            some[name] = dice.sample(values, dice.randrange(1, 3))
        if dice.random() < 0.08:
            none[name] = dice.sample(values, 1)
    place = _place(dice) if dice.random() < 0.6 else None
    box = _box(dice) if dice.random() < 0.5 else None
    return Asked(
        q=dice.choice(rows.WORDS) if dice.random() < 0.2 else None,
        some=some,
        none=none,
        all_features=dice.sample(rows.FEATURES, 2) if dice.random() < 0.06 else [],
        bounds={name: _ends(dice, *ends) for name, ends in RANGES.items() if dice.random() < 0.25},
        place=place,
        radius=round(dice.choice((3, 40, 300, 3000)) * dice.uniform(0.1, 1), 2)
        if place and dice.random() < 0.5
        else None,
        unit=dice.choice(("mi", "km")),
        box=box,
        zoom=dice.randrange(25) if box and dice.random() < 0.9 else None,
    )


def _ends(dice: random.Random, least: int, most: int) -> tuple[int | None, int | None]:
    low, high = sorted((dice.randrange(least, most), dice.randrange(least, most)))
    return dice.choice(((low, high), (low, None), (None, high)))


def _place(dice: random.Random) -> Point:
    lat, lng = dice.choice((*rows.CITIES, *rows.FAR, (39.0, -98.0)))
    return round(lat + dice.uniform(-1, 1), 4), round(lng + dice.uniform(-0.3, 0.3), 4)


def _box(dice: random.Random) -> tuple[float, float, float, float]:
    """Around somewhere, from a street to half of the world, at times over the date line."""
    lat, lng = _place(dice)
    height, width = dice.choice((0.02, 0.5, 4, 20)), dice.choice((0.02, 0.5, 8, 60, 170))
    west, east = round(lng - width, 4), round(lng + width, 4)
    west, east = (edge - 360 if edge > 180 else edge + 360 if edge < -180 else edge
                  for edge in (west, east))  # fmt: skip
    return round(west, 4), round(lat - height, 4), round(east, 4), round(lat + height, 4)
