"""What parsers make of pages: cards, pages of results, details."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from scrapers.normalise import Refused
from scrapers.normalise.draft import Draft
from scrapers.normalise.offer import external_id
from scrapers.normalise.vin import differ


@dataclass(slots=True, kw_only=True)
class Card:
    """One offer as a page of results shows it, in the words of `Draft`.

    `external_id` becomes what the catalog keeps of it: an offer is known by that.
    `url` is the offer's own page, None where it has none; `complete` says that the card is all
    there is to know, so that the page need not be read.
    `digest` is of what a reader would notice, so that it stays the same when only a banner or the
    position on the page differs; None on a card that says too little to tell a change by: its page
    is read at every visit.
    """

    external_id: str
    url: str | None
    digest: str | None
    values: dict[str, str]
    dealer: dict[str, str] | None = None
    photos: list[str] = field(default_factory=list)
    complete: bool = False

    def __post_init__(self) -> None:
        with suppress(Refused):  # which it is told by where it is normalised
            self.external_id = external_id(self.external_id)


def digest_of(address: str, values: dict[str, str], dealer: dict[str, str] | None) -> str:
    """A card's digest; whatever else a card holds may change at every visit.

    So may the query of its address, which says where on the page somebody clicked.
    """
    told = orjson.dumps(
        [address.partition("?")[0], values, dealer or {}], option=orjson.OPT_SORT_KEYS
    )
    return hashlib.blake2b(told, digest_size=16).hexdigest()


@dataclass(slots=True, kw_only=True)
class Page:
    """One page of results; `pages` are more of the list, as a sitemap's index names them.

    `empty` is true only when the page itself says that there is nothing: a page with no item that
    does not say so has the problem `parse/not_our_page` or `parse/challenge`.
    """

    items: list[Card] = field(default_factory=list)
    next_url: str | None = None
    pages: list[str] = field(default_factory=list)
    empty: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def is_ours(self) -> bool:
        return bool(self.items or self.pages) or self.empty


@dataclass(slots=True, kw_only=True)
class Detail:
    """One offer's own page; `gone` when it says that the offer is no longer there."""

    values: dict[str, str] = field(default_factory=dict)
    features: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    dealer: dict[str, str] | None = None
    gone: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def is_ours(self) -> bool:
        return self.gone or bool(self.values)


OTHER_CAR = "link/other_car"


def about(vin: str | None, detail: Detail) -> Detail:
    """What a page says of the car with this VIN: nothing, where it is about another one.

    An address may have been given to another car, or lead to one that is much like it.
    """
    is_other = differ(vin or "", detail.values.get("vin", ""))
    return Detail(problems=[OTHER_CAR]) if is_other else detail


class Parser(Protocol):
    """Pure functions from a page's bytes to what it says; they never raise for what is on it."""

    def parse_results(self, html: bytes, url: str) -> Page: ...

    def parse_detail(self, html: bytes, url: str) -> Detail: ...


def to_draft(source: str, card: Card, detail: Detail | None) -> Draft:
    """Join what the card and the detail say; the detail, read later, wins."""
    has_detail = detail is not None
    detail = detail or Detail()
    dealer = {**(card.dealer or {}), **(detail.dealer or {})}
    return Draft(
        source=source,
        external_id=card.external_id,
        url=card.url,
        values={**card.values, **detail.values},
        features=detail.features,
        photos=detail.photos or card.photos,
        dealer=dealer or None,
        card_digest=card.digest,
        has_detail=has_detail,
        problems=detail.problems,
    )
