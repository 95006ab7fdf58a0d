"""Sellers: who offers a thing, as a draft's dealer. People who sell privately have no name here."""

import re
from typing import Any

from scrapers.parsers.html import filled
from scrapers.parsers.jsonld.blocks import Object
from scrapers.parsers.jsonld.graph import Graph, Item, listed, said, types
from scrapers.parsers.jsonld.prices import offers

DEALERS = frozenset(
    {"AutoDealer", "MotorcycleDealer", "AutomotiveBusiness", "LocalBusiness", "Store"}
)
HOME = ("US", "USA", "U.S", "U.S.A", "UNITED STATES", "UNITED STATES OF AMERICA")

_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_KEYS = ("seller", "offeredBy", "provider", "availableAtOrFrom")


def seller(graph: Graph, item: Item) -> dict[str, str]:
    """The dealer of a thing in the words of `Draft.dealer`, from its offers or what it stands in.

    Of a Person only the place is kept.
    """
    found: dict[str, str] = {}
    for holder in (*offers(graph, item), item.thing):
        for key in _KEYS:
            for each in listed(holder.get(key)):
                found = described(graph, graph.resolve(each)) | found
    if item.seller is not None:
        found = described(graph, item.seller) | found
    return found


def dealers(graph: Graph) -> list[dict[str, str]]:
    """The dealers that the page itself is of."""
    found = [i.thing for i in graph.walk() if types(i.thing) & DEALERS and not i.listed]
    return [told for each in found if (told := described(graph, each)).get("name")]


def described(graph: Graph, value: Any) -> dict[str, str]:
    """Name, phone, address and place of a seller."""
    if not isinstance(value, dict):
        return filled([("name", value)]) if isinstance(value, str) else {}
    post = _first(graph, value.get("address"))
    point = _first(graph, value.get("geo"))
    place = [
        ("city", said(post.get("addressLocality"))),
        ("state", said(post.get("addressRegion"))),
        ("zip", _zip(post)),
        ("lat", said(point.get("latitude"))),
        ("lng", said(point.get("longitude"))),
    ]
    if "Person" in types(value):
        return filled(place)
    own = [
        ("name", said(value.get("name"))),
        ("phone", said(value.get("telephone"))),
        ("street", said(post.get("streetAddress"))),
        ("url", said(value.get("url"))),
    ]
    return filled([*own, *place])


def _first(graph: Graph, value: Any) -> Object:
    for each in map(graph.resolve, listed(value)):
        if isinstance(each, dict):
            return each
    return {}


def _zip(post: Object) -> str:
    """The postal code of an address in the USA; a number has lost the zeros before it."""
    code, country = post.get("postalCode"), said(post.get("addressCountry")).rstrip(".").upper()
    if country and country not in HOME:
        return ""
    text = f"{code:05d}" if isinstance(code, int) else said(code)
    return text if _ZIP.fullmatch(text) else ""
