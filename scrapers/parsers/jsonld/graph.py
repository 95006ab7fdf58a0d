"""Graph: the objects of a page, what refers to what, and the things among them that are sold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scrapers.parsers.html import clean
from scrapers.parsers.jsonld.blocks import Object

DEPTH = 24
MOST = 50_000  # objects of one page that are looked at
OTHERS = frozenset(
    {
        *("isSimilarTo", "isRelatedTo", "isAccessoryOrSparePartFor", "isConsumableFor"),
        *("itemReviewed", "review", "breadcrumb"),
    }
)
"""Properties that lead to things which the page is not about."""

NO_LISTS = frozenset({"BreadcrumbList", "SiteNavigationElement"})
SELLING = ("makesOffer", "hasOfferCatalog", "owns")


@dataclass(frozen=True, slots=True)
class Item:
    """A thing, the offer and the seller that it was found in, and whether in a list of things."""

    thing: Object
    offer: Object | None = None
    seller: Object | None = None
    listed: bool = False


def types(value: Any) -> frozenset[str]:
    """The names of an object's types: `schema:Car` and `https://schema.org/Car` are `Car`."""
    said = value.get("@type") if isinstance(value, dict) else None
    names = said if isinstance(said, list) else [said]
    return frozenset(_name(name) for name in names if isinstance(name, str))


def _name(text: str) -> str:
    return text.strip().rstrip("/").replace("#", "/").replace(":", "/").rpartition("/")[2]


class Graph:
    """The objects of one page; `resolve` follows a bare `{"@id": …}` to the object of that id."""

    def __init__(self, objects: list[Object]) -> None:
        self.objects = objects
        self._named: dict[str, Object] = {}
        for found in self.walk():
            name = found.thing.get("@id")
            if isinstance(name, str) and not _is_reference(found.thing):
                self._named.setdefault(name, found.thing)

    def resolve(self, value: Any) -> Any:
        """The object that a reference means; anything else, also one to nowhere, as it is."""
        if _is_reference(value):
            return self._named.get(str(value["@id"]), value)
        return value

    def walk(self) -> Iterator[Item]:
        """Every object of the page once, outer before inner, in order."""
        waiting: list[tuple[Item, int]] = [(Item(o), 0) for o in reversed(self.objects)]
        for _ in range(MOST):
            if not waiting:
                return
            item, depth = waiting.pop()
            yield item
            if depth < DEPTH:
                waiting += [(inner, depth + 1) for inner in reversed(list(_within(item)))]


def _within(item: Item) -> Iterator[Item]:
    """The objects that stand directly in one, with what they learn from it."""
    kinds = types(item.thing)
    if kinds & NO_LISTS:
        return
    is_offer = "itemOffered" in item.thing
    for key, value in item.thing.items():
        if key in OTHERS:
            continue
        offer = item.thing if is_offer and key == "itemOffered" else item.offer
        seller = item.thing if key in SELLING else item.seller
        listed = item.listed or key == "itemListElement"
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, dict):
                yield Item(inner, offer, seller, listed)


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and "@id" in value and value.keys() <= {"@id", "@type"}


def listed(value: Any) -> list[Any]:
    """A value as a list: of nothing, of one, or as it is."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def said(value: Any) -> str:
    """The text that a value stands for: itself, or the name, value or address of an object."""
    for each in listed(value):
        plain = _plain(each) if isinstance(each, dict) else each
        if isinstance(plain, str | int | float) and (text := clean(plain)):
            return text
    return ""


def _plain(value: Object) -> Any:
    return next((value[key] for key in ("name", "@value", "value", "url") if value.get(key)), None)
