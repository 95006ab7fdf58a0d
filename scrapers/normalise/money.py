"""Money in text: what is asked for a car, among all else that sellers write beside it."""

import math
import re
from functools import lru_cache
from typing import NamedTuple

from scrapers.normalise.numbers import number
from scrapers.normalise.text import clean

MOST_DOLLARS = 10_000_000


class Money(NamedTuple):
    """What a text says of money, in whole dollars: what is asked and what the maker suggests."""

    price: int | None = None
    msrp: int | None = None
    problem: str | None = None


# An amount: sign of the currency, digits, thousand or million, what it is paid for. Digits are read
# whole or not at all; words may stick to them where its sign stands before (`$19,995now`).
_AMOUNT = re.compile(
    r"""(?P<minus>(?<![\w.])-(?=[\d$]))?(?:(?<![\w.,])|(?=\$))
        (?P<currency>(?P<sign>US\$|CA?\$|AU?\$|[$€£¥₹₽])|[A-Z]{3}(?=\s?\d)|Rs\.?)?\s*
        (?P<digits>(?>\d{1,3}(?:[ \u00a0]\d{3}(?!\d))+(?:[.,]\d+)?|\d[\d.,']*))\s*
        (?P<scale>(?:k|thousand|m|million|mil)(?![a-z\d]))?
        (?(sign)(?![\dk])|(?!(?!USD\b)[a-z\d]))\s*
        (?P<after>US\$|[$€£¥₹₽](?!\s?\d)|(?!(?:for|pcm|mos|mth|day)\b)[A-Z]{3}\b|EUR)?
        (?P<period>\s*(?:p?/|per|a|each|every|(?:x|for)\s*\d{1,3}\b)?\s*
            (?:mo|mos|mth|month|months|monthly|week|wk|weekly|bi[-\s]?weekly|day|daily|pc?m
                |(?<=/)m)\b)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCALE = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mil": 1_000_000, "million": 1_000_000}
_DOLLARS = frozenset(("", "$", "US$", "USD"))
_NOT_A_CURRENCY = frozenset(
    ("NOW", "WAS", "OFF", "OUR", "FOR", "OBO", "TAX", "FEE", "ALL", "NET", "ONE", "ASK", "OTD")
)
_PHONE = re.compile(r"\(?\b\d{3}\)?[-. ]\s?\d{3}[-. ]\d{4}\b")
_RATE_OR_DISTANCE = re.compile(r"\s*(?:%|mi\b|miles?\b|kms?\b|kilomet|mpg\b|apr\b)", re.IGNORECASE)
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
# What the words before an amount call it; the last of them counts. `other` is nobody's asking,
# `conditional` is for those only who fulfill something, `part` is in the price or comes on top.
_LABEL = re.compile(
    r"""\b(?:
        (?P<conditional>(?:conditional(?:\s+\w+)?|finance|financing)\s+price
            |(?:price\s+)?(?:with|after)\s+(?:\w+\s+)?(?:trade(?:[-\s]?in)?|rebates?|financing))
        |(?P<other>(?:book|market|kbb|nada|appraised|estimated)\s+value
            |trade[-\s]?in(?:\s+value|(?=\W*$))|(?:market|average|avg\.?|invoice)\s+price|invoice|kbb|nada)
        |(?P<was>(?:was|were|before|reg|regular|original|originally|old|list|listed|compare)
                (?:\s+price)?|retail\s+price|(?:down|reduced|dropped|cut|discounted)\s+from)
        |(?P<msrp>msrp|m\.s\.r\.p|sticker|suggested(?:\s+retail)?|retail)
        |(?P<less>save|saves|savings|off|discount|rebate|bonus|cash|below|under|down|deposit
            |dropped|fee|fees|payment|payments|finance|lease|reduction
            |(?:price\s+)?(?:drop|cut|reduced|reduction)(?=\s*(?:by|of|-|:)?\s*$))
        |(?P<now>now|sale|internet|special|final|asking|reduced|today|price|only))\b
        |(?P<part>\+|\b(?:plus|(?:in|ex)cl(?:udes|uding|\.)?))\s*$
        |(?P<sum>=)\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
# What the words behind it do. With another amount at once behind them they may mean that one.
_AFTER = re.compile(
    r"""\s*(?:(?P<msrp>msrp|m\.s\.r\.p)
        |(?P<less>(?:price\s+)?(?:drop|cut|reduction)|off|less|down(?:\s+payment)?(?!\s+from)
            |discount|savings?|rebate|due|(?:doc\s+)?fees?|deposit)
        |(?P<alone>below|under|cash))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_PER_MONTH_BEFORE = re.compile(
    r"\b(?:monthly|payments?|per month|lease|months?(?:\s+(?:at|of))?)\b\W*$", re.IGNORECASE
)
_ASK = re.compile(
    r"\b(?:call|contact|ask|inquire|enquire|request|e-?mail|poa|not priced|no price|unavailable"
    r"|auction|negotiable|best offer|obo|make (?:an )?offer|upon|pending|coming soon)\b|^\W*$",
    re.IGNORECASE,
)
_BINDING = re.compile(r"\W*(?:was|is|of|price|amount)?\W*", re.IGNORECASE)
_MOST_A_MONTH = 5_000  # dollars


class _Amount(NamedTuple):
    value: float
    kind: str  # asked, now, sum, conditional, was, msrp, less, part, month, foreign, other
    signed: bool  # a currency stands beside it


def _currency(match: re.Match[str]) -> str:
    for group in ("currency", "after"):
        sign = (match[group] or "").upper()
        if sign and sign not in _NOT_A_CURRENCY:
            return sign
    return ""


def _is_loan(match: re.Match[str], value: float) -> bool:
    """Whether the months behind an amount are how long it takes to pay, not what is paid in one."""
    return value > _MOST_A_MONTH and "for" in (match["period"] or "").lower()


def _kind(match: re.Match[str], value: float, before: str, after: str | None) -> str:
    """What an amount is, by its period, its currency and the words around it."""
    if (match["period"] and not _is_loan(match, value)) or _PER_MONTH_BEFORE.search(before):
        return "month"
    if after in ("less", "alone"):
        return "less"
    if _currency(match) not in _DOLLARS:
        return "foreign"
    labels = list(_LABEL.finditer(before))
    kind = str(labels[-1].lastgroup) if labels else "asked"
    return "msrp" if after == "msrp" and kind in ("asked", "was") else kind


class _Behind(NamedTuple):
    """The kind of the word behind an amount, if it means that, and where the word ends."""

    kind: str | None
    end: int


def _behind(text: str, at: int, value: float, following: re.Match[str] | None) -> _Behind:
    """What the word behind an amount says of it.

    Where another amount follows at once (`$20,000 Savings $2,000`) it is of the one that fits: what
    is saved is less than what is paid, a maker's suggestion is more.
    """
    gap = text[at : following.start() if following else len(text)]
    word = _AFTER.match(gap)
    if word is None:
        return _Behind(None, at)
    rest = gap[word.end() :]
    if following is None or word["alone"] or not _BINDING.fullmatch(rest):
        return _Behind(word.lastgroup, at)
    is_larger = _value(following) > value
    is_of_next = is_larger if word["msrp"] else not is_larger
    if ":" in rest or is_of_next:
        return _Behind(None, at)
    return _Behind(word.lastgroup, at + word.end())


def _is_rate_or_distance(match: re.Match[str]) -> bool:
    """Whether a number is one of percent or miles; `$20,000 Miles 30,000` begins with a price."""
    is_said = _RATE_OR_DISTANCE.match(match.string, match.end("digits")) is not None
    return is_said and not match["sign"]


def _value(match: re.Match[str]) -> float:
    """An amount in its currency; not a number where its digits are none."""
    value = number(match["digits"].rstrip(".,'"))
    if value is None:
        return math.nan
    value *= _SCALE.get((match["scale"] or "").lower(), 1)
    return -value if match["minus"] else value


def _amounts(text: str) -> list[_Amount]:
    text = _PHONE.sub(" ", text)
    found: list[_Amount] = []
    bare_years = []
    matches = list(_AMOUNT.finditer(text))
    end = 0
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        value = _value(match)
        is_word = (match["after"] or "").upper() in _NOT_A_CURRENCY  # `$500 off`
        behind = _behind(text, match.start("after") if is_word else match.end(), value, following)
        before, end = text[end : match.start()], max(match.end(), behind.end)
        if _is_loan(match, value):
            end = match.start("period")
        if math.isnan(value) or _is_rate_or_distance(match):
            continue
        kind = "less" if match["minus"] and found else _kind(match, value, before, behind.kind)
        amount = _Amount(value, kind, bool(_currency(match)))
        found.append(amount)
        if _BARE_YEAR.fullmatch(match[0].strip()):
            bare_years.append(amount)
    # Beside `$9,999` a bare 2019 is something else.
    signed = [amount for amount in found if amount.signed]
    return signed or [amount for amount in found if amount not in bare_years] or found


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

    Of several prices the one called now or sale counts, else the lowest; what only some get (after
    a rebate, with a trade-in) where nothing else is asked. A payment a month, a discount, a fee
    and what others say that it is worth are no price; nor is the maker's suggestion, which is
    returned as such; nor is another currency's amount, since nothing here knows its rate. Returns
    the price, or the code of what was wrong; nothing said is no problem.
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
    for kind in ("sum", "now", "asked", "conditional", "was"):
        if kind in by_kind:
            price, problem = _dollars(min(by_kind[kind]))
            return Money(price, msrp, problem)
    if msrp is not None:
        return Money(msrp=msrp, problem="price/msrp_only")
    for kind, problem in (("foreign", "price/currency"), ("month", "price/per_month")):
        if kind in by_kind:
            return Money(problem=problem)
    return Money(problem="price/unreadable")
