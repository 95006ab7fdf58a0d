"""Numbers in text: mileages and years, as sellers write them.

Each function returns `(value, problem)`: the value or None, and the code of what was wrong or
None. Nothing said is no problem.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

from price_parser.parser import parse_number

from scrapers.normalise.text import clean

MOST_MILES = 400_000
OLDEST_YEAR = 1900
MILES_IN_A_KILOMETER = 0.621371

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_LONG_DECIMAL = re.compile(r"\d{4,}\.\d+")


def number(text: str) -> float | None:
    """What the digits of a text mean: `28,500`, `28.500,50`, `18500.000`; None if unclear."""
    text = text.replace("'", "")  # as the Swiss group digits
    if text.isascii() and text.isdigit():
        return float(text[:30])
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    if _LONG_DECIMAL.fullmatch(text):
        return float(text)
    parsed = parse_number(text[:30])
    return None if parsed is None else float(parsed)


_MILEAGE = re.compile(
    r"""^(?P<before>[^\d-]*)(?P<minus>-)?(?P<digits>\d[\d.,']*(?:[ \u00a0]\d{3})*)
        \s*(?P<scale>k(?![a-z])|thousand)?\+?\s*(?P<unit>[a-z.]+)?\b[^\d]*$""",
    re.VERBOSE | re.IGNORECASE,
)
_KILOMETERS = frozenset(("km", "kms", "kmt", "kilometer", "kilometers", "kilometre", "kilometres"))
_ECONOMY = frozenset(("kmpl", "kpl", "mpg", "kmkg"))  # how far a litre takes it, no odometer
_MILES = frozenset(("mi", "mls", "ml", "smi", "m", "mile", "miles"))


def is_kilometers(unit: str | None) -> bool:
    """Whether a unit's name (`KM`, `KMT`, `kilometres`) means kilometers; miles otherwise."""
    return (unit or "").strip(" .").lower() in _KILOMETERS


def _unit(match: re.Match[str]) -> str:
    """The unit behind a number, in small letters."""
    return (match["unit"] or "").strip(".").lower()


def _is_kilometers(match: re.Match[str], unit: str | None) -> bool:
    """The unit behind the number decides, else one before it, else the one that came along."""
    for own in (_unit(match), match["before"].strip(" .:")):
        if is_kilometers(own):
            return True
        if own.lower() in _MILES:
            return False
    return is_kilometers(unit)


@lru_cache(maxsize=20_000)
def mileage(text: str | None, unit: str | None = None) -> tuple[int | None, str | None]:
    """Miles on the clock: `52,777 miles`, `13k`, `120.000 km`; the text's own unit comes first."""
    text = clean(text, 100)
    if text is None:
        return None, None
    match = _MILEAGE.match(text)
    value = number(match["digits"].rstrip(".,'")) if match else None
    if match is None or value is None or _unit(match) in _ECONOMY or "/" in text:
        worded = any(character.isdigit() for character in text)
        return None, "mileage/unreadable" if worded else None
    if match["scale"]:
        value *= 1_000
    if _is_kilometers(match, unit):
        value *= MILES_IN_A_KILOMETER
    if match["minus"] or value > MOST_MILES:
        return None, "mileage/out_of_range"
    return math.floor(value + 0.5), None


_YEAR = re.compile(r"(?:(?<![\d.,])|(?<=\.\d\d\.))(?:19|20)\d\d(?!\d)")
_FOUR_DIGITS = re.compile(r"(?<![\d.,])\d{4}(?!\d)")


@lru_cache(maxsize=2_000)
def year(text: str | None) -> tuple[int | None, str | None]:
    """The model year: `2019`, `2019.0`, `05/2018`, `01.05.2018`; from 1900 to the year after next.

    Makers sell next year's models this year, and a little before.
    """
    text = clean(text, 100)
    if text is None:
        return None, None
    found = _YEAR.search(text) or _FOUR_DIGITS.search(text)
    if found is None:
        return None, "year/unreadable"
    value = int(found[0])
    if not OLDEST_YEAR <= value <= datetime.now(UTC).year + 2:
        return None, "year/out_of_range"
    return value, None
