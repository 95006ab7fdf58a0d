"""Dealers' feeds: the same cars as files in the dialects of Google, Meta and HomeNet."""

import csv
import io
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import orjson

from stack.market import dealer_site, wording
from stack.market.lot import Lot
from stack.market.wording import Offer

Row = dict[str, Any]
GOOGLE = "http://base.google.com/ns/1.0"


def feed(lot: Lot, dealer: int, name: str, origin: str) -> tuple[str, str] | None:
    """A dealer's feed of this name and its media type; None where there is none."""
    if name not in FEEDS:
        return None
    media, row, write = FEEDS[name]
    offers = (wording.offer(lot, at) for at in dealer_site.stock(lot, dealer))
    return write([row(offered, origin) for offered in offers]), media


def _google(offered: Offer, origin: str) -> Row:
    car, kind, dealer = offered.car, offered.car.kind, offered.dealer
    return {
        "vin": car.vin,
        "id": car.uuid,
        "store_code": dealer.id,
        "dealership_name": dealer.name,
        "dealership_address": f"{dealer.street}, {dealer.place.city}, {dealer.place.state}"
        f" {dealer.place.zip}",
        "image_link": f"{origin}/photos/{car.uuid}/1.svg",
        "link": f"{origin}{dealer_site.address(offered)}",
        "date_in_stock": wording.dated(car.arrived).isoformat(),
        "price": f"{offered.price} USD" if offered.price else "",
        "condition": "new" if car.new else "used",
        "certified_pre_owned": "yes" if car.certified else "no",
        "make": kind.make,
        "model": kind.model,
        "trim": car.trim,
        "year": kind.year,
        "mileage": "" if car.mileage is None else f"{car.mileage:,} miles",
        "exterior_color": car.exterior,
    }


def _meta(offered: Offer, origin: str) -> Row:
    car, kind, dealer = offered.car, offered.car.kind, offered.dealer
    return {
        "vehicle_id": car.uuid,
        "vin": car.vin,
        "title": wording.title(car),
        "make": kind.make,
        "model": kind.model,
        "trim": car.trim,
        "year": kind.year,
        "body_style": kind.body.upper(),
        "url": f"{origin}{dealer_site.address(offered)}",
        "mileage": {"value": car.mileage or 0, "unit": "MI"},
        "image": {"url": f"{origin}/photos/{car.uuid}/1.svg"},
        "transmission": car.transmission,
        "fuel_type": car.fuel,
        "drivetrain": car.drivetrain,
        "price": f"{offered.price} USD" if offered.price else "",
        "exterior_color": car.exterior,
        "state_of_vehicle": "NEW" if car.new else "CPO" if car.certified else "USED",
        "dealer_id": dealer.id,
        "dealer_name": dealer.name,
        "address": {
            "addr1": dealer.street,
            "city": dealer.place.city,
            "region": dealer.place.state,
            "postal_code": dealer.place.zip,
        },
    }


def _homenet(offered: Offer, origin: str) -> Row:
    car, kind, dealer = offered.car, offered.car.kind, offered.dealer
    return {
        "Type": "New" if car.new else "Used",
        "Stock": car.stock_number,
        "VIN": car.vin,
        "Year": kind.year,
        "Make": kind.make,
        "Model": kind.model,
        "Body": kind.body,
        "Trim": car.trim,
        "ExteriorColor": car.exterior,
        "InteriorColor": car.interior,
        "Transmission": car.transmission,
        "Miles": "" if car.mileage is None else car.mileage,
        "SellingPrice": offered.price,
        "MSRP": car.msrp or "",
        "Certified": "True" if car.certified else "False",
        "dealer_name": dealer.name,
        "dealer_city": dealer.place.city,
        "dealer_state": dealer.place.state,
        "dealer_zip": dealer.place.zip,
        "Drivetrain": car.drivetrain,
        "Fuel_Type": car.fuel,
        "ImageList": f"{origin}/photos/{car.uuid}/1.svg,{origin}/photos/{car.uuid}/2.svg",
    }


def _table(delimiter: str) -> Callable[[list[Row]], str]:
    def write(rows: list[Row]) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]) if rows else ["vin"], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    return write


def _lines(rows: list[Row]) -> str:
    return "".join(orjson.dumps(row).decode() + "\n" for row in rows)


def _rss(rows: list[Row]) -> str:
    """Google's XML: RSS with its own words for what is sold."""
    items = ("".join(_element(f"g:{key}", value) for key, value in row.items()) for row in rows)
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:g="{GOOGLE}">'
        f"<channel><title>Vehicles</title>{body}</channel></rss>"
    )


def _listings(rows: list[Row]) -> str:
    """Meta's XML: an address is a list of components with names."""
    body = "".join(f"<listing>{''.join(_meta_elements(row))}</listing>" for row in rows)
    return f'<?xml version="1.0" encoding="UTF-8"?><listings><title>Cars</title>{body}</listings>'


def _meta_elements(row: Row) -> Iterable[str]:
    for key, value in row.items():
        if key == "address":
            parts = (
                f'<component name="{n}">{escape(str(v))}</component>' for n, v in value.items()
            )
            yield f'<address format="simple">{"".join(parts)}</address>'
        elif isinstance(value, dict):
            yield f"<{key}>{''.join(_element(n, v) for n, v in value.items())}</{key}>"
        else:
            yield _element(key, value)


def _element(name: str, value: object) -> str:
    return f"<{name}>{escape(str(value))}</{name}>"


FEEDS: dict[str, tuple[str, Callable[[Offer, str], Row], Callable[[list[Row]], str]]] = {
    "google.csv": ("text/csv", _google, _table(",")),
    "google.tsv": ("text/tab-separated-values", _google, _table("\t")),
    "google.xml": ("application/rss+xml", _google, _rss),
    "meta.xml": ("application/xml", _meta, _listings),
    "meta.jsonl": ("application/x-ndjson", _meta, _lines),
    "homenet.csv": ("text/csv", _homenet, _table(",")),
}
