"""A car's own page at Cars.com: its scripts, list of basics, features, photos, notes and dealer.

What is personal (staff's names and e-mails, the visitor's place) is never read.
"""

import re
from typing import Any

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
from scrapers.parsers.pages import Detail
from scrapers.parsers.personal import scrub

# How the page's script and its list of basics name the values of a draft.
ACTIVITY = {
    "vin": "vin",
    "year": "year",
    "make": "make",
    "model": "model",
    "trim": "trim",
    "price": "price",
    "mileage": "mileage",
    "msrp": "msrp",
    "stock_type": "stock_type",
    "cpo_indicator": "cpo",
    "bodystyle": "body_type",
    "fuel_type": "fuel_type",
    "drivetrain": "drivetrain",
    "exterior_color": "exterior_color",
    "interior_color": "interior_color",
    "transmission": "transmission",
    "engine": "engine",
    "stock_number": "stock_number",
}
BASICS = {
    "exterior color": "exterior_color",
    "interior color": "interior_color",
    "drivetrain": "drivetrain",
    "fuel type": "fuel_type",
    "transmission": "transmission",
    "engine": "engine",
    "vin": "vin",
    "stock": "stock_number",
    "mileage": "mileage",
    "body style": "body_type",
}
EXPECTED = ("make", "price")
GONE = ("no longer listed", "no longer available")

_CITY = re.compile(r"(?P<city>.+?),\s*(?P<state>[A-Za-z]{2})\s+(?P<zip>\d{5}(?:-\d{4})?)$")


_activity = string("//script[@id='initial-activity-data']")
_show = string("//script[@id='CarsWeb.VehicleDetailController.show']")
_heading = string("//h1")
_basics = elements("//li[@data-qa='basics-entry']")
PARTS = (
    "unlisted-notification",
    "gallery",
    "vehicle-features-list",
    "sellers-notes",
    "dealer-card",
)


def parse_detail(html: bytes, url: str) -> Detail:
    """An offer's own page: its scripts, list of basics, features, photos, notes and dealer."""
    root = tree(html)
    if root is None:
        return Detail(problems=["parse/not_our_page"])
    parts = by_class(root, *PARTS)
    if "unlisted-notification" in parts:
        return Detail(gone=True)
    activity = json_object(_activity(root))
    if not activity:
        return Detail(gone=True) if _says_gone(root) else Detail(problems=[stranger(root)])
    show = _object(json_object(_show(root)), "call_source_dni_metadata")
    values = _values(root, activity, show, parts.get("sellers-notes"))
    return Detail(
        values=values,
        features=_features(parts.get("vehicle-features-list")),
        photos=_photos(parts.get("gallery"), url),
        dealer=_dealer(activity, show, parts.get("dealer-card")) or None,
        problems=[f"parse/{name}_missing" for name in EXPECTED if name not in values],
    )


def _values(
    root: Element, activity: dict[str, Any], show: dict[str, Any], notes: Element | None
) -> dict[str, str]:
    """Scripts before the list of basics: they are not cut to fit."""
    stock_number = _object(show, "dimensions").get("stockNumber")
    if isinstance(stock_number, list):
        stock_number = next(iter(stock_number), None)
    return filled(
        [
            *((name, activity.get(key)) for key, name in ACTIVITY.items()),
            ("stock_number", stock_number),
            *_labeled(root),
            ("title", _heading(root)),
            ("description", scrub(text(notes), _staff(show))),
        ]
    )


def _staff(show: dict[str, Any]) -> list[str]:
    """Who works at the dealer: read only to be taken out of what is kept."""
    contacts = _object(show, "seller").get("salesContacts")
    people = contacts if isinstance(contacts, list) else []
    return [
        name
        for person in people
        if isinstance(person, dict) and (name := clean(person.get("name")))
    ]


def _labeled(root: Element) -> list[tuple[str, str]]:
    """The list of basics: label and value of each entry that we know."""
    found = []
    for entry in _basics(root):
        parts = [part for child in entry if (part := text(child))]
        if len(parts) >= 2 and (name := BASICS.get(parts[0].rstrip(":#. ").lower())):
            found.append((name, parts[1]))
    return found


def _features(part: Element | None) -> list[str]:
    entries = () if part is None else part.iter("li")
    return [feature for entry in entries if (feature := text(entry))]


def _photos(part: Element | None, url: str) -> list[str]:
    images = () if part is None else part.iter("img")
    photos = (link(url, image.get("src")) for image in images)
    return list(dict.fromkeys(photo for photo in photos if photo))


def _dealer(activity: dict[str, Any], show: dict[str, Any], part: Element | None) -> dict[str, str]:
    """Name, address and phone of the dealer; who works there is not read."""
    return filled(
        [
            ("external_id", activity.get("customer_id")),
            ("name", activity.get("dealer_name")),
            *([] if part is None else _dealer_shown(part)),
            ("zip", _object(show, "seller").get("zipcode")),
        ]
    )


def _dealer_shown(part: Element) -> list[tuple[str, str]]:
    """What the dealer's card shows: the last line of the address is `City, ST 12345`."""
    parts = by_class(part, "dealer-name", "dealer-phone", "dealer-address")
    shown = [("name", text(parts.get("dealer-name"))), ("phone", text(parts.get("dealer-phone")))]
    address = parts.get("dealer-address")
    written = () if address is None else address.itertext()
    lines = [line for piece in written if (line := clean(piece))]
    if lines and (found := _CITY.match(lines[-1])):
        shown += [("street", ", ".join(lines[:-1])), *found.groupdict().items()]
    return shown


def _object(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _says_gone(root: Element) -> bool:
    words = text(root).lower()
    return any(phrase in words for phrase in GONE)
