"""The page of one car, live or gone."""

from functools import cache
from html import escape
from itertools import pairwise
from typing import Any

import orjson

from stack.market import shell, wording
from stack.market.lot import Lot
from stack.market.prices import Change
from stack.market.small_talk import QUESTIONS, REVIEWS, STAFF
from stack.market.templates import template
from stack.market.wording import DASH, Offer

SIMILAR = 6


def live(lot: Lot, at: int) -> bytes:
    """The page of a car that can be bought."""
    offered = wording.offer(lot, at)
    values = (
        _heading(offered)
        | _body(lot, at, offered)
        | _dealer(offered)
        | {"activity": _activity(offered), "controller": wording.script(_controller(offered))}
    )
    content = template("detail.html").fill(values)
    name = wording.title(offered.car)
    canonical = f"/vehicledetail/{offered.car.uuid}/"
    return shell.page(name, content, canonical=canonical, head=_breadcrumbs(offered))


def gone(lot: Lot, at: int) -> bytes:
    """The page of a car that was sold lately: it says so and shows others."""
    car = lot.table.cars[at]
    content = template("gone.html").fill(
        {
            "title": escape(wording.title(car)),
            "make": escape(car.kind.make),
            "model": escape(car.kind.model),
            "model_link": wording.model_link(car.kind.make, car.kind.model),
            "similar": _similar(lot, at),
        }
    )
    return shell.page(wording.title(car), content, canonical=f"/vehicledetail/{car.uuid}/")


def _heading(offered: Offer) -> dict[str, str]:
    car, kind = offered.car, offered.car.kind
    return {
        "title": escape(wording.title(car)),
        "stock_type": wording.stock_type(car),
        "year": str(kind.year),
        "make": escape(kind.make),
        "model": escape(kind.model),
        "make_link": wording.make_link(kind.make),
        "model_link": wording.model_link(kind.make, kind.model),
        "mileage": wording.mileage(car),
        "price": wording.dollars(offered.price),
        "drop": wording.drop(offered),
        "msrp": f'<span class="msrp">MSRP ${car.msrp:,}</span>' if car.msrp else "",
        "badges": wording.badges(offered),
    }


def _body(lot: Lot, at: int, offered: Offer) -> dict[str, str]:
    car = offered.car
    return {
        "photos": _photos(offered),
        "basics": _basics(offered),
        "features": "".join(f"<li>{escape(feature)}</li>" for feature in car.features),
        "notes": escape(_notes(offered)),
        "history": _history(lot.history(at)),
        "reviews": REVIEWS,
        "questions": QUESTIONS,
        "similar": _similar(lot, at),
    }


def _dealer(offered: Offer) -> dict[str, str]:
    dealer = offered.dealer
    seller, email = _seller(offered)
    return {
        "customer": dealer.id,
        "dealer": escape(dealer.name),
        "rating": str(dealer.rating),
        "rating_count": f"{dealer.reviews:,}",
        "street": escape(dealer.street),
        "city": escape(dealer.place.city),
        "state": dealer.place.state,
        "zip": dealer.place.zip,
        "phone": dealer.phone,
        "dial": "+1" + "".join(filter(str.isdigit, dealer.phone)),
        "seller": seller,
        "email": email,
    }


def _seller(offered: Offer) -> tuple[str, str]:
    """The sales person whose name and address such pages give away."""
    name = STAFF[offered.car.number % len(STAFF)]
    return name, f"{name.lower().replace(' ', '.')}@dealer{offered.dealer.id}.example"


def _photos(offered: Offer) -> str:
    car = offered.car
    alt = escape(wording.title(car))
    return "".join(
        f'<img slot="image" class="swipe-main-image" src="/photos/{car.uuid}/{n}.svg" alt="{alt},'
        f' photo {n}"{"" if n == 1 else lazy}>'
        for lazy in (' loading="lazy"',)
        for n in range(1, car.photos + 1)
    )


def _basics(offered: Offer) -> str:
    car = offered.car
    entries = (
        ("Exterior color", car.exterior),
        ("Interior color", car.interior),
        ("Drivetrain", car.drivetrain),
        ("Fuel type", car.fuel),
        ("Transmission", car.transmission),
        ("Engine", car.kind.engine),
        ("VIN", car.vin),
        ("Stock #", car.stock_number),
        ("Mileage", "" if car.mileage is None else f"{car.mileage:,} mi."),
    )
    return "".join(
        f'<li data-qa="basics-entry"><span class="label">{label}</span>'
        f' <span class="value">{escape(value) or DASH}</span></li>'
        for label, value in entries
    )


def _notes(offered: Offer) -> str:
    car, dealer = offered.car, offered.dealer
    seller, _ = _seller(offered)
    wheels = f"{car.exterior} over {car.interior}, {car.drivetrain}, {car.transmission}."
    return (
        f"{wording.title(car)} at {dealer.name} in {dealer.place.city}, {dealer.place.state}. "
        f"{wheels} Equipment: {', '.join(car.features[:8])}. "
        f"Call {dealer.phone} and ask for {seller}."
    )


def _history(changes: list[Change]) -> str:
    """Newest first, as date, change and price."""
    if not changes:
        return "<p>No price was named yet.</p>"
    rows = [_row(changes[0], "Listed")]
    rows += [
        _row(later, f"{'-' if later.price < earlier.price else '+'}${gap:,}")
        for earlier, later in pairwise(changes)
        for gap in (abs(later.price - earlier.price),)
    ]
    return (
        '<table class="price-history-table"><thead><tr><th>Date</th><th>Change</th>'
        f"<th>Price</th></tr></thead><tbody>{''.join(reversed(rows))}</tbody></table>"
    )


def _row(change: Change, word: str) -> str:
    return (
        f"<tr><td>{wording.short_date(change.day)}</td><td>{word}</td>"
        f"<td>${change.price:,}</td></tr>"
    )


def _similar(lot: Lot, at: int) -> str:
    card = template("similar.html")
    return "".join(
        card.fill(
            {
                "uuid": car.uuid,
                "title": escape(wording.title(car)),
                "mileage": wording.mileage(car),
                "price": wording.dollars(int(lot.price[other])),
            }
        )
        for other in lot.similar(at, SIMILAR)
        for car in (lot.table.cars[other],)
    )


def _breadcrumbs(offered: Offer) -> str:
    kind = offered.car.kind
    names = ("Cars for sale", kind.make, kind.model, str(kind.year))
    data = {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name}
            for place, name in enumerate(names, 1)
        ],
    }
    return f'<script type="application/ld+json">{wording.script(data)}</script>'


def _activity(offered: Offer) -> str:
    """About a hundred flat keys; price and year are strings, mileage is null when new."""
    car, dealer, kind = offered.car, offered.dealer, offered.car.kind
    data: dict[str, Any] = {
        "listing_id": car.uuid,
        "vin": car.vin,
        "year": str(kind.year),
        "make": kind.make,
        "model": kind.model,
        "trim": car.trim,
        "price": wording.price_data(offered),
        "mileage": None if car.new or car.mileage is None else str(car.mileage),
        "msrp": None if car.msrp is None else str(car.msrp),
        "stock_type": "New" if car.new else "Used",
        "certified_preowned_indicator": car.certified,
        "cpo_indicator": car.certified,
        "bodystyle": kind.body,
        "body_style": kind.body,
        "drivetrain": car.drivetrain,
        "fuel_type": car.fuel,
        "exterior_color": car.exterior,
        "interior_color": car.interior,
        "stock_number": car.stock_number,
        "customer_id": dealer.id,
        "dealer_name": escape(dealer.name),
        "dealer_zip": dealer.place.zip,
        "seller_type": "dealership",
        "photo_count": car.photos,
        "canonical_mmt": f"{kind.make}:{kind.model}:{car.trim}".lower(),
        "primary_thumbnail": f"/photos/{car.uuid}/1.svg",
        "clean_title": car.number % 12 != 0,
        "single_owner": car.number % 3 != 0,
    }
    return wording.script(data)[:-1] + _visitor()


@cache
def _visitor() -> str:
    """The part that is about the visit, with the visitor's place, which pages give away."""
    data: dict[str, Any] = {
        "visitor_city": "Springfield",
        "visitor_state": "IL",
        "visitor_zip": "62701",
        "page_type": "vehicle_detail",
        "page_channel": "shopping",
        "platform_id": "cars",
        "affiliate": "national",
        "trip_id": "6f1f6f5e-7a1e-4d7c-9a10-2f7b2f3c1a44",
        "web_page_type_from": "search_results",
    }
    data |= {f"tracking_{n:02d}": None if n % 3 else str(n) for n in range(100 - 28 - len(data))}
    return "," + orjson.dumps(data).decode()[1:]


def _controller(offered: Offer) -> dict[str, Any]:
    """The page's own state: where the leads go, and the dimensions of the car."""
    car, dealer, kind = offered.car, offered.dealer, offered.car.kind
    seller, email = _seller(offered)
    return {
        "call_source_dni_metadata": {
            "dimensions": {
                "listingId": car.uuid,
                "vin": car.vin,
                "year": [str(kind.year)],
                "make": [kind.make],
                "model": [kind.model],
                "trim": [car.trim],
                "bodyStyle": [kind.body],
                "stockType": ["New" if car.new else "Used"],
                "drvTrnId": [car.drivetrain],
                "fuelTypeId": [car.fuel],
                "transTypeId": [car.transmission],
                "extColorId": [car.exterior],
                "intColorId": [car.interior],
                "normFeatureId": car.features,
                "stockNumber": car.stock_number,
            },
            "seller": {
                "zipcode": dealer.place.zip,
                "customerId": dealer.id,
                "name": dealer.name,
                "phoneNumber": dealer.phone,
                "salesContacts": [{"name": seller, "email": email}],
            },
        },
    }
