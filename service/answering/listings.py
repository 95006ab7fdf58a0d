"""Listings: the engine's documents as people see them."""

import html
from collections.abc import Collection, Iterable
from typing import Any

from catalog.vertical import Vertical
from service.answering.queries import MARKS
from service.answering.results import Document, value
from service.geography.places import Place, distance
from service.understanding.search import Search

KEY = "[A-Za-z0-9_-]{1,200}"
"""The form of a listing's key, which is also its document's id."""

LOCATION = "location"
DISTANCE = "distance"


def listing(vertical: Vertical, document: Document) -> dict[str, Any]:
    """All that is known of one thing."""
    return _shown(document, [*vertical.fields, *_where(vertical)], None)


def listed(vertical: Vertical, document: Document, place: Place | None) -> dict[str, Any]:
    """One of a list: without what only a single one has, with its `distance` from a place."""
    return _shown(document, _in_lists(vertical, place), place)


def found(search: Search, documents: Collection[Document]) -> list[dict[str, Any]]:
    """The results of a search: of each the members that are wanted, its `distance` in metres from
    the place that was given, and under `highlights` the texts with their matches marked.
    """
    place = search.place
    names = _in_lists(search.vertical, place) if search.fields is None else search.fields
    made = [_shown(document, names, place) for document in documents]
    if search.highlight:
        for one, document in zip(made, documents, strict=True):
            marked = value(document, "_formatted")
            one["highlights"] = {name: _marked(_at(marked, name)) for name in search.highlight}
    return made


def _in_lists(vertical: Vertical, place: Place | None) -> list[str]:
    names = [name for name in vertical.fields if name not in vertical.detail]
    return [*names, *_where(vertical), *([DISTANCE] if place else [])]


def _where(vertical: Vertical) -> list[str]:
    return [LOCATION] if vertical.place else []


def _shown(document: Document, names: Iterable[str], place: Place | None) -> dict[str, Any]:
    """The members that a document has; those made of its place it always has, maybe null."""
    known: dict[str, Any] = {**document, LOCATION: document.get("_geo")}
    if place is not None:
        at = value(document, "_geo")
        known[DISTANCE] = None if at is None else distance(at["lat"], at["lng"], place)
    return {name: known[name] for name in names if name in known}


def _at(marked: Any, path: str) -> Any:
    for name in path.split("."):
        marked = marked.get(name) if isinstance(marked, dict) else None
    return marked


def _marked(text: Any) -> Any:
    """HTML in which matches are `<mark>` and nothing else is markup; of each of several texts."""
    if isinstance(text, list):
        return [_marked(one) for one in text]
    if text is None:
        return None
    return html.escape(str(text)).replace(MARKS[0], "<mark>").replace(MARKS[1], "</mark>")
