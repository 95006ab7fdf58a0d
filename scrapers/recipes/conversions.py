"""Conversions: what a recipe's texts mean, by the rules that normalising has.

A text that is understood becomes its plain form (`$28.5k` is `28500`); one that is not stays as it
is written, so that normalising reports it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from scrapers.normalise import numbers
from scrapers.normalise.color import color_family
from scrapers.normalise.money import money
from scrapers.normalise.name import MAKES
from scrapers.normalise.offer import CHOICES, CONDITIONS, YES_NO
from scrapers.parsers.html import link

DATES = (
    *("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y"),
    *("%Y-%m", "%m/%Y", "%B %Y", "%b %Y"),
)
"""Dates as American pages write them, beside ISO 8601."""

_BETWEEN = re.compile(r"\s*[|;\u2022\n]\s*|\s*,\s+")

VOCABULARIES = {**CHOICES, "condition": CONDITIONS, "make": MAKES, "yes_no": YES_NO}


def _price(text: str) -> str | None:
    value = money(text).price
    return None if value is None else str(value)


def _mileage(text: str) -> str | None:
    value = numbers.mileage(text)[0]
    return None if value is None else str(value)


def _kilometers(text: str) -> str | None:
    value = numbers.mileage(text, "km")[0]
    return None if value is None else str(value)


def _year(text: str) -> str | None:
    value = numbers.year(text)[0]
    return None if value is None else str(value)


def _vocabulary(name: str) -> Callable[[str], str | None]:
    return lambda text: VOCABULARIES[name].meaning(text).value


def date(text: str, form: str | None = None) -> str | None:
    """A date as `2026-11-22`; `form` is how it is written, as `strptime` has it."""
    if form is None:
        try:
            return datetime.fromisoformat(text).date().isoformat()
        except ValueError:
            forms: tuple[str, ...] = DATES
    else:
        forms = (form,)
    for each in forms:
        try:
            return datetime.strptime(text, each).date().isoformat()  # noqa: DTZ007 -- a date alone
        except ValueError:
            continue
    return None


KINDS: Mapping[str, Callable[[str], str | None]] = {
    "text": lambda text: text,
    "price": _price,
    "mileage": _mileage,
    "kilometers": _kilometers,
    "year": _year,
    "date": date,
    "color": lambda text: color_family(text).value,
    **{name: _vocabulary(name) for name in VOCABULARIES},
}
"""What one text can be converted to."""

LISTS = ("list", "urls")
KIND_NAMES = (*KINDS, "url", *LISTS)

DEFAULTS = {
    **dict.fromkeys(("price", "msrp"), "price"),
    "mileage": "mileage",
    "year": "year",
    "url": "url",
    "dealer_url": "url",
    "features": "list",
    "photos": "urls",
}
"""What fields are converted to where a recipe does not say it."""


def convert(kind: str, texts: list[str], base: str, form: str | None = None) -> list[str]:
    """The texts converted: of a list all, else the first that says something.

    Addresses become absolute with `base`, the page's own; one that is none is dropped.
    """
    if kind == "list":
        return [part for text in texts for part in _BETWEEN.split(text) if part]
    if kind in ("urls", "url"):
        links = [address for text in texts if (address := link(base, text))]
        return links if kind == "urls" else links[:1]
    first = next((text for text in texts if text), None)
    if first is None:
        return []
    converted = date(first, form) if kind == "date" else KINDS[kind](first)
    return [converted or first]
