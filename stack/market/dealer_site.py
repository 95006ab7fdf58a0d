"""Dealers' own sites: small pages that say in JSON-LD what they sell, each car in its own way."""

from html import escape
from math import ceil
from typing import Any

import numpy as np

from stack.market import wording
from stack.market.dealers import Dealer
from stack.market.lot import Lot
from stack.market.wording import Offer

PER_PAGE = 12
CONTEXT = "https://schema.org"
WHEELS = {"AWD": "All", "4WD": "Four", "FWD": "Front", "RWD": "Rear"}


def index_of(lot: Lot, dealer: str) -> int | None:
    """The number of the dealer with this id."""
    ids = (number for number, each in enumerate(lot.source.dealers.all) if each.id == dealer)
    return next(ids, None)


def stock(lot: Lot, dealer: int) -> list[int]:
    """Positions of a dealer's live cars."""
    positions: list[int] = np.flatnonzero(lot.alive & (lot.table.dealer == dealer)).tolist()
    return positions


def results(lot: Lot, dealer: int, page: int) -> bytes | None:
    """A page of a dealer's cars as an ItemList; None past the last one."""
    seller = lot.source.dealers.all[dealer]
    found = stock(lot, dealer)
    last = max(ceil(len(found) / PER_PAGE), 1)
    if not 1 <= page <= last:
        return None
    shown = [wording.offer(lot, at) for at in found[(page - 1) * PER_PAGE : page * PER_PAGE]]
    data = {
        "@context": CONTEXT,
        "@type": "ItemList",
        "numberOfItems": len(found),
        "itemListElement": [
            {"@type": "ListItem", "position": place, "item": _listed(offered)}
            for place, offered in enumerate(shown, 1)
        ],
    }
    cards = "".join(_card(offered) for offered in shown)
    following = f'<a rel="next" href="?page={page + 1}">Next page</a>' if page < last else ""
    return _page(seller, f"Cars at {seller.name}", _script(data), cards + following)


def live(lot: Lot, at: int) -> bytes:
    """A car's own page, with the dealer in the same graph."""
    offered = wording.offer(lot, at)
    graph = [{"@type": "WebSite", "name": offered.dealer.name}, *_graph(offered)]
    text = _script({"@context": CONTEXT, "@graph": graph}, offered.car.number)
    title = wording.title(offered.car)
    return _page(offered.dealer, title, text, f"<h1>{escape(title)}</h1>{_card(offered)}")


def gone(lot: Lot, at: int) -> bytes:
    """The page of a car that was sold lately: its offer is sold out."""
    offered = wording.offer(lot, at)
    data = _listed(offered) | {"offers": {"@type": "Offer", "availability": f"{CONTEXT}/SoldOut"}}
    text = _script({"@context": CONTEXT, **data})
    return _page(offered.dealer, wording.title(offered.car), text, "<p>This car is sold.</p>")


def address(offered: Offer) -> str:
    """Where a car's page is on its dealer's site."""
    return f"/dealers/{offered.dealer.id}/cars/{offered.car.uuid}/"


def _listed(offered: Offer) -> dict[str, Any]:
    """A car as the list has it: name, address, price."""
    car, kind = offered.car, offered.car.kind
    data: dict[str, Any] = {
        "@type": "Car",
        "name": wording.title(car),
        "url": address(offered),
        "vehicleIdentificationNumber": car.vin,
        "vehicleModelDate": str(kind.year),
        "brand": kind.make,
        "model": kind.model,
    }
    return data | ({"offers": _offer(offered)} if offered.price else {})


def _graph(offered: Offer) -> list[dict[str, Any]]:
    """The objects of a car's page: in every fifth the maker is an object of its own."""
    car, kind, dealer = offered.car, offered.car.kind, offered.dealer
    apart = car.number % 5 == 0
    maker = {"@type": "Brand", "@id": "#maker", "name": kind.make}
    data: dict[str, Any] = {
        "@type": ["Product", "Car"] if car.number % 3 else "Vehicle",
        "@id": "#car",
        "name": wording.title(car),
        "url": address(offered),
        _vin_key(car.number): car.vin,
        ("vehicleModelDate", "productionDate", "modelDate")[car.number % 3]: (
            kind.year if car.number % 2 else str(kind.year)
        ),
        "brand": {"@id": "#maker"} if apart else {"name": kind.make},
        "model": kind.model,
        "vehicleConfiguration": car.trim,
        "bodyType": kind.body,
        "fuelType": car.fuel,
        "color": car.exterior,
        "vehicleInteriorColor": car.interior,
        "vehicleTransmission": car.transmission,
        "image": [f"/photos/{car.uuid}/{n}.svg" for n in range(1, car.photos + 1)],
        "itemCondition": f"{CONTEXT}/{'New' if car.new else 'Used'}Condition",
        **_mileage(offered),
    }
    if wheels := WHEELS.get(kind.drive):
        data["driveWheelConfiguration"] = f"{CONTEXT}/{wheels}WheelDriveConfiguration"
    if offered.price:
        data["offers"] = _offer(offered) | {"seller": {"@id": "#dealer"}}
    return [data, *([maker] if apart else []), _dealer(dealer)]


def _vin_key(number: int) -> str:
    return ("vehicleIdentificationNumber", "sku", "productID", "mpn")[number % 4]


def _mileage(offered: Offer) -> dict[str, Any]:
    miles, number = offered.car.mileage, offered.car.number
    if miles is None:
        return {}
    forms: tuple[Any, ...] = (
        {"@type": "QuantitativeValue", "value": f"{miles:,}", "unitCode": "SMI"},
        f"{miles:,} miles",
        {"@type": "QuantitativeValue", "value": miles},
    )
    return {"mileageFromOdometer": forms[number % 3]}


def _offer(offered: Offer) -> dict[str, Any]:
    """What is asked: a string, a number or a price specification."""
    number = offered.car.number
    named = {"price": str(offered.price) if number % 2 else offered.price, "priceCurrency": "USD"}
    if number % 7 == 3:
        return {"@type": "Offer", "priceSpecification": {"@type": "PriceSpecification", **named}}
    return {"@type": "Offer", "availability": f"{CONTEXT}/InStock", **named}


def _dealer(dealer: Dealer) -> dict[str, Any]:
    place = dealer.place
    return {
        "@type": "AutoDealer",
        "@id": "#dealer",
        "name": dealer.name,
        "telephone": dealer.phone,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": dealer.street,
            "addressLocality": place.city,
            "addressRegion": place.state,
            "postalCode": place.zip,
            "addressCountry": "US",
        },
    }


def _script(data: dict[str, Any], number: int = 0) -> str:
    """JSON-LD in a script; that of some cars is as careless as on real sites."""
    text = wording.script(data)
    careless = (
        text,
        f"{text};",
        f"<!-- {text} -->",
        f"//<![CDATA[\n{text}\n//]]>",
        text[:-1] + ",}",
        f"/* {data.get('@type', 'graph')} */ {text}",
    )
    return f'<script type="application/ld+json">{careless[number % len(careless)]}</script>'


def _card(offered: Offer) -> str:
    name, price = escape(wording.title(offered.car)), wording.dollars(offered.price)
    return f'<p class="car"><a href="{address(offered)}">{name}</a> {price}</p>'


def _page(dealer: Dealer, title: str, head: str, body: str) -> bytes:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"{head}</head><body><header>{escape(dealer.name)}</header>{body}</body></html>"
    ).encode()
