"""The values of facets: labelled and counted, what is ticked before all others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.client import Engine
from service.answering.asking import ask
from service.answering.queries import counting, field_of, one_of, refined
from service.understanding.search import Search

MOST_VALUES = 300
"""The most values of a facet that the engine gives, those with the highest counts:
`maxValuesPerFacet` in meilisearch-settings.json."""

Counts = dict[str, int]
Results = Sequence[dict[str, Any]]


def counts(search: Search, name: str, result: Mapping[str, Any]) -> Counts:
    """The values of a facet in the result of a query: value → how many have it."""
    found: Counts = result["facetDistribution"].setdefault(field_of(search, name), {})
    return found


def counted(search: Search, name: str, found: Counts) -> list[dict[str, Any]]:
    """The values of a facet as people see them.

    Values that were asked for stand first (`selected`, or `excluded` where they were left out),
    also those that nothing has. Then the most frequent ones, equals by name.
    """
    labels = search.vertical.facets[name].values
    marks = _marks(search, name)
    if not marks:
        return _values(labels, found)
    known = {_folded(value) for value in found}
    absent = {value: 0 for key, (value, _) in marks.items() if key not in known}
    values = _values(labels, {**found, **absent})
    first = [value for value in values if _folded(value["value"]) in marks]
    for value in first:
        value[marks[_folded(value["value"])][1]] = True
    return first + [value for value in values if _folded(value["value"]) not in marks]


def alike(search: Search, name: str, found: Counts) -> list[dict[str, Any]]:
    """The values of a facet that a search among them found, as `counted` shows them."""
    known = {_folded(value) for value in found}
    return [value for value in counted(search, name, found) if _folded(value["value"]) in known]


async def complete(engine: Engine, search: Search, results: Results) -> None:
    """Put the counts of values that were asked for, and are not among the most frequent ones of
    their facet, into the results. Asks nothing where there are none.
    """
    lacking = list(_lacking(search, results))
    if not lacking:
        return
    queries = [query for _, _, query in lacking]
    answers = await ask(engine, queries)
    for (found, name, _), answer in zip(lacking, answers, strict=True):
        marks = _marks(search, name)
        more = counts(search, name, answer)
        found.update({value: n for value, n in more.items() if _folded(value) in marks})


def _lacking(search: Search, results: Results) -> Iterator[tuple[Counts, str, dict[str, Any]]]:
    """The counts that were cut off before a value that was asked for; its facet, its query."""
    apart = dict(zip(refined(search), results[1:], strict=False))
    for name in (name for name in search.wanted if name in search.vertical.facets):
        found = counts(search, name, apart.get(name, results[0]))
        marks = _marks(search, name)
        if not marks or len(found) < MOST_VALUES:
            continue
        known = {_folded(value) for value in found}
        missing = [value for key, (value, _) in marks.items() if key not in known]
        if missing:
            field = field_of(search, name)
            yield found, name, counting(search, name, one_of(field, missing), facets=[field])


def _marks(search: Search, name: str) -> dict[str, tuple[str, str]]:
    """The values that were asked for by their folded form: as they were written, and how."""
    groups = (*search.chosen.get(name, ()), search.required.get(name, ()))
    out = {_folded(value): (value, "excluded") for value in search.excluded.get(name, ())}
    return out | {_folded(value): (value, "selected") for group in groups for value in group}


def _folded(value: str) -> str:
    """The engine compares values without regard to case."""
    return value.strip().lower()


def _values(labels: Mapping[str, str], found: Counts) -> list[dict[str, Any]]:
    """The most frequent values first, equals by name."""
    names = [*found]
    names.reverse()  # the engine gives most equals from Z to A: what is nearly in order sorts fast
    names.sort()
    names.sort(key=found.__getitem__, reverse=True)
    return [
        {"value": name, "label": labels.get(name, name), "count": found[name]} for name in names
    ]
