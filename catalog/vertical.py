"""A vertical: one kind of thing that can be searched, and all that differs from the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.words import Words


@dataclass(frozen=True)
class Range:
    """A number that can be bounded from both sides: `{name}_min`, `{name}_max`."""

    name: str
    unit: str


@dataclass(frozen=True)
class Sort:
    """A named order of results: the engine's sort rules, `{place}` for the place asked for."""

    name: str
    rules: tuple[str, ...]
    needs_place: bool = False


@dataclass(frozen=True)
class Vertical:
    """Everything that the rest of the house knows about one kind of thing."""

    name: str
    collection: str  # in the API's path: /api/v1/{collection}
    index: str  # uid of the live index
    table: str  # what is searched, its natural key in `key`
    view: str  # (id text, digest text, body jsonb), one row for each active document
    history: str  # SQL: a key ($1) → price, at; oldest first
    kinds: Mapping[str, str]  # outbox kind → SQL: keys text[] ($1) → ids of their documents
    document_kind: str  # the one of `kinds` whose keys are ids of documents
    facets: Mapping[str, str]  # parameter → field of the document
    ranges: tuple[Range, ...]
    sorts: tuple[Sort, ...]
    detail: tuple[str, ...] = ()  # fields only a single document's answer has
    place: bool = False  # documents have `_geo`
    words: Callable[[], Words] = Words  # what people type when they mean its values
