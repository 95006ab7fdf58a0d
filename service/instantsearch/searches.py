"""What a person searched, among the queries of one call, in the words that are kept of any search.

A page asks for its results and, beside them, for counts: those of a list that is ticked, without
its own filter, and once, when it opens, for all values there are.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice

import msgspec
from msgspec import Struct

from catalog.vertical import Vertical
from service.analytics.events import Told, remembered
from service.analytics.masking import masked
from service.instantsearch.clauses import TEXT, every, fields
from service.instantsearch.requests import Query

COUNTING = 1
"""Results that a query from an offset on asks for where it is there to count: one that is there to
show asks for one more than it shows. A query for a page asks for just those, and counts with 0.
"""

MOST_FILTERS = 100  # that are kept of one search

_NUMBER = re.compile(rb"\d{1,18}")
_NAME = rf"(?P<name>{TEXT}|[\w.-]+)\s*"
_CHOICE = re.compile(rf"{_NAME}(?P<sign>!?=)\s*(?P<value>{TEXT}|[^\s()'\"]+)", re.DOTALL)
_BOUND = re.compile(rf"{_NAME}(?P<sign>[<>])=?\s*[^\s()]+", re.DOTALL)
_PLACES = {"_geoRadius": "radius", "_geoBoundingBox": "bbox"}


class _Total(Struct, gc=False):
    paged: int | None = msgspec.field(name="totalHits", default=None)
    estimated: int = msgspec.field(name="estimatedTotalHits", default=0)


class _Answer(Struct, gc=False):
    results: list[_Total]


_ANSWER = msgspec.json.Decoder(_Answer)


def of_people(queries: Sequence[Query]) -> list[int]:
    """The places of the queries that are a person's search: the first about each index that wants
    results. The others count, or fill another part of the page.
    """
    found: dict[str, int] = {}
    for place, query in enumerate(queries):
        opening = query.q is None and query.attributes_to_highlight is None
        if query.wanted > (0 if query.paged else COUNTING) and not opening:
            found.setdefault(query.index_uid, place)
    return [*found.values()]


def totals(answer: bytes, queries: int) -> list[int]:
    """How many results each of so many queries had, by the bytes of the engine's answer; nothing
    where it does not tell that of each.

    Each tells it once, as `totalHits` or `estimatedTotalHits`. The answer is read, which takes as
    long as all the rest of one that was kept, only where a value of that name was counted, too.
    """
    found = [_NUMBER.match(part) for part in answer.split(b'otalHits":')[1:]]
    numbers = [int(number[0]) for number in found if number]
    if len(numbers) == queries:
        return numbers
    try:
        results = _ANSWER.decode(answer).results
    except msgspec.DecodeError:
        return []
    numbers = [one.paged if one.paged is not None else one.estimated for one in results]
    return numbers if len(numbers) == queries else []


def told(vertical: Vertical, query: Query) -> Told:
    """A search as it is remembered: see `service.analytics.events.told`, whose names these are."""
    clauses = [clause.strip() for clause in every(query.filter or ())]
    parameters = {facet.field: name for name, facet in vertical.facets.items()}
    declared = {*parameters, *vertical.fields, *(bound.name for bound in vertical.ranges)}
    names = dict.fromkeys(n for clause in clauses for n in _told(parameters, declared, clause))
    return remembered(query.q or "", islice(names, MOST_FILTERS))


def _told(parameters: Mapping[str, str], declared: Set[str], clause: str) -> Iterator[str]:
    """The filters of a clause. Values are kept where it is `facet = value`, as pages write it; of
    any other it is told which fields it is about. `parameters` are those of facets, by field.

    Only names that the vertical declares are told: what stands in the place of another may be
    anything that somebody typed.
    """
    yield from (name for begin, name in _PLACES.items() if clause.startswith(begin))
    choice, bound = _CHOICE.fullmatch(clause), _BOUND.fullmatch(clause)
    if choice and _bare(choice["name"]) in parameters:
        without = "_not" if choice["sign"] == "!=" else ""
        yield f"{parameters[_bare(choice['name'])]}{without}={masked(_bare(choice['value']))}"
    elif bound and _bare(bound["name"]) in declared:
        yield f"{_bare(bound['name'])}_{'min' if bound['sign'] == '>' else 'max'}"
    else:
        yield from (parameters.get(field, field) for field in fields(clause) if field in declared)


def _bare(text: str) -> str:
    """A name or a value without the quotes around it."""
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] in ("'", '"') else text
