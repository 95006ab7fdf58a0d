"""Pages with many cars: the home page and the pages of results."""

from collections.abc import Iterable
from html import escape

import numpy as np

from stack.market import generations, search, shell, wording
from stack.market.lot import Lot
from stack.market.search import Query
from stack.market.templates import template
from stack.market.wording import Offer

NEWEST = 12
NO_RESULTS = (
    '<div class="no-results" id="no-results"><h2>No results found</h2>'
    "<p>No cars match. Try a wider search.</p></div>"
)


def home(lot: Lot, query: Query) -> bytes:
    """The home page: a search form and the latest arrivals."""
    newest = lot.live[np.argsort(lot.table.arrived[lot.live])[::-1][:NEWEST]]
    when = wording.dated(lot.clock.now.day)
    content = template("home.html").fill(
        {
            "count": f"{len(lot.live):,}",
            "dealers": f"{len(lot.source.dealers.all):,}",
            "date": f"{when:%B} {when.day}, {when.year}",
            "form": shell.form(query),
            "cards": _cards(lot, newest.tolist(), 1),
        }
    )
    return shell.page("New and used cars for sale", content, canonical="/")


def results(lot: Lot, query: Query) -> bytes:
    """A page of results; past the last one it says that there are none."""
    found = search.matches(lot, query)
    shown = search.page_of(found, query.page, query.page_size).tolist()
    heading = f"{shell.STOCK_TYPES[query.stock_type]} cars for sale"
    content = template("results.html").fill(
        {
            "heading": heading,
            "form": shell.form(query),
            "total": str(len(found)),
            "count": f"{len(found):,}",
            "body": _page(lot, query, shown, len(found)) if shown else NO_RESULTS,
        }
    )
    return shell.page(heading, content, canonical="/shopping/results/")


def _page(lot: Lot, query: Query, shown: list[int], total: int) -> str:
    last = search.pages(total, query.page_size)
    return (
        f'<div class="results" id="vehicle-cards-container">{_cards(lot, shown, query.page)}</div>'
        f'<nav class="pager" aria-label="Pages">{_turn(query, -1, "Previous", last)}'
        f"<span>Page {query.page:,} of {last:,}</span>{_turn(query, 1, 'Next', last)}</nav>"
    )


def _turn(query: Query, step: int, word: str, last: int) -> str:
    page = query.page + step
    if not 1 <= page <= last:
        return "<span></span>"
    rel = "next" if step > 0 else "prev"
    href = escape(search.address(query, page))
    return (
        f'<a rel="{rel}" id="{rel}_paginate" aria-label="{word} page" class="button"'
        f' href="{href}">{word}</a>'
    )


def _cards(lot: Lot, positions: Iterable[int], page: int) -> str:
    card = template(generations.template_of(lot.generation))
    offers = [wording.offer(lot, at) for at in positions]
    element = {"element": lot.generation}
    cards = "".join(
        card.fill(_card(offered, page, place) | element) for place, offered in enumerate(offers, 1)
    )
    return generations.around(lot.generation, cards, offers, page)


def _card(offered: Offer, page: int, place: int) -> dict[str, str]:
    car, dealer, kind = offered.car, offered.dealer, offered.car.kind
    return {
        "uuid": car.uuid,
        "json": wording.attribute(wording.card_data(offered, page, place)),
        "stock_type": wording.stock_type(car),
        "stock_word": "New" if car.new else "Used",
        "vin": car.vin,
        "year": str(kind.year),
        "make": escape(kind.make),
        "model": escape(kind.model),
        "trim": escape(car.trim),
        "price_data": wording.price_data(offered) or "",
        "mileage_data": "" if car.mileage is None else str(car.mileage),
        "customer": dealer.id,
        "title": escape(wording.title(car)),
        "mileage": wording.mileage(car),
        "price": wording.dollars(offered.price),
        "drop": wording.drop(offered),
        "badges": wording.badges(offered),
        "dealer": escape(dealer.name),
        "city": escape(f"{dealer.place.city}, {dealer.place.state}"),
    }
