"""How pages name things: titles, dollars, miles, dates, and the data inside a card."""

from datetime import date, timedelta
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from stack.market.cars import Car
from stack.market.dealers import Dealer
from stack.market.fleet import NOW
from stack.market.lot import Lot, slug

OPENED = NOW.date()
NOT_PRICED = "Not Priced"
DASH = "&ndash;"
# Dealers who cut more ask less than others from the start.
GOOD_DEAL, GREAT_DEAL = 0.024, 0.033


class Offer(NamedTuple):
    """A car as it is offered now; prices in dollars, 0 where none is named."""

    car: Car
    dealer: Dealer
    price: int
    last_price: int


def offer(lot: Lot, at: int) -> Offer:
    """The offer at a position of the lot's table."""
    car = lot.table.cars[at]
    dealer = lot.source.dealers.all[car.dealer]
    return Offer(car, dealer, int(lot.price[at]), int(lot.last_price[at]))


def dated(day: float) -> date:
    """The date of a market day."""
    return OPENED + timedelta(days=int(day // 1))


def short_date(day: float) -> str:
    """A date as the price history writes it, like 1/15/26."""
    when = dated(day)
    return f"{when.month}/{when.day}/{when:%y}"


def dollars(price: int) -> str:
    """Like "$25,990", or the words for no price."""
    return f"${price:,}" if price else NOT_PRICED


def title(car: Car) -> str:
    """Like "Used 2021 Toyota RAV4 XLE", plain text."""
    kind = car.kind
    return f"{stock_type(car)} {kind.year} {kind.make} {kind.model} {car.trim}"


def stock_type(car: Car) -> str:
    """New, Used or Certified."""
    return "New" if car.new else "Certified" if car.certified else "Used"


def mileage(car: Car) -> str:
    """Like "35,211 mi.", HTML."""
    return DASH if car.mileage is None else f"{car.mileage:,} mi."


def drop(offered: Offer) -> str:
    """The last price cut, HTML; empty when there was none."""
    less = offered.last_price - offered.price
    return f'<span class="price-drop">${less:,} price drop</span>' if less > 0 else ""


def badges(offered: Offer) -> str:
    """Certified, and for well-priced used cars how good the deal is, HTML."""
    car, parts = offered.car, []
    if car.certified:
        parts.append(f'<span class="badge certified">{escape(car.kind.make)} Certified</span>')
    if not car.new and offered.price and car.drop_rate > GOOD_DEAL:
        word = "Great Deal" if car.drop_rate > GREAT_DEAL else "Good Deal"
        below = int(offered.price * car.drop_rate)
        parts.append(f'<span class="badge price-badge">{word} | ${below:,} below market</span>')
    return f'<p class="badges">{"".join(parts)}</p>' if parts else ""


def make_link(make: str) -> str:
    """The address of all cars of a make, HTML."""
    return escape("/shopping/results/?" + urlencode({"makes[]": slug(make)}))


def model_link(make: str, model: str) -> str:
    """The address of all cars of a model, HTML."""
    fields = {"makes[]": slug(make), "models[]": f"{slug(make)}-{slug(model)}"}
    return escape("/shopping/results/?" + urlencode(fields))


def price_data(offered: Offer) -> str | None:
    """The price in machine-readable places: a string; without a price "0" or nothing."""
    if offered.price:
        return str(offered.price)
    return "0" if offered.car.number % 2 else None


def card_data(offered: Offer, page: int, position: int) -> dict[str, Any]:
    """What a card's `data-vehicle-details` says; year, price and mileage are strings."""
    car, dealer, kind = offered.car, offered.dealer, offered.car.kind
    return {
        "listingId": car.uuid,
        "vin": car.vin,
        "year": str(kind.year),
        "make": kind.make,
        "model": kind.model,
        "trim": car.trim,
        "price": price_data(offered),
        "mileage": None if car.mileage is None else str(car.mileage),
        "msrp": car.msrp,
        "stockType": "New" if car.new else "Used",
        "cpoIndicator": car.certified,
        "bodyStyle": kind.body,
        "fuelType": car.fuel,
        "drivetrain": car.drivetrain,
        "exteriorColor": car.exterior,
        "seller": {"zip": dealer.place.zip, "customerId": dealer.id, "dealerName": dealer.name},
        "banners": ["price_drop"] if 0 < offered.price < offered.last_price else [],
        "metadata": {"page_number": page, "position_on_page": position},
        "shipPrice": None,
    }


def attribute(data: dict[str, Any]) -> str:
    """JSON inside an HTML attribute."""
    return escape(orjson.dumps(data).decode())


def script(data: dict[str, Any]) -> str:
    """JSON inside a script element."""
    return orjson.dumps(data).decode().replace("</", "<\\/")
