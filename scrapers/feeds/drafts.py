"""Drafts: a row's cells as what an offer says."""

import ast
import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.vocabulary import squeeze
from scrapers.feeds.columns import GENERAL_SELLERS, MANY, Column, Layout
from scrapers.feeds.tables import LIST_MARK
from scrapers.normalise.draft import VALUES as KNOWN
from scrapers.normalise.draft import Draft
from scrapers.normalise.place import place_of_city, state_code
from scrapers.normalise.vocabulary import Vocabulary

RENAMED = {"condition": "stock_type", "certified": "cpo"}
VALUES = RENAMED | {name: name for name in KNOWN - set(RENAMED.values())}
"""Fields that are a draft's values, and the values' names."""

DEALER = ("id", "name", "phone", "street", "city", "state", "zip", "lat", "lng", "url")
PLACE = ("street", "city", "state", "zip")

IDENTIFYING = (
    "vin",
    "title",
    "year",
    "make",
    "model",
    "trim",
    "body_type",
    "fuel_type",
    "transmission",
    "engine",
    "exterior_color",
    "interior_color",
    "mileage",
    "url",
    "zip",
    "city",
    "state",
    "lat",
    "lng",
    "location",
    "dealer_id",
    "dealer_name",
    "stock_number",
)
"""What tells a car without an id from others; not what changes while it is on sale."""

_MONEY = ("price", "msrp")
_NO_MONEY = re.compile(r"[\s$0.,]*")
_BETWEEN_LINKS = re.compile(r"(?<![|,;\s])[|,;\s]+(?=https?://|//)")
_SPACES = re.compile(r"[^\S\n]{2,}")  # each of many would be tried as the start of a mark
_BETWEEN_LABELS = re.compile(r"\s*[|;~\n]\s*|\s*,\s+|,(?=[A-Z])")
_OPENING = re.compile("['\"]")
_CLOSING = re.compile(r"""(['"])\s*(?=[,\]}])""")
_CITY_STATE_ZIP = re.compile(
    r"(?:(?P<street>.+?),\s*)?(?P<city>[^,\d]+?),\s*(?P<state>[A-Za-z]{2}|[A-Za-z]{4,}[A-Za-z ]*?)"
    r"\.?,?(?:\s+(?P<zip>\d{5})(?:-\d{4})?)?(?:,?\s*(?:USA?|United States))?\s*"
)
_ADDRESS_KEYS = {
    "street": ("addr1", "street", "street_address", "address1"),
    "city": ("city",),
    "state": ("region", "state"),
    "zip": ("postal_code", "zip", "postalcode"),
}
_LONGEST_ADDRESS = 1_000
_YES_NO = Vocabulary("yes_no")
_AVAILABILITY = Vocabulary("availability")


@dataclass(frozen=True)
class Reader:
    """Reads rows of one layout as drafts of one source; the same row always gives the same."""

    source: str
    layout: Layout

    def read(self, cells: list[str]) -> tuple[Draft, dict[str, str]]:
        """A row's draft, its id still empty, and all that was read by field."""
        said = {
            name: value
            for name, columns in self.layout.fields.items()
            if name not in MANY and (value := _first(name, columns, cells))
        }
        draft = Draft(source=self.source, external_id="", url=said.get("url"))
        draft.values = {VALUES[name]: value for name, value in said.items() if name in VALUES}
        if "currency" in said and "price" in said and said["price"][-1].isdigit():
            draft.values["price"] = f"{said['price']} {said['currency']}"
        if "is_new" in said and "condition" not in said:
            draft.values["stock_type"] = _new_or_used(said["is_new"])
        draft.features = labels(said.get("features", ""))
        draft.photos = self._photos(cells)
        _place(draft, said)
        return draft, said

    def _photos(self, cells: list[str]) -> list[str]:
        found: list[str] = []
        for column in self.layout.fields.get("photos", []):
            found += links(cells[column.at])
        return found


def is_offered(said: dict[str, str]) -> bool:
    """Whether a row's car can be had, as far as the row says that it cannot."""
    return _AVAILABILITY.meaning(said.get("availability", "")).value != "gone"


def key_of(said: dict[str, str]) -> str:
    """A stable key of a row without an id: a digest of what identifies its car."""
    text = "\n".join(f"{name}={squeeze(said[name])}" for name in IDENTIFYING if name in said)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _first(name: str, columns: list[Column], cells: list[str]) -> str:
    """The first value that says something; a price of 0 does not."""
    for index, _, unit in columns:
        text = cells[index].strip()
        if text and not (name in _MONEY and _NO_MONEY.fullmatch(text)):
            return f"{text} {unit}" if unit else text
    return ""


def _new_or_used(flag: str) -> str:
    return "new" if _YES_NO.meaning(flag).value == "yes" else "used"


def links(text: str) -> list[str]:
    """The addresses in a cell: one, several with separators, or a list as Python writes it."""
    text = text.strip()
    if text.startswith("["):
        text = LIST_MARK.join(_quoted(text))
    return [link for link in _BETWEEN_LINKS.split(text) if link]


def labels(text: str) -> list[str]:
    """The features in a cell, separated by marks, or a list as Python or JSON write it."""
    text = text.strip()
    if text.startswith("["):
        return list(_quoted(text))
    return [label for label in _BETWEEN_LABELS.split(_SPACES.sub(" ", text)) if label]


def _quoted(text: str) -> Iterator[str]:
    """The texts in quotes of a list; a quote ends where a comma or bracket follows.

    The ends are looked for once, so that a cell of nothing but quotes is no work.
    """
    ends: dict[str, list[int]] = {"'": [], '"': []}
    for found in _CLOSING.finditer(text):
        ends[found[1]].append(found.start())
    at = 0
    while opening := _OPENING.search(text, at):
        at, known = opening.end(), ends[opening[0]]
        following = bisect_left(known, at)
        if following < len(known):
            yield text[at : known[following]]
            at = known[following] + 1


def address(text: str) -> dict[str, str]:
    """Street, city, state and zip of an address, as JSON-like text or as a line of post."""
    text = text.strip()[:_LONGEST_ADDRESS]
    if text.startswith("{"):
        data = _object(text)
        return {
            name: str(data[key])
            for name, keys in _ADDRESS_KEYS.items()
            for key in keys
            if data.get(key)
        }
    match = _CITY_STATE_ZIP.fullmatch(text)
    return {name: value for name, value in match.groupdict().items() if value} if match else {}


def _object(text: str) -> dict[Any, Any]:
    """An object as JSON or as Python writes it; nothing where it is neither."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            data = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return {}
    return data if isinstance(data, dict) else {}


def _place(draft: Draft, said: dict[str, str]) -> None:
    """Where the car stands: its dealer's place where one is named, else its own."""
    place = address(said.get("location", "")) | {n: said[n] for n in PLACE if n in said}
    dealer = {name: said[f"dealer_{name}"] for name in DEALER if f"dealer_{name}" in said}
    if squeeze(dealer.get("name", "")) in GENERAL_SELLERS:
        dealer.pop("name", None)
    if "name" in dealer or "id" in dealer:
        if "id" in dealer:
            dealer["external_id"] = dealer.pop("id")
        parsed = address(dealer.get("street", ""))
        draft.dealer = place | parsed | dealer
        if "street" in parsed:
            draft.dealer["street"] = parsed["street"]
        draft.values.pop("zip", None)
        return
    if "zip" in place:
        draft.values["zip"] = place["zip"]
    elif "lat" not in said and "city" in place and "state" in place:
        found = place_of_city(place["city"], state_code(place["state"]))
        if found is not None:
            draft.values |= {"lat": str(found.lat), "lng": str(found.lng)}
