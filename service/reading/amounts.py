"""The rule of numbers: prices, mileages and years, bounded as the words around them say.

A number is what its unit or its label says (`50k miles`, `price under 9000`). Else one with `$` or
`k` is money; 1980 to next year is a year, but `under 2000` is money; any other is money when it is
compared and at least 500, or when it is round. Alone, an amount is the most that somebody wants,
and a year is that year. `around` is 10 % to both sides, or one year. Both ends are included. Beside
some words a number is about something else (`$300 a month`, `a range of 300 miles`) and stays text.
"""

from collections.abc import Sequence
from dataclasses import replace

from catalog.words import Words
from service.reading.comparisons import (
    AFTER_AND,
    AFTER_NUMBER,
    BEFORE_NUMBER,
    LONGEST,
    SIGNS,
    Side,
)
from service.reading.found import Found, Rule, phrase_at, words_at
from service.reading.numbers import Number, number_at
from service.reading.tokens import Token, is_apart

LEAST_MONEY = 500
_DOLLARS = frozenset(("dollars", "dollar", "usd", "bucks"))
_FILLERS = dict.fromkeys(("of", "is", "isa", "ofa", "model", "range", "rangeof"))
_DASHES = frozenset("-/\u2013\u2014")  # hyphen, slash, en and em dash
_TO = dict.fromkeys(("to", "and", "or", "through", "thru", "until", "till", "upto"))
_OTHER = 2  # words that say that a number is about something else
_LAST_CENTURY = 2000  # the one year that is also a common amount


def amounts(words: Words, this_year: int) -> Rule:
    """The rule for a vertical's ranges."""
    reader = _Amounts(words, this_year)
    return reader.rule


class _Amounts:
    def __init__(self, words: Words, this_year: int) -> None:
        self.words = words
        self.this_year = this_year

    def rule(self, tokens: Sequence[Token], at: int) -> Found | None:
        """What a number here says; text, where words beside it say that it is of something else."""
        before = words_at(tokens, at, self.words.other_before, _OTHER)
        begin = at + before + (words_at(tokens, at + before, _FILLERS, 2) if before else 0)
        found = None if before and is_apart(tokens, begin) else self._bounded(tokens, begin)
        if found is None:
            return None
        after = words_at(tokens, found.end, self.words.other_after, _OTHER)
        if after and not is_apart(tokens, found.end):
            return Found(found.end + after, None)
        of_year = any(name.startswith(f"{self.words.years}_") for name in found.meaning or {})
        return (None if of_year else Found(found.end, None)) if before else found

    def _bounded(self, tokens: Sequence[Token], at: int) -> Found | None:
        """`max price 20k`, `year 2015 or newer`, or a number without its range's name."""
        side, named = _compared(tokens, at)
        label, begin = self._label(tokens, named)
        if label is None:
            side, begin = None, at
        span = None if side else self._span(tokens, begin, label)
        return span or self._one(tokens, begin, label, side)

    def _label(self, tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
        """The range that the word at this position names, and where to go on."""
        if at >= len(tokens):
            return None, at
        label = self.words.labels.get(tokens[at].text)
        if label is None:
            return None, at
        begin = at + 1 + words_at(tokens, at + 1, _FILLERS, 2)
        apart = is_apart(tokens, begin) and tokens[begin].gap.strip() != ":"
        return (None, at) if apart else (label, begin)

    def _span(self, tokens: Sequence[Token], at: int, label: str | None) -> Found | None:
        """`10k-20k`, `between 10 and 20k`, `2018 to 2021`."""
        between = at < len(tokens) and tokens[at].text in ("between", "from")
        low = number_at(tokens, at + between, self.this_year)
        if low is None or low.plus or (between and is_apart(tokens, at + 1)):
            return None
        to = _connected(tokens, low)
        high = None if to is None else number_at(tokens, to, self.this_year)
        if to is None or high is None or high.plus or _is_apart_from(low, tokens, to, high):
            return None
        low, high = _same_scale(low, high)
        if low.value > high.value:
            low, high = replace(high, end=low.end), replace(low, end=high.end)
        unit, times, end = self._unit(tokens, high.end)
        name = self._range(high, label or unit, compared=between)
        if name is None or (name == self.words.years and low.year != high.year):
            return None
        least, most = round(low.value * times), round(high.value * times)
        return Found(end, {f"{name}_min": least, f"{name}_max": most})

    def _one(
        self, tokens: Sequence[Token], at: int, label: str | None, said: Side | None
    ) -> Found | None:
        """`under 20k`, `20k or less`, `2015+`, `around 15k`, `2019`; `said` is a side before it."""
        side, begin = _compared(tokens, at)
        side = side or said
        number = number_at(tokens, begin, self.this_year)
        if number is None:
            return None
        unit, times, end = self._unit(tokens, number.end)
        if side is None:
            side, end = _compared_after(tokens, number, end)
        money = side is Side.AT_MOST and number.value == _LAST_CENTURY
        number = replace(number, year=number.year and not money)
        name = self._range(number, label or unit, compared=side is not None)
        if name is None:
            return None
        bounds = self._bounds(name, round(number.value * times), side)
        return None if bounds is None else Found(end, bounds)

    def _unit(self, tokens: Sequence[Token], at: int) -> tuple[str | None, float, int]:
        """The range that the word after a number says, how many of the range's units that word is,
        and where to go on.
        """
        if at >= len(tokens) or tokens[at].apart:
            return None, 1, at
        text = tokens[at].text
        name = self.words.money if text in _DOLLARS else self.words.units.get(text)
        return name, self.words.times.get(text, 1), at + (name is not None)

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
    known = AFTER_AND if end < len(tokens) and "&" in tokens[end].gap else AFTER_NUMBER
    length = words_at(tokens, end, known, LONGEST)
    return (known[phrase_at(tokens, end, length)], end + length) if length else (None, end)


def _connected(tokens: Sequence[Token], low: Number) -> int | None:
    """Where the second number of a span is; None where nothing connects it."""
    at = low.end
    if at >= len(tokens):
        return None
    gap = tokens[at].gap.strip()
    to = words_at(tokens, at, _TO, 2)
    if tokens[at].apart or (to and is_apart(tokens, at + to)):
        return None
    return at + to if to or gap in _DASHES or low.year else None


def _is_apart_from(low: Number, tokens: Sequence[Token], to: int, high: Number) -> bool:
    """Whether a number after a year is of something else: `2016 50k miles`, `2016 - $15k`."""
    joined = to > low.end or bool(tokens[to].gap.strip())
    return low.year and (high.scaled or high.dollars or not (joined or high.year))


def _same_scale(low: Number, high: Number) -> tuple[Number, Number]:
    """`10-20k` is in thousands on both sides."""
    if high.scaled and not low.scaled and low.value < 1000:
        low = replace(low, value=low.value * 1000, scaled=True)
    if low.scaled and not high.scaled and high.value < 1000:
        high = replace(high, value=high.value * 1000, scaled=True)
    return low, high
