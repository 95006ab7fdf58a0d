"""What was asked for: the query of a page of results, compared with the cars that came back."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from catalog.vocabulary import squeeze
from scrapers.normalise.money import money
from scrapers.normalise.numbers import year


class _Asked(NamedTuple):
    """The limits that a query names; None where it names none that is understood."""

    makes: frozenset[str]
    oldest: int | None
    newest: int | None
    dearest: int | None


def is_asked_for(values: dict[str, str], url: str) -> bool:
    """Whether a card's values are within the query; what a card does not say is no difference."""
    asked = _asked(urlsplit(url).query)
    made, price = year(values.get("year"))[0], money(values.get("price")).price
    make = squeeze(values.get("make", ""))
    return not (
        (asked.makes and make and make not in asked.makes)
        or (asked.oldest and made and made < asked.oldest)
        or (asked.newest and made and made > asked.newest)
        or (asked.dearest and price and price > asked.dearest)
    )


@lru_cache(maxsize=64)
def _asked(query: str) -> _Asked:
    said = parse_qs(query)

    def number(name: str) -> int | None:
        text = said.get(name, [""])[0]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    makes = frozenset(squeeze(make) for make in said.get("makes[]", []))
    return _Asked(makes, number("year_min"), number("year_max"), number("list_price_max"))
