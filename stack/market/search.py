"""Finding cars: the query of a results page, and which live cars match it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

import numpy as np

from stack.market.lot import Lot, slug
from stack.market.places import miles, places
from stack.market.vocabulary import Bools, Ints, Strings

LARGEST_PAGE = 100
USUAL_PAGE = 20
REPEAT_EVERY = 4  # the last car of every fourth page is shown again on the next


class Asked(Protocol):
    """The parameters of an address; a name may come several times."""

    def getall(self, key: str, default: Sequence[str], /) -> Sequence[str]: ...
    def get(self, key: str, default: str, /) -> str: ...


class Query(NamedTuple):
    """What was asked for; empty or None where nothing, or nothing sensible, was."""

    stock_type: str
    makes: tuple[str, ...]
    models: tuple[str, ...]
    zip: str
    miles: int | None
    year_min: int | None
    year_max: int | None
    price_max: int | None
    page: int
    page_size: int


def read(asked: Asked) -> Query:
    """The query of an address. What is not understood is ignored, as on the real site."""
    stock_type = asked.get("stock_type", "all")
    return Query(
        stock_type if stock_type in ("new", "used", "cpo") else "all",
        tuple(slug(value) for value in asked.getall("makes[]", ()) if value),
        tuple(slug(value) for value in asked.getall("models[]", ()) if value),
        asked.get("zip", ""),
        _number(asked.get("maximum_distance", "")),
        _number(asked.get("year_min", "")),
        _number(asked.get("year_max", "")),
        _number(asked.get("list_price_max", "")),
        max(_number(asked.get("page", "")) or 1, 1),
        min(max(_number(asked.get("page_size", "")) or USUAL_PAGE, 1), LARGEST_PAGE),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def address(query: Query, page: int) -> str:
    """The address of a page of the same results."""
    fields: Mapping[str, Sequence[str] | str | int | None] = {
        "stock_type": query.stock_type,
        "makes[]": query.makes,
        "models[]": query.models,
        "zip": query.zip,
        "maximum_distance": query.miles,
        "year_min": query.year_min,
        "year_max": query.year_max,
        "list_price_max": query.price_max,
        "page": page,
        "page_size": query.page_size,
    }
    said = {name: value for name, value in fields.items() if value}
    return "/shopping/results/?" + urlencode(said, doseq=True)


def matches(lot: Lot, query: Query) -> Ints:
    """Positions of the live cars that match, in the order they are shown."""
    table = lot.table
    keep = lot.alive.copy()
    if query.stock_type == "new":
        keep &= table.new
    elif query.stock_type == "used":
        keep &= ~table.new
    elif query.stock_type == "cpo":
        keep &= table.certified
    keep &= _one_of(table.make, query.makes) & _one_of(table.model, query.models)
    if query.year_min:
        keep &= table.year >= query.year_min
    if query.year_max:
        keep &= table.year <= query.year_max
    if query.price_max:
        keep &= (lot.price > 0) & (lot.price <= query.price_max)
    center = places().get(query.zip)
    if center and query.miles is not None:
        dealers = lot.source.dealers
        near = miles(center.lat, center.lng, dealers.lats, dealers.lngs) <= query.miles
        keep &= near[table.dealer]
    return np.flatnonzero(keep)


def _one_of(values: Strings, wanted: tuple[str, ...]) -> Bools:
    """Rows with a wanted value; all rows when no value is known, as the real site does."""
    keep = np.zeros(len(values), dtype=bool)
    for value in wanted:
        keep |= values == value
    return keep if keep.any() else ~keep


def page_of(found: Ints, page: int, size: int) -> Ints:
    """The cars of a page (counted from 1). Some cars near an edge stand on two pages."""
    start = (page - 1) * size - _repeated_before(page, size)
    return found[start : start + size]


def pages(total: int, size: int) -> int:
    """How many pages so many cars fill."""
    page = total // size + 1
    while (page - 1) * size - _repeated_before(page, size) < total:
        page += 1
    while page > 1 and (page - 1) * size - _repeated_before(page, size) >= total:
        page -= 1
    return page if total else 0


def _repeated_before(page: int, size: int) -> int:
    return (page - 1) // REPEAT_EVERY if size > 1 else 0
