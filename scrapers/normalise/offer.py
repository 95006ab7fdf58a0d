"""From what a source says of a car to what the catalog keeps."""

import hashlib
from functools import lru_cache
from typing import TypeVar

from catalog.cars import DealerRow, OfferRow
from scrapers.normalise import numbers, vin
from scrapers.normalise.color import color_family
from scrapers.normalise.draft import Draft
from scrapers.normalise.money import money
from scrapers.normalise.name import (
    MAKES,
    leading_model,
    leading_year,
    only_maker,
    split_name,
    tidy_model,
    without_condition,
)
from scrapers.normalise.place import coordinates, place_of, state_code, zip_code
from scrapers.normalise.text import clean, labels, link, prose
from scrapers.normalise.vocabulary import Vocabulary

CONDITIONS = Vocabulary("condition")
YES_NO = Vocabulary("yes_no")
CHOICES = {
    name: Vocabulary(name) for name in ("body_type", "drivetrain", "fuel_type", "transmission")
}
"""The fields that have one value of a few."""

TEXTS = {
    "exterior_color": 100,
    "interior_color": 100,
    "engine": 200,
    "stock_number": 100,
}
"""Fields that are kept as they are written, and how long they may be."""

LONGEST_ID = 200

Value = TypeVar("Value")


class Refused(Exception):  # noqa: N818 - a verdict on the data, not a fault
    """A draft that cannot become an offer.

    `code` is a problem's code such as `vin/form`; `reason` is a sentence for people.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def normalise(draft: Draft) -> OfferRow:
    """The offer that a draft describes, in the catalog's vocabulary and units.

    What is not understood stays empty and leaves a problem's code; raises Refused where there is
    no key or no car. Pure: the same draft gives the same row.
    """
    values = draft.values
    row = OfferRow(
        source=draft.source,
        external_id=external_id(draft.external_id),
        card_digest=draft.card_digest,
        has_detail=draft.has_detail,
        problems=list(draft.problems),
    )
    _identify(row, values)
    for name, limit in TEXTS.items():
        if name in values:
            setattr(row, name, clean(values[name], limit))
    _choose(row, values)
    _count(row, values)
    _link(row, draft)
    _locate(row, draft)
    row.description = prose(values.get("description"))
    row.features = labels(draft.features, 200, 100)
    row.problems = list(dict.fromkeys(row.problems))
    return row


def external_id(text: str) -> str:
    """A source's own id, as the catalog keeps it; one too long for a key by its digest."""
    found = clean(text, 100_000)
    if found is None:
        raise Refused("key/missing", "The offer has no id.")
    if len(found) > LONGEST_ID:
        return hashlib.md5(found.encode(), usedforsecurity=False).hexdigest()
    return found


def _identify(row: OfferRow, values: dict[str, str]) -> None:
    """VIN, year, make, model and the title that people read."""
    row.vin = _vin(values.get("vin"), row.problems)
    row.title = _title(values.get("title"))
    row.year = _noted(numbers.year(values.get("year")), row.problems)
    row.make = _make(row, values.get("make"))
    row.trim = clean(values.get("trim"), 100)
    _model(row, clean(values.get("model"), 100))
    if row.make is None:
        _infer_make(row)
    if row.year is None and row.title is not None:
        row.year = leading_year(row.title)
    if row.title is None:
        parts = (str(row.year) if row.year else None, row.make, row.model, row.trim)
        row.title = " ".join(part for part in parts if part)[:300] or None
    if row.make is None and row.model is None and row.vin is None and row.title is None:
        raise Refused("car/unnamed", "Nothing says which car it is: no title, make, model or VIN.")


def _title(text: str | None) -> str | None:
    """A title without its condition; `Golf_3_1.6` is how some exports write spaces."""
    title = clean(text, 300)
    if title is None:
        return None
    return without_condition(title if " " in title else title.replace("_", " "))


def _model(row: OfferRow, model: str | None) -> None:
    """The model as its maker writes it; of one typed by hand with its trim, both.

    Where no field says it, the title may: after the make, or at its start.
    """
    if row.make is not None and model is not None and model.islower():
        known, rest = leading_model(row.make, model)
        row.trim = row.trim or (rest or None if known else None)
        row.model = known or tidy_model(row.make, model)
    elif model is not None or row.title is None or row.make is None:
        row.model = tidy_model(row.make, model)
    else:
        named = split_name(row.title)
        known = named.model if named.make == row.make else leading_model(row.make, row.title)[0]
        row.model = known


def _infer_make(row: OfferRow) -> None:
    """The make that the title or the model names, where no field says it."""
    for text in (row.title, row.model):
        named = split_name(text) if text else None
        if named is not None and named.make is not None:
            row.make = named.make
            row.year = row.year or named.year
            row.model = named.model if text is row.model else row.model or named.model
            return
    if row.model is not None:
        row.make = only_maker(row.model)
        row.model = tidy_model(row.make, row.model)


def _vin(text: str | None, problems: list[str]) -> str | None:
    """A VIN with its form; one that fails its check digit is kept and flagged."""
    found = clean(text, 100)
    if found is None:
        return None
    found = vin.tidy(found)
    if not vin.has_form(found):
        raise Refused(
            "vin/form",
            f"The VIN {found[:40]} is none: it takes 17 digits and letters without I, O and Q.",
        )
    if vin.is_filler(found):
        problems.append("vin/filler")
        return None
    if not vin.is_checked(found):
        problems.append("vin/check_digit")
    return found


def _noted(read: tuple[Value | None, str | None], problems: list[str]) -> Value | None:
    """The value of a reading; its problem joins the others."""
    value, problem = read
    if problem is not None:
        problems.append(problem)
    return value


def _not_understood(row: OfferRow, name: str, spelling: str) -> None:
    """Leave a problem's code, and the spelling for the report that vocabularies grow by."""
    row.problems.append(f"{name}/unknown")
    row.unknown.append((name, spelling))


def _make(row: OfferRow, text: str | None) -> str | None:
    """The maker as it writes itself; one that is not in the vocabulary as the source writes it."""
    found = clean(text, 100)
    if found is None:
        return None
    meaning = MAKES.meaning(found)
    if meaning.known:
        return meaning.value
    _not_understood(row, "make", found)
    return found.title() if found.islower() or (found.isupper() and len(found) > 4) else found


def _choose(row: OfferRow, values: dict[str, str]) -> None:
    """The fields with few values: unknown spellings leave them empty and a problem."""
    for name, vocabulary in CHOICES.items():
        if name in values and (text := clean(values[name], 100)) is not None:
            meaning = vocabulary.meaning(text)
            setattr(row, name, meaning.value)
            if not meaning.known:
                _not_understood(row, name, text)
    if row.exterior_color is not None:
        meaning = color_family(row.exterior_color)
        row.color = meaning.value
        if not meaning.known:
            _not_understood(row, "color", row.exterior_color)
    row.condition = _condition(row, values)


def _condition(row: OfferRow, values: dict[str, str]) -> str | None:
    """New, Used or Certified; the flag `certified` makes a used car certified."""
    text = clean(values.get("stock_type"), 100)
    meaning = CONDITIONS.meaning(text) if text is not None else None
    if text is not None and meaning is not None and not meaning.known:
        _not_understood(row, "condition", text)
    condition = meaning.value if meaning is not None else None
    flag = clean(values.get("cpo"), 20)
    if flag is not None and condition != "New" and YES_NO.meaning(flag).value == "yes":
        return "Certified"
    return condition


def _count(row: OfferRow, values: dict[str, str]) -> None:
    """Dollars and miles."""
    asked = money(values.get("price"))
    suggested = money(values.get("msrp"))
    row.price = asked.price
    row.msrp = suggested.msrp or suggested.price or asked.msrp
    if asked.problem is not None:
        row.problems.append(asked.problem)
    if suggested.problem not in (None, "price/msrp_only"):
        row.problems.append("msrp/unreadable")
    row.mileage = _noted(
        numbers.mileage(values.get("mileage"), values.get("mileage_unit")), row.problems
    )


def _link(row: OfferRow, draft: Draft) -> None:
    """The offer's page and its photos: only addresses that a browser should follow."""
    row.url = link(draft.url)
    if row.url is None and clean(draft.url) is not None:
        row.problems.append("url/unusable")
    links = (link(photo) for photo in draft.photos[:500])
    row.photos = list(dict.fromkeys(photo for photo in links if photo is not None))[:50]
    if not row.photos and draft.photos:
        row.problems.append("photos/unusable")


def _locate(row: OfferRow, draft: Draft) -> None:
    """Where it stands: at its dealer, or at a place of its own."""
    values = draft.values
    if draft.dealer is not None:
        row.dealer = _dealer(tuple(draft.dealer.items()))
    row.zip = _zip(values.get("zip"), row.problems)
    point = coordinates(values.get("lat"), values.get("lng"))
    if point is None and row.zip is not None and (place := place_of(row.zip)) is not None:
        point = (place.lat, place.lng)
    elif point is None and row.zip is not None:
        row.problems.append("zip/unknown")
    if point is not None:
        row.lat, row.lng = point
    elif values.get("lat") and values.get("lng"):
        row.problems.append("place/out_of_range")
    _leave_to_dealer(row, own="lat" in values)


def _leave_to_dealer(row: OfferRow, *, own: bool) -> None:
    """A place that only repeats the dealer's is the dealer's to say, and to change."""
    dealer = row.dealer
    if dealer is None or dealer.lat is None:
        return
    if not own and row.zip in (None, dealer.zip):
        row.zip = row.lat = row.lng = None


def _zip(text: str | None, problems: list[str]) -> str | None:
    found = clean(text, 20)
    if found is None:
        return None
    code = zip_code(found)
    if code is None:
        problems.append("zip/form")
    return code


@lru_cache(maxsize=20_000)
def _dealer(items: tuple[tuple[str, str], ...]) -> DealerRow | None:
    """A dealer's row, shared by the offers that name it alike; None if nothing names it."""
    said = dict(items)
    name = clean(said.get("name"), 200)
    own_id = clean(said.get("external_id"), LONGEST_ID)
    if name is None and own_id is None:
        return None
    code = zip_code(said["zip"].strip()) if said.get("zip") else None
    place = place_of(code) if code else None
    point = coordinates(said.get("lat"), said.get("lng")) or (place and (place.lat, place.lng))
    state = clean(said.get("state"), 50)
    city = clean(said.get("city"), 100) or (place.city if place else None)
    if own_id is None:
        own_id = _digest(name, clean(said.get("street")), city, code)
    return DealerRow(
        external_id=own_id,
        name=name or own_id,
        phone=clean(said.get("phone"), 50),
        street=clean(said.get("street")),
        city=city,
        state=state_code(state) if state else (place.state if place else None),
        zip=code,
        lat=point[0] if point else None,
        lng=point[1] if point else None,
        url=link(said.get("url")),
    )


def _digest(*parts: str | None) -> str:
    text = "\n".join((part or "").casefold() for part in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
