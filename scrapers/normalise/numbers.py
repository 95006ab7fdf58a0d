"""Numbers in text: prices, mileages, years, as sellers write them.

Each function returns `(value, problem)`: the value or None, and the code of what was wrong or
None. Nothing said is no problem.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from price_parser.parser import parse_number

from scrapers.normalise.text import clean

MOST_DOLLARS = 10_000_000
MOST_MILES = 400_000
OLDEST_YEAR = 1900
MILES_IN_A_KILOMETER = 0.621371


class Money(NamedTuple):
    """What a text says of money, in whole dollars: what is asked and what the maker suggests."""

    price: int | None = None
    msrp: int | None = None
    problem: str | None = None


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


# An amount: sign of the currency, digits, thousand or million, what it is paid for.
_AMOUNT = re.compile(
    r"""(?P<minus>(?<![\w.])-(?=[\d$]))?(?<![\w.,])
        (?P<currency>US\$|USD|C\$|CA\$|A\$|AU\$|[$€£¥₹₽]|[A-Z]{3}(?=\s?\d)|Rs\.?)?\s*
        (?P<digits>\d[\d.,']*(?:[ \u00a0]\d{3})*(?:[.,]\d+)?)\s*
        (?P<scale>k|thousand|m|million|mil)?(?![A-Za-z0-9])\s*
        (?P<after>US\$|USD|[$€£¥₹₽](?!\s?\d)|[A-Z]{3}\b|EUR|GBP)?
        (?P<period>\s*(?:/|per\b|a\b|each\b|every\b)?\s*
            (?:mo|mos|mth|month|months|monthly|week|wk|weekly|bi-?weekly|day|daily)\b)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCALE = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mil": 1_000_000, "million": 1_000_000}
_DOLLARS = frozenset(("", "$", "US$", "USD"))
_NOT_A_CURRENCY = frozenset(
    ("NOW", "WAS", "OFF", "OUR", "FOR", "OBO", "TAX", "FEE", "ALL", "NET", "ONE", "ASK", "OTD")
)
# What the words before an amount call it; the last of them counts.
_LABEL = re.compile(
    r"""\b(?:(?P<msrp>msrp|m\.s\.r\.p|sticker|suggested(?:\s+retail)?|retail)
        |(?P<was>was|were|before|reg|regular|original|originally|old|list|listed|compare)
        |(?P<now>now|sale|our|internet|special|final|asking|reduced|today|price|your|only)
        |(?P<less>save|saves|savings|off|discount|rebate|bonus|cash|below|under|down|deposit|drop
            |dropped|fee|fees|payment|payments|finance|lease))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_LESS_AFTER = re.compile(
    r"\s*(?:off|below|under|less|down|discount|savings?|rebate|drop|due|fees?|deposit|cash)\b",
    re.IGNORECASE,
)
_PER_MONTH_BEFORE = re.compile(r"\b(?:monthly|payments?|per month|lease)\b\W*$", re.IGNORECASE)
_ASK = re.compile(
    r"\b(?:call|contact|ask|inquire|enquire|request|e-?mail|poa|not priced|no price|unavailable"
    r"|auction|negotiable|best offer|obo|make (?:an )?offer|upon|pending|coming soon)\b|^\W*$",
    re.IGNORECASE,
)


class _Amount(NamedTuple):
    value: float
    kind: str  # asked, now, was, msrp, less, month, foreign
    signed: bool  # a currency stands beside it


def _currency(match: re.Match[str]) -> str:
    for group in ("currency", "after"):
        sign = (match[group] or "").upper()
        if sign and sign not in _NOT_A_CURRENCY:
            return sign
    return ""


def _kind(match: re.Match[str], before: str, after: str) -> str:
    """What an amount is, by its period, its currency and the words around it."""
    if match["period"] or _PER_MONTH_BEFORE.search(before):
        return "month"
    if _LESS_AFTER.match(after):
        return "less"
    if _currency(match) not in _DOLLARS:
        return "foreign"
    labels = list(_LABEL.finditer(before))
    return str(labels[-1].lastgroup) if labels else "asked"


def _amounts(text: str) -> list[_Amount]:
    found: list[_Amount] = []
    end = 0
    for match in _AMOUNT.finditer(text):
        value = number(match["digits"].rstrip(".,'"))
        if value is not None:
            value *= _SCALE.get((match["scale"] or "").lower(), 1)
            value = -value if match["minus"] else value
            word = (match["after"] or "").upper() in _NOT_A_CURRENCY  # `$500 off`
            after = match.start("after") if word else match.end()
            kind = _kind(match, text[end : match.start()], text[after:])
            found.append(_Amount(value, kind, bool(_currency(match))))
        end = match.end()
    # Beside `$9,999` a bare 2019 is something else.
    return [amount for amount in found if amount.signed] or found


def _dollars(value: float) -> tuple[int | None, str | None]:
    """Whole dollars within bounds; 0 is how feeds write that one has to ask."""
    if value == 0:
        return None, None
    if not 0 < value < MOST_DOLLARS:
        return None, "price/out_of_range"
    return math.floor(value + 0.5) or None, None


@lru_cache(maxsize=20_000)
def money(text: str | None) -> Money:
    """What is asked for a car: `$28.5k`, `10499 USD`, `Was $30,000 Now $28,500`, `Call`.

    Of several prices the one called now or sale counts, else the lowest. A payment a month, a
    discount and a fee are no price; nor is the maker's suggestion, which is returned as such;
    nor is another currency's amount, since nothing here knows its rate.
    """
    text = clean(text, 200)
    if text is None:
        return Money()
    if text.isascii() and text.isdigit():
        price, problem = _dollars(number(text) or 0)
        return Money(price=price, problem=problem)
    amounts = _amounts(text)
    if not amounts:
        return Money(problem=None if _ASK.search(text) else "price/unreadable")
    return _asked(amounts)


def _asked(amounts: list[_Amount]) -> Money:
    """Choose among the amounts of one text."""
    by_kind: dict[str, list[float]] = {}
    for amount in amounts:
        by_kind.setdefault(amount.kind, []).append(amount.value)
    msrp, _ = _dollars(by_kind["msrp"][0]) if "msrp" in by_kind else (None, None)
    for kind in ("now", "asked", "was"):
        if kind in by_kind:
            price, problem = _dollars(min(by_kind[kind]))
            return Money(price, msrp, problem)
    if msrp is not None:
        return Money(msrp=msrp, problem="price/msrp_only")
    for kind, problem in (("foreign", "price/currency"), ("month", "price/per_month")):
        if kind in by_kind:
            return Money(problem=problem)
    return Money(problem="price/unreadable")


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
