"""The values of facets: labelled and counted, what is ticked before all others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unicodedata import normalize

from msgspec import Struct

from engine.client import Engine
from service.answering.asking import ask
from service.answering.queries import counting, field_of, one_of, refined
from service.answering.results import Counts, Result
from service.understanding.search import Search

MOST_VALUES = 300
"""The most values of a facet that the engine gives, those with the highest counts:
`maxValuesPerFacet` in meilisearch-settings.json."""


class Value(Struct, omit_defaults=True, gc=False):
    """A value of a facet as people see it."""

    value: str
    label: str
    count: int
    selected: bool = False
    excluded: bool = False


def counted(search: Search, name: str, found: Counts) -> list[Value]:
    """The values of a facet as people see them.

    Values that were asked for stand first (`selected`, or `excluded` where they were left out),
    also those that nothing has. Then the most frequent ones, equals by name.
    """
    labels = search.vertical.facets[name].values
    marks = _marks(search, name)
    if not marks:
        return _values(labels, found)
    names = {_folded(value): value for value in found}
    marked = {names.get(form, value): mark for form, (value, mark) in marks.items()}
    first = _values(labels, {value: found.get(value, 0) for value in marked})
    for value in first:
        setattr(value, marked[value.value], True)
    others = {value: count for value, count in found.items() if value not in marked}
    return first + _values(labels, others)


def alike(search: Search, name: str, found: Counts) -> list[Value]:
    """The values of a facet that a search among them found, as `counted` shows them."""
    return [value for value in counted(search, name, found) if value.value in found]


async def rare(engine: Engine, search: Search, results: Sequence[Result]) -> dict[str, Counts]:
    """The counts, by facet, of values that were asked for and are not among the most frequent ones
    in the results. Asks nothing where there are none.
    """
    lacking = dict(_lacking(search, results))
    answers = await ask(engine, [*lacking.values()]) if lacking else []
    found: dict[str, Counts] = {}
    for name, answer in zip(lacking, answers, strict=True):
        marks = _marks(search, name)
        more = answer.counts(field_of(search, name))
        found[name] = {value: n for value, n in more.items() if _folded(value) in marks}
    return found


def _lacking(search: Search, results: Sequence[Result]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A facet whose counts were cut off before a value that was asked for; the query for that."""
    apart = dict(zip(refined(search), results[1:], strict=False))
    for name in (name for name in search.wanted if name in search.vertical.facets):
        marks = _marks(search, name)
        if not marks:
            continue
        field = field_of(search, name)
        found = apart.get(name, results[0]).counts(field)
        if len(found) < MOST_VALUES:
            continue
        known = {_folded(value) for value in found}
        missing = [value for key, (value, _) in marks.items() if key not in known]
        if missing:
            yield name, counting(search, name, one_of(field, missing), facets=[field])


def _marks(search: Search, name: str) -> dict[str, tuple[str, str]]:
    """The values that were asked for by their folded form: as they were written, and how."""
    if not (name in search.chosen or name in search.required or name in search.excluded):
        return {}
    groups = (*search.chosen.get(name, ()), search.required.get(name, ()))
    out = {_folded(value): (value, "excluded") for value in search.excluded.get(name, ())}
    return out | {_folded(value): (value, "selected") for group in groups for value in group}


def _folded(value: str) -> str:
    """The engine compares values without regard to case, and to how a letter is composed."""
    return normalize("NFKD", value.strip()).lower()


def _values(labels: Mapping[str, str], found: Counts) -> list[Value]:
    """The most frequent values first, equals by name."""
    names = [*found]
    names.reverse()  # the engine gives most equals from Z to A: what is nearly in order sorts fast
    names.sort()
    names.sort(key=found.__getitem__, reverse=True)
    return [*map(Value, names, map(labels.get, names, names), map(found.__getitem__, names))]
