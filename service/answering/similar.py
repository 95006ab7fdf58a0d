"""Listings like another one, by the steps that its vertical declares."""

from collections.abc import Iterable
from typing import Any

from catalog.vertical import Near, Vertical
from service.answering.listings import listed
from service.answering.queries import point, quoted
from service.answering.results import Document, Result, value
from service.geography.places import Place
from service.understanding.forms import Whole
from service.understanding.parameters import Parameter

SHOWN = 6
MOST_SHOWN = 24

PARAMETERS = {
    "limit": Parameter("limit", Whole(1, MOST_SHOWN), f"listings at most; {SHOWN} if not given")
}


class Like:
    """What is like one document of a vertical: for each facet and range of the vertical's rule
    that the document has, the value or the bounds that another one shares.
    """

    def __init__(self, vertical: Vertical, document: Document) -> None:
        self._vertical = vertical
        self._document = document
        at = value(document, "_geo")
        self._place = Place(at["lat"], at["lng"]) if at else None
        self._fields = {name: vertical.facets[name].field for name in vertical.alike.same}
        self._values = {
            name: own
            for name, field in self._fields.items()
            if (own := value(document, field)) is not None
        }
        self._bounds = {
            near.name: _around(own, near)
            for near in vertical.alike.near
            if (own := value(document, near.name)) is not None
        }

    def queries(self, most: int) -> list[dict[str, Any]]:
        """One query for each step that the document has all values for, the strictest first.

        Each finds at most so many others, the nearest first where the document has a place.
        """
        clauses = self._clauses()
        known = [name for name in self._vertical.fields if name not in self._vertical.detail]
        asked = {
            "indexUid": self._vertical.index,
            "limit": most,
            "sort": [f"_geoPoint({point(self._place)}):asc", "id:asc"] if self._place else [],
            "attributesToRetrieve": [*known, "_geo"],
        }
        other = f"id != {quoted(value(self._document, 'id'))}"
        steps = [step for step in self._vertical.alike.steps if clauses.keys() >= set(step)]
        return [{**asked, "filter": [other, *(clauses[name] for name in step)]} for step in steps]

    def merged(self, results: Iterable[Result], most: int) -> list[dict[str, Any]]:
        """The listings of all steps in their order, none twice; `shared` says why each is here."""
        found: dict[str, Document] = {}
        for result in results:
            for other in result.hits:
                found.setdefault(value(other, "id"), other)
        return [
            {**listed(self._vertical, other, self._place), "shared": self._shared(other)}
            for other in list(found.values())[:most]
        ]

    def _clauses(self) -> dict[str, str]:
        same = {
            name: f"{self._fields[name]} = {quoted(str(own))}" for name, own in self._values.items()
        }
        return same | {name: _within(name, bounds) for name, bounds in self._bounds.items()}

    def _shared(self, other: Document) -> list[str]:
        same = [
            name for name, own in self._values.items() if value(other, self._fields[name]) == own
        ]
        near = [name for name, bounds in self._bounds.items() if value(other, name) in bounds]
        return [*same, *near]


def _around(number: int, near: Near) -> range:
    away = max(near.least, round(number * near.share))
    return range(number - away, number + away + 1)


def _within(field: str, bounds: range) -> str:
    return f"{field} {bounds.start} TO {bounds.stop - 1}"
