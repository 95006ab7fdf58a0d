"""Cars: what schema.org's words say of one, in the words of a draft.

https://schema.org/Car, and how sites write it: a VIN as `sku`, a price in any of five places,
`4,120` as a mileage, a maker by reference.
"""

import hashlib
import re
from typing import Any

from scrapers.normalise import text as texts
from scrapers.normalise.name import split_name
from scrapers.normalise.vin import has_form
from scrapers.parsers.html import clean, filled
from scrapers.parsers.jsonld.blocks import Object
from scrapers.parsers.jsonld.graph import Graph, Item, listed, said, types
from scrapers.parsers.jsonld.prices import asked, offers
from scrapers.parsers.jsonld.sellers import seller

VEHICLES = frozenset({"Car", "Vehicle", "Motorcycle", "MotorizedBicycle", "BusOrCoach"})
PRODUCTS = frozenset({"Product", "IndividualProduct", "ProductModel", "Offer"})
TELLING = frozenset(
    {
        *("vehicleIdentificationNumber", "mileageFromOdometer", "vehicleModelDate", "bodyType"),
        *("driveWheelConfiguration", "vehicleTransmission", "vehicleEngine", "fuelType"),
    }
)
"""Properties that only vehicles have."""

VINS = ("vehicleIdentificationNumber", "sku", "productID", "mpn", "serialNumber")
YEARS = ("vehicleModelDate", "modelDate", "productionDate", "releaseDate")
CHANGING = frozenset({"price", "msrp", "description"})
SOLD = frozenset({"SoldOut", "OutOfStock", "Discontinued"})

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_INSTALMENT = re.compile(r"per\s+month|/\s*mo\b|monthly|p\.?m\.?$|[$€£]\s?\d|\d\s?%", re.IGNORECASE)


def is_car(thing: Object) -> bool:
    """Whether an object is a car: by its type, or a product that has what only vehicles have."""
    kinds = types(thing)
    if kinds & VEHICLES:
        return thing.keys() > {"@type", "@id"} or len(thing) > 2
    if not kinds & PRODUCTS or "itemOffered" in thing:
        return False
    return bool(thing.keys() & TELLING) or _vin(thing) != "" or _is_known_by_name(thing)


def _is_known_by_name(thing: Object) -> bool:
    """Whether a product's name begins as those of cars do: a year, and a maker's model."""
    named = split_name(said(thing.get("name"))[:200])
    return named.year is not None and named.make is not None


def values(graph: Graph, item: Item) -> dict[str, str]:
    """What the object and its offer say, in the words of `Draft.values`; unread where empty."""
    thing = {key: _followed(graph, value) for key, value in item.thing.items()}
    engine = next((e for e in listed(thing.get("vehicleEngine")) if isinstance(e, dict)), {})
    own = offers(graph, item)
    money = asked([offer for offer in own if not _is_over(offer)] or own)
    vin = _vin(thing)
    mileage, unit = _distance(thing.get("mileageFromOdometer"))
    return filled(
        [
            ("vin", vin),
            ("title", _title(said(thing.get("name")))),
            *(("year", said(thing.get(key))) for key in YEARS),
            ("make", _name_of(thing.get("brand"))),
            ("make", _name_of(thing.get("manufacturer"))),
            ("model", _name_of(thing.get("model"))),
            ("trim", said(thing.get("vehicleConfiguration"))),
            ("body_type", _word(thing.get("bodyType"))),
            ("drivetrain", _word(thing.get("driveWheelConfiguration"))),
            ("fuel_type", _word(thing.get("fuelType"))),
            ("fuel_type", _word(engine.get("fuelType"))),
            ("transmission", _word(thing.get("vehicleTransmission"))),
            *(("stock_type", _word(each.get("itemCondition"))) for each in (thing, *own)),
            ("exterior_color", said(thing.get("color"))),
            ("interior_color", said(thing.get("vehicleInteriorColor"))),
            ("engine", _name_of(thing.get("vehicleEngine"))),
            ("mileage", mileage),
            ("mileage_unit", unit),
            ("price", money.price),
            ("msrp", money.msrp),
            *(("stock_number", _stock_number(thing, key, vin)) for key in ("sku", "mpn")),
            ("zip", _own_zip(graph, item)),
        ]
    )


def identity(item: Item, vin: str) -> str:
    """What the site calls the car: its VIN, else a number of its own that is no address."""
    numbers = (_number(item.thing.get(key)) for key in ("sku", "productID", "@id", "mpn"))
    return vin or next((n for n in numbers if n and not _is_address(n)), "")


def likeness(values: dict[str, str]) -> str:
    """A key for a car that has no number and no page: a digest of what stays the same of it."""
    lasting = {name: value for name, value in values.items() if name not in CHANGING}
    if not lasting.keys() & {"title", "make", "model"} and len(lasting) < 3:
        return ""
    told = "\n".join(f"{name}={value}" for name, value in sorted(lasting.items()))
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


def address(graph: Graph, item: Item) -> str:
    """Where the car's own page is, as it is written; empty where nothing says it."""
    holders = (item.thing, *offers(graph, item))
    found = [_link(holder.get(key)) for key in ("url", "mainEntityOfPage") for holder in holders]
    name = said(item.thing.get("@id"))
    return next((link for link in (*found, name if "://" in name else "") if link), "")


def is_sold(graph: Graph, item: Item) -> bool:
    """Whether every offer of it says that it can no longer be bought."""
    own = offers(graph, item)
    return bool(own) and all(_is_over(offer) for offer in own)


def _is_over(offer: Object) -> bool:
    return types_of_word(offer.get("availability")) in SOLD


def types_of_word(value: Any) -> str:
    """`https://schema.org/SoldOut` as `SoldOut`."""
    return said(value).rstrip("/").rpartition("/")[2]


def photos(thing: Object) -> list[str]:
    """Addresses of pictures: `image` is a text, an ImageObject or a list of either."""
    found = [_picture(each) for key in ("image", "photo") for each in listed(thing.get(key))]
    return [picture for picture in dict.fromkeys(found) if picture]


def _picture(value: Any) -> str:
    if isinstance(value, dict):
        keys = ("contentUrl", "url", "@id", "thumbnailUrl")
        return next((found for key in keys if (found := _link(value.get(key)))), "")
    return clean(value) if isinstance(value, str) else ""


def _followed(graph: Graph, value: Any) -> Any:
    if isinstance(value, list):
        return [graph.resolve(each) for each in value]
    return graph.resolve(value)


def _vin(thing: Object) -> str:
    """The VIN by its own name as it is written; by another name only what has a VIN's form."""
    own = _number(thing.get(VINS[0]))
    if own:
        return own
    numbers = (said(thing.get(key)).upper() for key in VINS[1:])
    return next((number for number in numbers if has_form(number)), "")


def _number(value: Any) -> str:
    """A number of the car, as text; `N/A` is none."""
    text = said(value)
    return text if texts.clean(text) else ""


def _stock_number(thing: Object, key: str, vin: str) -> str:
    number = said(thing.get(key))
    return "" if number.upper() == vin.upper() or _is_address(number) else number


def _title(name: str) -> str:
    """The name without the parts that speak of instalments: `Wraith | AED 18,082 Per Month`."""
    parts = [part for part in name.split("|") if not _INSTALMENT.search(part)]
    return clean("|".join(parts)) or name


def _name_of(value: Any) -> str:
    """A name; an object that has none, such as a reference to nowhere, says nothing."""
    if isinstance(value, dict):
        return said(value.get("name"))
    text = said(value)
    return "" if _is_address(text) else text


def _word(value: Any) -> str:
    """A word of schema.org or of the site: `…/FourWheelDriveConfiguration` in plain words."""
    text = said(value)
    if "schema.org/" in text:
        text = _CAMEL.sub(" ", text.rstrip("/").rpartition("/")[2])
        return text.removesuffix(" Configuration").removesuffix(" Condition")
    return text


def _distance(value: Any) -> tuple[str, str]:
    """Number and unit of `mileageFromOdometer`: an object, a text or a number."""
    for each in listed(value):
        if isinstance(each, dict):
            unit = said(each.get("unitCode")) or said(each.get("unitText"))
            number = said(each.get("value")) or said(each.get("name")) or said(each.get("maxValue"))
            return number, unit
        if text := said(each):
            return text, ""
    return "", ""


def _own_zip(graph: Graph, item: Item) -> str:
    """The postal code, where no seller of that name and place is kept."""
    found = seller(graph, item)
    return "" if found.get("name") else found.get("zip", "")


def _is_address(text: str) -> bool:
    return "://" in text or text.startswith(("/", "#", "_:"))


def _link(value: Any) -> str:
    """An address; `_:b0` and `#car` name nodes of the page."""
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    for each in listed(value):
        if isinstance(each, str) and (text := clean(each)):
            return "" if text.startswith(("#", "_:")) else text
    return ""
