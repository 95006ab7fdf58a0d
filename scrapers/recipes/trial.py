"""Trials: what a recipe reads on a page, field by field, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.cars import OfferRow
from scrapers.normalise import Refused, normalise
from scrapers.normalise.draft import Draft
from scrapers.parsers.pages import Card, Detail, to_draft
from scrapers.recipes.model import Results, Value
from scrapers.recipes.parser import RecipeParser

WANTED = ("vin", "year", "make", "model", "price", "mileage", "url", "photos", "zip")
"""What people search by; a recipe that does not read one of these may have overlooked it."""

_UNDERSTOOD = {"stock_type": "condition", "exterior_color": "color"}


@dataclass(frozen=True, slots=True)
class Row:
    """One field: from where, what the first item says, what that means, in how many items."""

    field: str
    place: str
    says: str
    means: str
    items: int


@dataclass(slots=True)
class Trial:
    """What a page gives, as a `list` or as a `detail` page."""

    kind: str
    url: str
    items: int
    rows: list[Row] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    """What in the recipe may be a mistake, as sentences."""
    next_url: str | None = None
    gone: bool = False
    first_url: str | None = None
    """The first offer's own page, where there is one to read."""


def try_page(parser: RecipeParser, html: bytes, url: str) -> Trial:
    """The page as a list of offers, or as one offer's page where it is no list."""
    recipe = parser.recipe
    page = parser.parse_results(html, url)
    detail = parser.parse_detail(html, url)
    if detail.is_ours and len(page.items) < 2:
        return _of_detail(parser, detail, url)
    trial = Trial("list", url, len(page.items), problems=page.problems, next_url=page.next_url)
    fields, own = recipe.results.fields, "JSON-LD" if recipe.results.jsonld else "the address"
    _tell(trial, [_draft(card) for card in page.items], fields, own)
    trial.hints += _of_one_id(page.items)
    if not trial.items and not page.empty:
        trial.hints.insert(0, _without_items(recipe.results))
    linked = (card.url for card in page.items if not card.complete and card.url)
    trial.first_url = next(linked, None)
    return trial


def _of_detail(parser: RecipeParser, detail: Detail, url: str) -> Trial:
    wanted = parser.recipe.detail
    trial = Trial("detail", url, 1, problems=detail.problems, gone=detail.gone)
    card = Card(external_id=url, url=url, digest=None, values={})
    if wanted and not detail.gone:
        _tell(trial, [to_draft("trial", card, detail)], wanted.fields, "JSON-LD")
    return trial


def _draft(card: Card) -> Draft:
    return to_draft("trial", card, None)


def _tell(trial: Trial, drafts: Sequence[Draft], fields: Mapping[str, Value], own: str) -> None:
    """Fill in the rows, those of the recipe's fields first, and what no item has."""
    said = [_said(draft) for draft in drafts]
    rows = [_row_of(draft) for draft in drafts]
    names = dict.fromkeys([*fields, *(name for each in said for name in each)])
    for name in names:
        having = [at for at, each in enumerate(said) if name in each]
        first = having[0] if having else None
        trial.rows.append(
            Row(
                name,
                str(fields[name]) if name in fields else own,
                said[first][name] if first is not None else "",
                _meaning(rows[first], name) if first is not None else "",
                len(having),
            )
        )
    trial.hints += [hint for row in trial.rows if (hint := _hint(row, fields, said))]
    trial.missing = [name for name in WANTED if not any(_has(row, name) for row in rows)]


def _of_one_id(cards: Sequence[Card]) -> list[str]:
    """Whether offers would take one another's place; one that is shown twice is no mistake."""
    shown = {(card.external_id, card.url or card.digest) for card in cards}
    lost = len(shown) - len({card.external_id for card in cards})
    told = f"id: {lost} of {len(cards)} items have the id of another one and would not be kept."
    return [told] if lost else []


def _without_items(wanted: Results) -> str:
    """Why a list may have no item."""
    if wanted.items:
        return f"No item is found: nothing on the page is at {wanted.items}."
    if wanted.sitemap:
        return f"No address of the sitemap matches {wanted.sitemap}."
    return "No item is found: the page has no car in the words of schema.org."


def _hint(row: Row, fields: Mapping[str, Value], said: Sequence[dict[str, str]]) -> str | None:
    """What may be wrong with where a field is looked for."""
    place = fields.get(row.field)
    if place is None or not said:
        return None
    if not row.items:
        unmatched = ", or `match` does not match what is there" if place.match else ""
        return f"{row.field}: nothing is found at {row.place}{unmatched}."
    same = len(said) > 1 and all(each.get(row.field) == row.says for each in said)
    if same and place.xpath and place.xpath.startswith("/"):
        return (
            f"{row.field}: {row.place} says the same of every item: an XPath within an item begins"
            " with .//"
        )
    return None


def _said(draft: Draft) -> dict[str, str]:
    """What a draft says, by field."""
    own = {"id": draft.external_id, "url": draft.url, **draft.values}
    own |= {f"dealer_{name}": value for name, value in (draft.dealer or {}).items()}
    own |= {"features": " | ".join(draft.features), "photos": " | ".join(draft.photos)}
    return {name: value for name, value in own.items() if value}


def _row_of(draft: Draft) -> OfferRow | None:
    try:
        return normalise(draft)
    except Refused:
        return None


def _meaning(row: OfferRow | None, name: str) -> str:
    """What is kept of a field; empty for one that is kept as it is or not at all."""
    value: Any = getattr(row, _UNDERSTOOD.get(name, name), None)
    return "" if value is None or isinstance(value, list) else str(value)


def _has(row: OfferRow | None, name: str) -> bool:
    if row is None:
        return False
    if name == "zip":
        return bool(row.zip or row.lat or (row.dealer and row.dealer.zip))
    return bool(getattr(row, name))
