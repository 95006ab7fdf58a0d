"""Pages of results at Cars.com: the same cards, as four generations of the site have written them.

Today each card is a `fuse-card` with its data as JSON in an attribute, until March 2026 it was a
`spark-card`. Until January 2026 one element of the page held the data of all cards, and before
that there was none: what a card says stands in its text.
"""

from typing import Any
from urllib.parse import quote

from scrapers.parsers.cars_com.asked import is_asked_for
from scrapers.parsers.html import (
    Element,
    by_class,
    clean,
    elements,
    filled,
    json_object,
    link,
    stranger,
    string,
    text,
    tree,
)
from scrapers.parsers.pages import Card, Page, digest_of

# How the data of a card names the values of a draft.
CARD = {
    "vin": "vin",
    "year": "year",
    "make": "make",
    "model": "model",
    "trim": "trim",
    "price": "price",
    "mileage": "mileage",
    "msrp": "msrp",
    "stockType": "stock_type",
    "cpoIndicator": "cpo",
    "bodyStyle": "body_type",
    "fuelType": "fuel_type",
    "drivetrain": "drivetrain",
    "exteriorColor": "exterior_color",
}
SELLER = {"customerId": "external_id", "dealerName": "name", "zip": "zip"}
# The classes of what a card without data shows.
SHOWN = {
    "title": "title",
    "stock-type": "stock_type",
    "primary-price": "price",
    "mileage": "mileage",
}

_with_data = elements("//fuse-card[@data-vehicle-details] | //spark-card[@data-vehicle-details]")
_activity = elements("//*[contains(@data-site-activity, 'vehicleArray')]")
_plain = elements("//div[contains(concat(' ', normalize-space(@class), ' '), ' vehicle-card ')]")
_card_link = string(".//a[@data-card-link]/@href")
_detail_link = string("(.//a[contains(@href, '/vehicledetail/')])[1]/@href")
_next = string("(//a[@rel='next'] | //link[@rel='next'])/@href")


def parse_results(html: bytes, url: str) -> Page:
    """A page of results: its cards in order, and where the next page is.

    The site ignores what it does not understand of a query: a car that was not asked for is
    left out, with a problem.
    """
    root = tree(html)
    if root is None:
        return Page(problems=["parse/not_our_page"])
    cards = _cards(root, url)
    read = [card for card in cards if card]
    items = [card for card in read if is_asked_for(card.values, url)]
    page = Page(
        items=items,
        problems=["parse/card_unreadable"] * (len(cards) - len(read))
        + ["parse/not_asked_for"] * (len(read) - len(items)),
    )
    if items:
        page.next_url = link(url, _next(root))
    elif not cards and by_class(root, "no-results"):
        page.empty = True
    elif not read:
        page.problems.append(stranger(root))
    return page


def _cards(root: Element, url: str) -> list[Card | None]:
    """The cards of whichever generation the page is; None for one that says no id."""
    if found := _with_data(root):
        return [
            _card(json_object(each.get("data-vehicle-details")), _card_link(each), url)
            for each in found
        ]
    for holder in _activity(root):
        vehicles = json_object(holder.get("data-site-activity")).get("vehicleArray")
        if isinstance(vehicles, list):
            return [_card(each if isinstance(each, dict) else {}, "", url) for each in vehicles]
    return [_shown(each, url) for each in _plain(root)]


def _card(data: dict[str, Any], href: str, url: str) -> Card | None:
    """A card of its data."""
    external_id = clean(data.get("listingId"))
    said = data.get("seller")
    seller = said if isinstance(said, dict) else {}
    return _made(
        external_id,
        href,
        url,
        filled((name, data.get(key)) for key, name in CARD.items()),
        filled((name, seller.get(key)) for key, name in SELLER.items()),
    )


def _shown(element: Element, url: str) -> Card | None:
    """A card of what it shows."""
    href = _detail_link(element)
    path = href.partition("?")[0].rstrip("/")
    external_id = clean(element.get("data-listing-id") or path.rpartition("/")[2])
    parts = by_class(element, *SHOWN, "dealer-name")
    return _made(
        external_id,
        href,
        url,
        filled((name, text(parts.get(key))) for key, name in SHOWN.items()),
        filled([("name", text(parts.get("dealer-name")))]),
    )


def _made(
    external_id: str, href: str, url: str, values: dict[str, str], dealer: dict[str, str]
) -> Card | None:
    if not external_id:
        return None
    address = link(url, href) or link(url, f"/vehicledetail/{quote(external_id)}/") or url
    return Card(
        external_id=external_id,
        url=address,
        digest=digest_of(address, values, dealer),
        values=values,
        dealer=dealer or None,
    )
