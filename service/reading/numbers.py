"""Numbers in a query: amounts such as `20k` or `$15,000`, and years."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.reading.tokens import Token

FIRST_YEAR = 1980
LARGEST = 2_147_483_647
"""The engine's and the API's largest whole number."""

_NUMBER = re.compile(
    r"(?P<digits>\d{1,10}|\d{1,3}(?:,\d{3}){1,3}|[\d,]{1,15}\.\d{1,6})(?P<k>k?)", re.ASCII
)
_THOUSAND = frozenset(("k", "grand", "thousand"))
_APOSTROPHES = ("'", "\u2019")


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number that ends before token `end`; `scaled` is written in thousands."""

    value: int
    end: int
    scaled: bool = False
    dollars: bool = False
    year: bool = False
    plus: bool = False

    @property
    def round(self) -> bool:
        """An amount as people say it without a unit: from 10,000, in hundreds."""
        return self.value >= 10_000 and self.value % 100 == 0


def number_at(tokens: Sequence[Token], at: int, this_year: int) -> Number | None:
    """The number that is token `at` (and a `k` or `grand` after it)."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    match = _NUMBER.fullmatch(token.text)
    if match is None or not token.readable:
        return None
    if token.lead in _APOSTROPHES:
        return _short_year(token, at, this_year)
    value = float(match["digits"].replace(",", ""))
    scaled, end = bool(match["k"]), at + 1
    if not scaled and end < len(tokens) and tokens[end].text in _THOUSAND:
        scaled, end = not tokens[end].apart, end + 1 - tokens[end].apart
    whole = round(value * 1000 if scaled else value)
    if whole > LARGEST:
        return None
    dollars = "$" in token.lead
    year = not (scaled or dollars) and token.text.isdigit() and is_year(whole, this_year)
    return Number(whole, end, scaled, dollars, year, tokens[end - 1].plus)


def is_year(value: int, this_year: int) -> bool:
    """Whether a number is a model year: from 1980 to the next one."""
    return FIRST_YEAR <= value <= this_year + 1


def _short_year(token: Token, at: int, this_year: int) -> Number | None:
    """`'15` is 2015, `'98` is 1998."""
    if not re.fullmatch(r"\d\d", token.text):
        return None
    century = this_year // 100 * 100
    value = century + int(token.text)
    if not is_year(value, this_year):
        value -= 100
    return Number(value, at + 1, year=True) if is_year(value, this_year) else None
