"""What all pages share: head, navigation, footer, and the search form."""

from functools import cache
from html import escape

import orjson

from stack.market import vocabulary
from stack.market.lot import slug
from stack.market.search import Query
from stack.market.templates import FOLDER, Template, template
from stack.market.wording import make_link

FLAGS = 400  # the real site carries its experiments' switches on every page
STOCK_TYPES = {"all": "New and used", "new": "New", "used": "Used", "cpo": "Certified"}
FLAG_WORDS = [
    "gallery_swipe",
    "lead_form_short",
    "price_badge_copy",
    "dealer_card_sticky",
    "similar_cars_model",
    "payment_estimate",
    "chat_widget",
    "save_toast",
    "photo_prefetch",
    "review_sort",
]
DISTANCES = (10, 25, 50, 100, 250, 500)


def page(title: str, content: str, *, canonical: str, head: str = "") -> bytes:
    """A whole page; `title` is plain text, `content` and `head` are HTML."""
    text = escape(title)
    values = {
        "title": f"{text} | Demo Market",
        "description": f"{text}. Photos, prices and dealers at the demo market.",
        "canonical": escape(canonical),
        "head": head,
        "content": content,
    }
    return _shell().fill(values).encode()


@cache
def _shell() -> Template:
    makes = "".join(
        f'<a href="{make_link(make)}" data-linkname="header-find-cars-{number}">{escape(make)}</a>'
        for number, make in enumerate(vocabulary.shares("makes"))
    )
    flags = {f"exp_{n:03d}_{FLAG_WORDS[n % len(FLAG_WORDS)]}": n % 3 == 0 for n in range(FLAGS)}
    static = {
        "css": (FOLDER / "market.css").read_text(),
        "flags": orjson.dumps(flags).decode(),
        "makes": makes,
        "cities": _cities(),
        "ray": "9b7c1f0d2e3a4b5c",
    }
    return template("shell.html").partly(static)


def _cities() -> str:
    return "".join(
        f'<a href="/shopping/results/?stock_type={stock}&amp;maximum_distance=50&amp;zip={code}">'
        f"{word} cars in {escape(city)}, {state}</a>"
        for city, state, code, _ in vocabulary.rows("metros")
        for stock, word in (("new", "New"), ("used", "Used"), ("cpo", "Certified"))
    )


def form(query: Query) -> str:
    """The search form with what was asked for."""
    makes = dict(_makes())
    chosen = query.makes[0] if query.makes else ""
    return template("form.html").fill(
        {
            "stock_types": _options(STOCK_TYPES, query.stock_type),
            "makes": _options(makes, chosen),
            "price": str(query.price_max or ""),
            "year": str(query.year_min or ""),
            "zip": escape(query.zip),
            "distances": _options(
                {"": "Anywhere"} | {str(miles): f"{miles} miles" for miles in DISTANCES},
                str(query.miles or ""),
            ),
        }
    )


@cache
def _makes() -> tuple[tuple[str, str], ...]:
    return tuple((slug(make), make) for make in sorted(vocabulary.shares("makes")))


def _options(words: dict[str, str], chosen: str) -> str:
    return "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{escape(word)}</option>'
        for value, word in words.items()
    )
