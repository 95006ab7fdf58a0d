"""A vertical: one kind of thing that can be searched, and all that differs from the others."""

import dataclasses
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from catalog.words import Words

VALUES = 4096  # keys of counts that are remembered with their span


@dataclass(frozen=True)
class Facet:
    """A field of the document that people choose values of.

    `many` says that one thing has several values of it; `values` are the labels of those values
    that do not speak for themselves.
    """

    field: str
    label: str
    many: bool = False
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Buckets:
    """The spans in which the values of a range are counted, for its histogram.

    `steps` are (end, width): spans of this width up to before the end. Values from the last end on
    are in one span that is open at the top, and values before `first` in the first one. The
    document's `field` has the start of its value's span, or the value itself. Altogether there are
    at most as many spans as `maxValuesPerFacet` in meilisearch-settings.json.
    """

    field: str
    steps: tuple[tuple[int, int], ...]
    first: int = 0

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each span starts, ascending."""
        ends = [self.first, *(end for end, _ in self.steps)]
        spans = zip(ends, self.steps, strict=False)
        return *(at for begin, (end, width) in spans for at in range(begin, end, width)), ends[-1]

    @cached_property
    def ends(self) -> tuple[int | None, ...]:
        """The last whole number of each span; None of the one that is open at the top."""
        return *(start - 1 for start in self.starts[1:]), None

    def place(self, value: float) -> int:
        """The place of the span that a value is in, from 0."""
        return max(0, bisect(self.starts, value) - 1)

    @cached_property
    def place_of(self) -> Callable[[str], int]:
        """`place` for values as the keys of counts, which are few: those seen are remembered."""
        return lru_cache(VALUES)(lambda value: self.place(float(value)))


@dataclass(frozen=True)
class Range:
    """A number that can be bounded from both sides: `{name}_min`, `{name}_max`."""

    name: str
    unit: str
    label: str
    buckets: Buckets


@dataclass(frozen=True)
class Sort:
    """A named order of results: the engine's sort rules, `{place}` for the place asked for."""

    name: str
    rules: tuple[str, ...]
    label: str
    needs_place: bool = False


@dataclass(frozen=True)
class Suggested:
    """A facet whose values are suggested while somebody types; those of `within` go before it."""

    facet: str
    within: str | None = None


@dataclass(frozen=True)
class Near:
    """How far the value of a range may be away to be alike: a share of it, and `least` anyway."""

    name: str
    share: float = 0.0
    least: int = 0


@dataclass(frozen=True)
class Alike:
    """When two things are alike: their values of facets are the `same`, or `near` in ranges.

    `steps` are the names that must hold together, the strictest first; a later step is for what the
    earlier ones leave empty.
    """

    same: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()
    steps: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Vertical:
    """Everything that the rest of the house knows about one kind of thing."""

    name: str
    collection: str  # in the API's path: /api/v1/{collection}
    index: str  # uid of the live index
    table: str  # what is searched, its natural key in `key`
    view: str  # (id text, digest text, line bytea, body json) of each active document; of NDJSON
    history: str  # SQL: a key ($1) → price, at; oldest first
    kinds: Mapping[str, str]  # outbox kind → SQL: keys text[] ($1) → ids of their documents
    document_kind: str  # the one of `kinds` whose keys are ids of documents
    facets: Mapping[str, Facet]  # by parameter
    ranges: tuple[Range, ...]
    sorts: tuple[Sort, ...]
    fields: Mapping[str, Mapping[str, Any]]  # of the document that people see → JSON Schema
    texts: tuple[str, ...]  # fields that words are looked for in, the most important first
    detail: tuple[str, ...] = ()  # fields only a single document's answer has
    place: bool = False  # documents have `_geo`, and `grid` as catalog/grid.py says
    suggested: tuple[Suggested, ...] = ()  # in the order in which they are shown
    alike: Alike = Alike()
    words: Callable[[], Words] = Words  # what people type when they mean its values
