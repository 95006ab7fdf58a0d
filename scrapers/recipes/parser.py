"""A recipe as a parser: pure functions from pages to items and problems, like any other."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapers.normalise.draft import VALUES
from scrapers.parsers.html import link, stranger, string, tree
from scrapers.parsers.jsonld.cars import is_sold, likeness
from scrapers.parsers.jsonld.graph import Item
from scrapers.parsers.jsonld.pages import card_of, detail_of, links, path_of
from scrapers.parsers.pages import Card, Detail, Page, digest_of
from scrapers.parsers.personal import scrub
from scrapers.parsers.sitemap import parse_sitemap
from scrapers.recipes.model import Counted, Recipe, Value
from scrapers.recipes.scope import PageOf, Scope

NOT_OURS = "parse/not_our_page"
UNREADABLE = "parse/card_unreadable"

_next = string("(//a[@rel='next'] | //link[@rel='next'])/@href")

Said = dict[str, list[str]]


class RecipeParser:
    """Reads pages as a recipe says; `version` changes when it would read them in another way."""

    def __init__(self, recipe: Recipe, version: str = "") -> None:
        self.recipe, self.version = recipe, version
        self.has_offer_pages = recipe.detail is not None

    def parse_results(self, html: bytes, url: str) -> Page:
        """A page of results, or a sitemap."""
        wanted = self.recipe.results
        if wanted.sitemap:
            return parse_sitemap(html, url, wanted.sitemap)
        root = tree(html)
        if root is None:
            return Page(problems=[NOT_OURS])
        scope = Scope(PageOf(root, url))
        cards = self._cards(scope)
        items = [card for card in cards if card]
        page = Page(items=items, problems=[UNREADABLE] * (len(cards) - len(items)))
        if items:
            page.next_url = self._next(scope)
        elif not cards and self._is_empty(scope):
            page.empty = True
            sold = self.recipe.results.jsonld and scope.page.things.cars  # others may follow
            page.next_url = self._next(scope) if sold and not self.recipe.results.counted else None
        else:
            page.problems.append(stranger(root))
        return page

    def parse_detail(self, html: bytes, url: str) -> Detail:
        """An offer's own page."""
        wanted, root = self.recipe.detail, tree(html)
        if wanted is None or root is None:
            return Detail(problems=[NOT_OURS])
        scope = Scope(PageOf(root, url))
        if wanted.gone and scope.shows(wanted.gone):
            return Detail(gone=True)
        things, car = scope.page.things, scope.page.car
        detail = Detail()
        if wanted.jsonld and car:
            if is_sold(things.graph, car):
                return Detail(gone=True)
            detail = detail_of(things, car, url)
        said = read_fields(scope, wanted.fields)
        detail.values |= values_of(said)
        detail.features = said.get("features") or detail.features
        detail.photos = said.get("photos") or detail.photos
        detail.dealer = (detail.dealer or {}) | dealer_of(said) or None
        detail.problems = _missing(detail) if detail.values else [stranger(root)]
        return detail

    def _cards(self, scope: Scope) -> list[Card | None]:
        """A card for each item; None for one that does not say which offer it is."""
        wanted = self.recipe.results
        if wanted.jsonld:
            things = scope.page.things
            linked = [] if things.cars else links(things.graph, scope.page.url)
            return [*(self._of_thing(scope, item) for item in things.offered), *linked]
        assert wanted.items is not None
        return [self._of_item(inner) for inner in scope.items(wanted.items)]

    def _of_thing(self, scope: Scope, item: Item) -> Card | None:
        card = card_of(scope.page.things.graph, item, scope.page.url)
        said = read_fields(Scope(scope.page, thing=item.thing), self.recipe.results.fields)
        return self._card(said, scope.page.url, card)

    def _of_item(self, scope: Scope) -> Card | None:
        return self._card(read_fields(scope, self.recipe.results.fields), scope.page.url, None)

    def _card(self, said: Said, base: str, card: Card | None) -> Card | None:
        """A card of what was said; over what a thing of the page says, if it is one."""
        values = (card.values if card else {}) | values_of(said)
        dealer = ((card.dealer if card else None) or {}) | dealer_of(said)
        url = _first(said, "url") or (card.url if card else None)
        external_id = (
            _first(said, "id")
            or (card.external_id if card else "")
            or values.get("vin", "")
            or path_of(url)
            or likeness(values)
        )
        if not external_id:
            return None
        return Card(
            external_id=external_id,
            url=url,
            digest=digest_of(url or "", values, dealer) if "price" in values else None,
            values=values,
            dealer=dealer or None,
            photos=said.get("photos") or (card.photos if card else []),
            complete=self.recipe.detail is None,
        )

    def _is_empty(self, scope: Scope) -> bool:
        """Whether a page without items says that there are none."""
        wanted = self.recipe.results
        if wanted.jsonld and scope.page.things.says_empty:
            return True
        return wanted.empty is not None and scope.shows(wanted.empty)

    def _next(self, scope: Scope) -> str | None:
        """Where the next page is."""
        wanted, url = self.recipe.results, scope.page.url
        if wanted.counted:
            return _counted_up(url, wanted.counted)
        if wanted.following:
            return scope.address(wanted.following)
        return link(url, _next(scope.page.root))


def read_fields(scope: Scope, fields: Mapping[str, Value]) -> Said:
    """What each field says; those that say nothing are left out."""
    found = ((name, scope.texts(name, value)) for name, value in fields.items())
    return {name: texts for name, texts in found if texts}


def values_of(said: Said) -> dict[str, str]:
    """The draft's values; of descriptions and titles without what is personal."""
    values = {name: texts[0] for name, texts in said.items() if name in VALUES}
    for name in ("description", "title"):
        if name in values:
            values[name] = scrub(values[name])
    return {name: value for name, value in values.items() if value}


def dealer_of(said: Said) -> dict[str, str]:
    """The draft's dealer."""
    found = {name.removeprefix("dealer_"): t[0] for name, t in said.items() if "dealer_" in name}
    if "id" in found:
        found["external_id"] = found.pop("id")
    return found


def _first(said: Said, name: str) -> str:
    return next(iter(said.get(name, [])), "")


def _missing(detail: Detail) -> list[str]:
    named = detail.values.keys() & {"make", "title", "vin", "model"}
    return [
        *([] if named else ["parse/make_missing"]),
        *([] if "price" in detail.values else ["parse/price_missing"]),
    ]


def _counted_up(url: str, counted: Counted) -> str:
    """The address with the parameter one step further."""
    parts = urlsplit(url)
    said = parse_qsl(parts.query, keep_blank_values=True)
    now = dict(said).get(counted.parameter, "")
    number = int(now) if re.fullmatch(r"\d{1,9}", now) else counted.first
    others = [pair for pair in said if pair[0] != counted.parameter]
    following = [*others, (counted.parameter, str(number + counted.step))]
    return urlunsplit(parts._replace(query=urlencode(following)))
