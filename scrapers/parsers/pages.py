"""What parsers make of pages: cards, pages of results, details."""

from dataclasses import dataclass, field
from typing import Protocol

from scrapers.draft import Draft


@dataclass(slots=True, kw_only=True)
class Card:
    """One offer as a page of results shows it, in the words of `Draft`.

    `digest` is of what a reader would notice, so that it stays the same when only a banner or the
    position on the page differs.
    """

    external_id: str
    url: str
    digest: str
    values: dict[str, str]
    dealer: dict[str, str] | None = None


@dataclass(slots=True, kw_only=True)
class Page:
    """One page of results.

    `empty` is true only when the page itself says that there is nothing: a page with no item that
    does not say so has the problem `parse/not_our_page` or `parse/challenge`.
    """

    items: list[Card] = field(default_factory=list)
    next_url: str | None = None
    empty: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def is_ours(self) -> bool:
        return bool(self.items) or self.empty


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
        photos=detail.photos,
        dealer=dealer or None,
        card_digest=card.digest,
        has_detail=has_detail,
        problems=detail.problems,
    )
