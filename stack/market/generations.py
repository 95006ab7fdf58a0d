"""Generations of result cards: how the site writes the same cars, newest first."""

from collections.abc import Iterable

from stack.market import wording
from stack.market.wording import Offer

FUSE = "fuse-card"  # since March 2026: the data of each card in an attribute
SPARK = "spark-card"  # until then: another element with the same attribute
ACTIVITY = "site-activity"  # until January 2026: the data of all cards in one attribute of the page
PLAIN = "vehicle-card"  # before that: no data at all
GENERATIONS = (FUSE, SPARK, ACTIVITY, PLAIN)


def template_of(generation: str) -> str:
    """The template of one card."""
    return "card.html" if generation in (FUSE, SPARK) else "old_card.html"


def around(generation: str, cards: str, offers: Iterable[Offer], page: int) -> str:
    """The cards with what the page says of all of them."""
    if generation != ACTIVITY:
        return cards
    vehicles = [wording.card_data(offered, page, at) for at, offered in enumerate(offers, 1)]
    data = {"page_type": "shopping_results", "page": page, "vehicleArray": vehicles}
    return f'<div class="sds-page" data-site-activity="{wording.attribute(data)}">{cards}</div>'
