"""Pages that describe what they sell in the words of schema.org."""

from functools import cached_property
from urllib.parse import urlsplit

from scrapers.parsers.html import Element, clean, link, stranger, string, tree
from scrapers.parsers.jsonld import cars
from scrapers.parsers.jsonld.blocks import Object, blocks
from scrapers.parsers.jsonld.graph import Graph, Item, listed, said, types
from scrapers.parsers.jsonld.microdata import microdata
from scrapers.parsers.jsonld.prices import offers
from scrapers.parsers.jsonld.sellers import dealers, seller
from scrapers.parsers.pages import Card, Detail, Page, digest_of
from scrapers.parsers.personal import scrub

NOT_OURS = "parse/not_our_page"

_next = string("(//a[@rel='next'] | //link[@rel='next'])/@href")


class Things:
    """The cars that a page describes, in order, each once; in microdata where no JSON-LD has any.

    `problems` are of scripts that could not be read.
    """

    def __init__(self, root: Element) -> None:
        objects, self.problems = blocks(root)
        self.graph = Graph(objects)
        self.cars = _cars(self.graph)
        if not self.cars and (attributes := microdata(root)):
            self.graph = Graph([*objects, *attributes])
            self.cars = _cars(self.graph)

    @cached_property
    def offered(self) -> list[Item]:
        """The cars but for those that are sold."""
        return [item for item in self.cars if not cars.is_sold(self.graph, item)]

    @property
    def says_empty(self) -> bool:
        """Whether the page says that it has no car, or that all of them are sold."""
        return not self.offered if self.cars else says_empty(self.graph)


def _cars(graph: Graph) -> list[Item]:
    """Of two descriptions of one car the one that says more."""
    found: dict[object, Item] = {}
    for item in graph.walk():
        if not cars.is_car(item.thing):
            continue
        said_of = cars.values(graph, item)
        name = cars.identity(item, said_of.get("vin", "")) or cars.address(graph, item)
        key = name or id(item.thing)
        if key not in found or len(said_of) > len(cars.values(graph, found[key])):
            found[key] = item
    return list(found.values())


def parse_results(html: bytes, url: str) -> Page:
    """A page of results: each car of the page, or the links of a list that only links."""
    root = tree(html)
    if root is None:
        return Page(problems=[NOT_OURS])
    things = Things(root)
    items = [card for item in things.offered if (card := card_of(things.graph, item, url))]
    linked = [] if things.cars else links(things.graph, url)
    page = Page(items=items or linked, problems=list(things.problems))
    if page.items:
        page.problems += ["parse/card_unreadable"] * (len(things.offered) - len(items))
        page.next_url = link(url, _next(root))
    elif things.says_empty:
        page.empty, page.next_url = True, link(url, _next(root))
    else:
        page.problems.append(stranger(root))
    return page


def parse_detail(html: bytes, url: str) -> Detail:
    """The car that a page is about, among those that it describes."""
    root = tree(html)
    if root is None:
        return Detail(problems=[NOT_OURS])
    things = Things(root)
    item = main_car(things, url)
    if item is None:
        return Detail(problems=[*things.problems, stranger(root)])
    if cars.is_sold(things.graph, item):
        return Detail(gone=True)
    return detail_of(things, item, url)


def detail_of(things: Things, item: Item, url: str) -> Detail:
    """All that is said of one car of a page."""
    graph = things.graph
    values = cars.values(graph, item)
    description = scrub(said(item.thing.get("description")))
    if description:
        values["description"] = description
    alone = dealers(graph)
    dealer = seller(graph, item) or (alone[0] if len(alone) == 1 else {})
    return Detail(
        values=values,
        photos=_photos(item.thing, url),
        dealer=dealer if dealer.get("name") else None,
        problems=[
            *things.problems,
            *([] if values.keys() & {"make", "title", "vin"} else ["parse/make_missing"]),
            *([] if "price" in values else ["parse/price_missing"]),
        ],
    )


def card_of(graph: Graph, item: Item, url: str) -> Card | None:
    """A car of a list; None where nothing says which offer it is."""
    values = cars.values(graph, item)
    address = link(url, cars.address(graph, item))
    if address == url:  # what names the list is no car's own page
        address = None
    external_id = (
        cars.identity(item, values.get("vin", "")) or path_of(address) or cars.likeness(values)
    )
    if not external_id:
        return None
    dealer = seller(graph, item)
    return Card(
        external_id=external_id,
        url=address,
        digest=digest_of(address or "", values, dealer) if offers(graph, item) else None,
        values=values,
        dealer=dealer if dealer.get("name") else None,
        photos=_photos(item.thing, url),
    )


def link_card(url: str, digest: str | None = None) -> Card:
    """A card of which only the address is known."""
    return Card(external_id=path_of(url), url=url, digest=digest, values={})


def path_of(url: str | None) -> str:
    """What of an address stays the same: its path and query, not the site's name."""
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _photos(thing: Object, url: str) -> list[str]:
    found = (link(url, photo) for photo in cars.photos(thing))
    return [photo for photo in found if photo]


def links(graph: Graph, url: str) -> list[Card]:
    """Cards of an ItemList that has addresses and no things."""
    found = (_element_url(item.thing) for item in graph.walk() if item.listed)
    addresses = dict.fromkeys(filter(None, (link(url, each) for each in found)))
    return [link_card(address) for address in addresses]


def _element_url(thing: Object) -> str:
    inner = thing.get("item")
    address = inner if isinstance(inner, str) else thing.get("url")
    return said(address) if "ListItem" in types(thing) else ""


def says_empty(graph: Graph) -> bool:
    """Whether the page has a list and says that nothing is on it."""
    lists = [i.thing for i in graph.walk() if types(i.thing) & {"ItemList", "OfferCatalog"}]
    return any(
        clean(each.get("numberOfItems")) == "0" or each.get("itemListElement") == []
        for each in lists
    )


def main_car(things: Things, url: str) -> Item | None:
    """The car that the page is of: the one with its address, else the first outside of lists."""
    graph = things.graph
    named = [
        i for i in things.cars if path_of(link(url, cars.address(graph, i))) in (path_of(url), "#")
    ]
    alone = [item for item in things.cars if not item.listed]
    main = _main_entities(graph)
    referred = [item for item in things.cars if id(item.thing) in main]
    return next(iter([*referred, *named, *alone, *things.cars]), None)


def _main_entities(graph: Graph) -> set[int]:
    """The ids in memory of what the graph's page objects name as what they are about."""
    named = (entity for found in graph.walk() for entity in listed(found.thing.get("mainEntity")))
    return {id(graph.resolve(entity)) for entity in named}
