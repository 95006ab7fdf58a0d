"""Values that nothing has, and those that were meant by them."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process

from catalog.vertical import Vertical
from catalog.vocabulary import fold, squeeze
from engine.client import Engine
from service.answering.asking import ask
from service.answering.queries import counting, field_of, one_of
from service.answering.results import Counts
from service.understanding.parameters import NEAR_ENOUGH, Values
from service.understanding.search import Reader, Search

MOST_VALUES = 12
"""Of one search, that are looked for one by one, in one multi-search."""


class Lost(NamedTuple):
    """A value of a parameter that no document has, and its facet."""

    parameter: str
    facet: str
    value: str


async def nearest(engine: Engine, reader: Reader, search: Search) -> dict[Lost, str]:
    """For values that no document has and that a result must have, the ones most like them of those
    that the rest of the search leaves: what words mean, else what is written most alike.

    Raises EngineAway or EngineError.
    """
    lost = await _lost(engine, search)
    if not lost:
        return {}
    fields = {one: field_of(search, one.facet) for one in lost}
    rest = counting(_without(reader, search, lost), "", facets=[*dict.fromkeys(fields.values())])
    (left,) = await ask(engine, [rest])
    found = {one: _meant(search.vertical, one, left.counts(fields[one])) for one in lost}
    return {one: value for one, value in found.items() if value is not None}


def _without(reader: Reader, search: Search, lost: list[Lost]) -> Search:
    """The search without these values, and without those beside them that would do as well."""
    widening = {one.parameter for one in lost if one.parameter == one.facet}
    others = (one for one in _chosen(search) if one.parameter in widening)
    return reader.understand(changed(search.values, dict.fromkeys((*lost, *others))))


async def _lost(engine: Engine, search: Search) -> list[Lost]:
    asked = [*islice(_chosen(search), MOST_VALUES)]
    index = search.vertical.index
    clauses = [one_of(field_of(search, one.facet), [one.value]) for one in asked]
    queries = [{"indexUid": index, "filter": clause, "limit": 0} for clause in clauses]
    results = await ask(engine, queries) if queries else []
    return [one for one, result in zip(asked, results, strict=True) if result.total == 0]


def _chosen(search: Search) -> Iterator[Lost]:
    """The values that parameters ask for."""
    for facet in search.vertical.facets:
        given = search.values.get(facet)
        for value in given.some if isinstance(given, Values) else ():
            yield Lost(facet, facet, value)
        for value in search.values.get(f"{facet}_all", ()):
            yield Lost(f"{facet}_all", facet, value)


def changed(values: Mapping[str, Any], instead: Mapping[Lost, str | None]) -> dict[str, Any]:
    """The values of parameters with others, or with none, in place of those that are lost."""
    new = dict(values)
    for lost, value in instead.items():
        given = new[lost.parameter]
        some = given.some if isinstance(given, Values) else given
        others = (value if one == lost.value else one for one in some)
        kept = tuple(dict.fromkeys(one for one in others if one is not None))
        new[lost.parameter] = Values(kept, given.none) if isinstance(given, Values) else kept
    return new


def _meant(vertical: Vertical, lost: Lost, counts: Counts) -> str | None:
    """The most frequent value that the words of a lost one stand for, else the one most like it."""
    meaning = vertical.words().phrases.get(squeeze(lost.value)) or {}
    said = [value for value in meaning.get(lost.facet, ()) if value in counts]
    if said:
        return str(max(said, key=counts.__getitem__))
    like = process.extractOne(
        lost.value, [*counts], processor=fold, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH
    )
    return like[0] if like else None
