"""What is kept of searches and of what people do with their results, as rows of Postgres."""

import random
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from service.analytics.masking import masked, writable
from service.understanding.search import Search


class SearchRow(NamedTuple):
    """A row of `search_events`."""

    query_id: UUID
    at: datetime
    collection: str
    visitor: int
    q: str
    filters: list[str]
    results: int
    page: int


class ListingRow(NamedTuple):
    """A row of `listing_events`; by its random `id` Postgres knows one that it has already."""

    id: int
    at: datetime
    query_id: UUID
    kind: str
    key: str
    position: int


Row = SearchRow | ListingRow

TABLES: dict[type[Row], str] = {SearchRow: "search_events", ListingRow: "listing_events"}


NO_FILTERS = ("q", "sort", "place", "unit", "not")
"""Members of `applied` that leave nothing out, or that are told by their values."""


class Told(NamedTuple):
    """What a search is remembered by: its text, and its filters."""

    q: str
    filters: list[str]


def told(typed: str, search: Search) -> Told:
    """A search in the words that are kept; `typed` is the text as it came.

    Filters are `make=Toyota` where values are chosen. Of a bound or a place only the parameter's
    name is kept: a ZIP code may tell where somebody lives.
    """
    values = [
        *(
            (name, value)
            for name, groups in search.chosen.items()
            for one in groups
            for value in one
        ),
        *((f"{name}_all", value) for name, given in search.required.items() for value in given),
        *((f"{name}_not", value) for name, given in search.excluded.items() for value in given),
    ]
    facets = {*search.vertical.facets, *(f"{name}_all" for name in search.required)}
    names = [name for name in search.applied if name not in facets and name not in NO_FILTERS]
    return remembered(typed, (*(f"{name}={masked(value)}" for name, value in values), *names))


def remembered(typed: str, filters: Iterable[str]) -> Told:
    """The text as it is kept, and the filters, as texts that Postgres takes: one that it refuses
    would lose all rows that are written with it.
    """
    return Told(masked(typed), [writable(name) for name in filters])


def new_number() -> int:
    """A number that no other row has (63 bits, by chance)."""
    return random.getrandbits(63)


def new_id(now: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562): those of one time are stored side by side."""
    milliseconds = int(now.timestamp() * 1000)
    low = random.getrandbits(74)
    return UUID(
        int=milliseconds << 80 | 7 << 76 | (low >> 62) << 64 | 2 << 62 | low & (1 << 62) - 1
    )
