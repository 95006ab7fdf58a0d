"""Content: what a column holds, where its name does not tell."""

from collections.abc import Callable, Iterable, Mapping

from scrapers.feeds.tables import Table
from scrapers.normalise.color import color_family
from scrapers.normalise.money import money
from scrapers.normalise.name import MAKES, split_name
from scrapers.normalise.numbers import mileage, year
from scrapers.normalise.offer import CHOICES
from scrapers.normalise.text import clean, link
from scrapers.normalise.vin import has_form

MOST = 0.8
"""The share of a column's values that must fit."""


def _is_title(value: str) -> bool:
    return " " in value and split_name(value).make is not None


def _is_year(value: str) -> bool:
    return len(value) <= len("2019.0") and year(value)[0] is not None


def _is_price(value: str) -> bool:
    return "$" in value and money(value).problem is None


def _is_mileage(value: str) -> bool:
    unit = value.rstrip(". ").lower().endswith(("mi", "miles", "km", "kms"))
    return unit and mileage(value)[0] is not None


def _is_choice(name: str) -> Callable[[str], bool]:
    return lambda value: CHOICES[name].meaning(value).value is not None


_TESTS: Mapping[str, Callable[[str], bool]] = {
    "vin": lambda value: has_form(value.upper()),
    "make": lambda value: MAKES.meaning(value).value is not None,
    "title": _is_title,
    "year": _is_year,
    **{name: _is_choice(name) for name in ("body_type", "drivetrain", "fuel_type", "transmission")},
    "exterior_color": lambda value: color_family(value).value is not None,
    "price": _is_price,
    "mileage": _is_mileage,
    "url": lambda value: "://" in value and link(value) is not None,
}
"""How a value of each field looks; first come, first served."""


def values(table: Table, at: int) -> list[str]:
    """What a column of the first rows says, where it says something."""
    cells = (clean(row.cells[at]) for row in table.sample)
    return [cell for cell in cells if cell is not None]


def by_content(table: Table, known: Iterable[str], free: Iterable[int]) -> dict[str, int]:
    """Columns among `free` for fields that are not `known`, by their values in the first rows."""
    left = {at: found for at in free if (found := values(table, at))}
    guessed: dict[str, int] = {}
    for name, fits in _TESTS.items():
        if name in known:
            continue
        for at, found in left.items():
            if sum(map(fits, found)) >= MOST * len(found):
                guessed[name] = at
                del left[at]
                break
    return guessed
