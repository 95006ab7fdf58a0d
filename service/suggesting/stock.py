"""What is in stock, as suggestions: the values of facets with how many live listings have each."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from typing import Any

from catalog.vertical import Suggested, Vertical
from engine.client import Engine
from service.answering.asking import ask
from service.answering.queries import quoted
from service.suggesting.suggestion import Suggestion

MOST = 10_000
"""Suggestions of one kind; beyond, those with the fewest listings are left out."""

SMALLEST_PAGE = 100
"""Values that the engine gives at least, where it has them (`maxValuesPerFacet`)."""


async def in_stock(engine: Engine, vertical: Vertical, what: Suggested) -> list[Suggestion]:
    """The suggestions of one kind, the one with the most listings first.

    Raises EngineAway or EngineError.
    """
    found = [each async for each in _read(engine, vertical, what)]
    return sorted(found, key=lambda each: (-(each.count or 0), each.text))


async def _read(engine: Engine, vertical: Vertical, what: Suggested) -> AsyncIterator[Suggestion]:
    if what.within is None:
        names = _other_names(vertical, what.facet)
        for value, count in (await values(engine, vertical, what.facet, [], MOST)).items():
            given = {what.facet: [value]}
            yield Suggestion(what.facet, value, given, count, tuple(names[value]))
        return
    left = MOST
    outer = vertical.facets[what.within].field
    for whole in await values(engine, vertical, what.within, [], MOST):
        if left <= 0:
            return
        clause = [f"{outer} = {quoted(whole)}"]
        inner = await values(engine, vertical, what.facet, clause, left)
        left -= len(inner)
        for value, count in inner.items():
            given = {what.within: [whole], what.facet: [value]}
            yield Suggestion(what.facet, f"{whole} {value}", given, count, (value,))


async def values(
    engine: Engine, vertical: Vertical, facet: str, clauses: list[str], most: int
) -> dict[str, int]:
    """The most frequent values of a facet among the documents that pass the clauses: value → count.

    The engine gives a few hundred at a time, the most frequent first: those that are known are
    left out of the next question.
    """
    field = vertical.facets[facet].field
    found: dict[str, int] = {}
    while len(found) < most:
        query: dict[str, Any] = {
            "indexUid": vertical.index,
            "filter": [*clauses, *_without(field, found)],
            "facets": [field],
            "limit": 0,
        }
        page = (await ask(engine, [query]))[0].counts(field)
        more = page.keys() - found.keys()
        found |= page
        if not more or len(page) < SMALLEST_PAGE:
            break
    return dict(sorted(found.items(), key=lambda pair: -pair[1])[:most])


def _without(field: str, known: Iterable[str]) -> list[str]:
    names = ", ".join(quoted(value) for value in known)
    return [f"{field} NOT IN [{names}]"] if names else []


def _other_names(vertical: Vertical, facet: str) -> defaultdict[str, list[str]]:
    """What else people call each value of a facet, by the words of its vertical."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for phrase, meaning in vertical.words().phrases.items():
        if meaning is not None and list(meaning) == [facet] and len(meaning[facet]) == 1:
            names[meaning[facet][0]].append(phrase)
    return names
