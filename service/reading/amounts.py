"""The rule of numbers: prices, mileages and years, bounded as the words around them say.

A number is what its unit or its label says (`50k miles`, `price under 9000`). Else one with `$` or
`k` is money; 1980 to next year is a year, but `under 2000` is money; any other is money when it is
compared and at least 500, or when it is round. Alone, an amount is the most that somebody wants,
and a year is that year. `around` is 10 % to both sides, or one year. Both ends are included.
"""

from collections.abc import Sequence
from dataclasses import replace

from catalog.words import Words
from service.reading.comparisons import AFTER_NUMBER, BEFORE_NUMBER, LONGEST, SIGNS, Side
from service.reading.found import Found, Rule, phrase_at, words_at
from service.reading.numbers import Number, number_at
from service.reading.tokens import Token, is_apart

LEAST_MONEY = 500
_DOLLARS = frozenset(("dollars", "dollar", "usd", "bucks"))
_FILLERS = dict.fromkeys(("of", "is", "isa", "ofa", "model"))
_DASHES = frozenset("-/\u2013\u2014")  # hyphen, slash, en and em dash
_TO = frozenset(("to", "and", "or", "through", "thru", "until"))
_LAST_CENTURY = 2000  # the one year that is also a common amount


def amounts(words: Words, this_year: int) -> Rule:
    """The rule for a vertical's ranges."""
    reader = _Amounts(words, this_year)
    return reader.span_or_one


class _Amounts:
    def __init__(self, words: Words, this_year: int) -> None:
        self.words = words
        self.this_year = this_year

    def span_or_one(self, tokens: Sequence[Token], at: int) -> Found | None:
        label, begin = self._label(tokens, at)
        return self._span(tokens, begin, label) or self._one(tokens, begin, label)

    def _label(self, tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
        """The range that the word at this position names, and where to go on."""
        label = self.words.labels.get(tokens[at].text)
        if label is None:
            return None, at
        begin = at + 1 + words_at(tokens, at + 1, _FILLERS, 2)
        return (None, at) if is_apart(tokens, begin) else (label, begin)

    def _span(self, tokens: Sequence[Token], at: int, label: str | None) -> Found | None:
        """`10k-20k`, `between 10 and 20k`, `2018 to 2021`."""
        between = at < len(tokens) and tokens[at].text in ("between", "from")
        low = number_at(tokens, at + between, self.this_year)
        if low is None or low.plus or (between and is_apart(tokens, at + 1)):
            return None
        to = _connected(tokens, low)
        high = None if to is None else number_at(tokens, to, self.this_year)
        if high is None or high.plus:
            return None
        low, high = _same_scale(low, high)
        if low.value > high.value:
            low, high = replace(high, end=low.end), replace(low, end=high.end)
        unit, end = self._unit(tokens, high.end)
        name = self._range(high, label or unit, compared=between)
        if name is None or (name == self.words.years and low.year != high.year):
            return None
        return Found(end, {f"{name}_min": low.value, f"{name}_max": high.value})

    def _one(self, tokens: Sequence[Token], at: int, label: str | None) -> Found | None:
        """`under 20k`, `20k or less`, `2015+`, `around 15k`, `2019`."""
        side, begin = _compared(tokens, at)
        number = number_at(tokens, begin, self.this_year)
        if number is None:
            return None
        unit, end = self._unit(tokens, number.end)
        if side is None:
            side, end = _compared_after(tokens, number, end)
        money = side is Side.AT_MOST and number.value == _LAST_CENTURY
        number = replace(number, year=number.year and not money)
        name = self._range(number, label or unit, compared=side is not None)
        if name is None:
            return None
        bounds = self._bounds(name, number.value, side)
        return None if bounds is None else Found(end, bounds)

    def _unit(self, tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
        """The range that the word after a number says, and where to go on."""
        if at >= len(tokens) or tokens[at].apart:
            return None, at
        text = tokens[at].text
        name = self.words.money if text in _DOLLARS else self.words.units.get(text)
        return name, at + (name is not None)

    def _range(self, number: Number, said: str | None, *, compared: bool) -> str | None:
        """The range that a number is about; None where it says nothing."""
        if said is not None:
            return said
        if number.scaled or number.dollars:
            return self.words.money
        if number.year:
            return self.words.years
        enough = number.value >= LEAST_MONEY if compared else number.round
        return self.words.money if enough else None

    def _bounds(self, name: str, value: int, side: Side | None) -> dict[str, int] | None:
        least, most = f"{name}_min", f"{name}_max"
        of_year = name == self.words.years
        if side is None:
            return {least: value, most: value} if of_year else {most: value}
        if side is Side.AT_MOST:
            return {most: value}
        if side is Side.AT_LEAST:
            return {least: value}
        if side is Side.ABOUT:
            about = 1 if of_year else round(value / 10)
            return {least: value - about, most: value + about}
        if not of_year:
            return None
        return {most: value - 1} if side is Side.BEFORE else {least: value + 1}


def _compared(tokens: Sequence[Token], at: int) -> tuple[Side | None, int]:
    """The side that words or a sign before a number say, and where the number is."""
    length = words_at(tokens, at, BEFORE_NUMBER, LONGEST)
    if length and not is_apart(tokens, at + length):
        return BEFORE_NUMBER[phrase_at(tokens, at, length)], at + length
    sign = tokens[at].lead.strip("$ ") if at < len(tokens) else ""
    return SIGNS.get(sign), at


def _compared_after(tokens: Sequence[Token], number: Number, end: int) -> tuple[Side | None, int]:
    """The side that a `+` or words after a number say, and where it ends."""
    if number.plus or tokens[end - 1].plus:
        return Side.AT_LEAST, end
    if end < len(tokens) and tokens[end].apart:
        return None, end
    length = words_at(tokens, end, AFTER_NUMBER, LONGEST)
    return (AFTER_NUMBER[phrase_at(tokens, end, length)], end + length) if length else (None, end)


def _connected(tokens: Sequence[Token], low: Number) -> int | None:
    """Where the second number of a span is; None where nothing connects it."""
    at = low.end
    if at >= len(tokens):
        return None
    gap = tokens[at].gap.strip()
    to = tokens[at].text in _TO
    if tokens[at].apart or (to and is_apart(tokens, at + 1)):
        return None
    return at + to if to or gap in _DASHES or low.year else None


def _same_scale(low: Number, high: Number) -> tuple[Number, Number]:
    """`10-20k` is in thousands on both sides."""
    if high.scaled and not low.scaled and low.value < 1000:
        low = replace(low, value=low.value * 1000, scaled=True)
    if low.scaled and not high.scaled and high.value < 1000:
        high = replace(high, value=high.value * 1000, scaled=True)
    return low, high
