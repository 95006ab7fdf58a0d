"""Prices: what the offers of a thing ask, wherever they write it."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from scrapers.normalise.money import money
from scrapers.parsers.jsonld.blocks import Object
from scrapers.parsers.jsonld.graph import Graph, Item, listed, said

SUGGESTED = ("MSRP", "ListPrice", "SRP", "SuggestedRetailPrice")
MONTHLY = ("MON", "MONTH", "MONTHS", "P1M", "PER MONTH", "MONTHLY", "WEE", "WEEK")
LEASE = "LeaseOut"

_BARE = re.compile(r"[\d.,\s']+")


class Asked(NamedTuple):
    """Texts for `price` and `msrp`, with their currency where it is named; empty for none."""

    price: str = ""
    msrp: str = ""


def offers(graph: Graph, item: Item) -> list[Object]:
    """The offers of a thing: its own, then the one that it was found in."""
    own = [graph.resolve(each) for each in listed(item.thing.get("offers"))]
    inner = [each for offer in own for each in _of_aggregate(graph, offer)]
    outer = [item.offer] if item.offer is not None else []
    return [each for each in (*own, *inner, *outer) if isinstance(each, dict)]


def _of_aggregate(graph: Graph, offer: Any) -> list[Any]:
    """The offers that an AggregateOffer counts."""
    within = offer.get("offers") if isinstance(offer, dict) else None
    return [graph.resolve(each) for each in listed(within)]


def asked(found: list[Object]) -> Asked:
    """The first price that is asked for the whole car, and the first that its maker suggests.

    What is asked a month, or for leasing it, is no price; nor is 0 or an amount in another
    currency, where another follows.
    """
    price, msrp = "", ""
    for offer in found:
        if said(offer.get("businessFunction")).endswith(LEASE):
            continue
        for kind, amount in _amounts(offer):
            if kind == "msrp":
                msrp = msrp or amount
            elif not price or (_is_price(amount) and not _is_price(price)):
                price = amount
    return Asked(price, msrp)


def _is_price(text: str) -> bool:
    """Whether a text says what is to be paid: no 0, no word, no other currency."""
    return money(text).price is not None


def _amounts(offer: Object) -> Iterator[tuple[str, str]]:
    """What an offer names, with what it is: `price` or `msrp`."""
    currency = said(offer.get("priceCurrency"))
    for key in ("price", "lowPrice"):
        if amount := _amount(offer.get(key), currency):
            yield "price", amount
    for part in listed(offer.get("priceSpecification")):
        if not isinstance(part, dict) or _is_instalment(part):
            continue
        amount = _amount(part.get("price"), said(part.get("priceCurrency")) or currency)
        amount = amount or _amount(part.get("minPrice"), currency)
        if amount:
            kind = said(part.get("priceType")) or said(part.get("name"))
            suggested = kind.replace(" ", "").endswith(SUGGESTED)
            yield ("msrp" if suggested else "price"), amount


def _is_instalment(part: Object) -> bool:
    """Whether a price specification is of a month's or a week's payment."""
    reference = part.get("referenceQuantity")
    units = [part, reference] if isinstance(reference, dict) else [part]
    keys = ("unitCode", "unitText", "billingDuration", "billingIncrement")
    return any(said(unit.get(key)).upper() in MONTHLY for unit in units for key in keys)


def _amount(value: Any, currency: str) -> str:
    """A price's text; the currency follows a bare number."""
    if isinstance(value, dict):
        currency = said(value.get("priceCurrency")) or said(value.get("currency")) or currency
        value = value.get("price") or value.get("value")
    text = said(value)
    return f"{text} {currency}" if text and currency and _BARE.fullmatch(text) else text
