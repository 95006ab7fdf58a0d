"""A page's query as the engine gets it: only fields that people see can be had or asked about."""

from collections.abc import Iterator
from typing import Any

from catalog.vertical import Vertical
from service.instantsearch.clauses import every
from service.instantsearch.clauses import fields as fields_of
from service.instantsearch.refusals import Refusal
from service.instantsearch.requests import FacetSearch, Query, Words

SHOWN = ("attributesToRetrieve", "attributesToHighlight", "attributesToCrop")
"""Members that list fields whose values are in the answer; `*` is all of them."""


def public(vertical: Vertical) -> tuple[str, ...]:
    """The fields of a document that people see, under the engine's names."""
    return (*vertical.fields, *(("_geo",) if vertical.place else ()))


def search(vertical: Vertical, query: Query) -> dict[str, Any]:
    """The engine's query; raises Refusal where it asks about a field that nobody may see."""
    given = {"attributesToRetrieve": ["*"], **query.model_dump(by_alias=True, exclude_none=True)}
    fields = public(vertical)
    _check_filter(query, fields)
    _check_orders(query, fields)
    for member in SHOWN:
        if member in given:
            given[member] = [shown for name in given[member] for shown in _shown(name, fields)]
    if "facets" in given:
        given["facets"] = list(_facets(vertical, given["facets"]))
    return given


def facet_search(vertical: Vertical, asked: FacetSearch) -> dict[str, Any]:
    """The engine's search among a facet's values; raises Refusal as `search` does."""
    _check_filter(asked, public(vertical))
    if not is_of(asked.facet_name, public(vertical)):
        message = f"Attribute `{asked.facet_name}` is not facet-searchable."
        raise Refusal("invalid_facet_search_facet_name", message)
    return asked.model_dump(by_alias=True, exclude_none=True)


def _check_filter(asked: Words, public: tuple[str, ...]) -> None:
    for clause in every(asked.filter or ()):
        for field in fields_of(clause):
            if not is_of(field, public):
                message = f"Attribute `{field}` is not filterable."
                raise Refusal("invalid_search_filter", message)


def _check_orders(query: Query, public: tuple[str, ...]) -> None:
    """Whether results are sorted, and told apart, by what people see."""
    for order in query.sort or ():
        field, _, direction = order.rpartition(":")
        named = direction in ("asc", "desc") and not field.startswith("_geo")
        if named and not is_of(field, public):
            raise Refusal("invalid_search_sort", f"Attribute `{field}` is not sortable.")
    if query.distinct is not None and not is_of(query.distinct, public):
        message = f"Attribute `{query.distinct}` is not filterable and thus, cannot be used as"
        raise Refusal("invalid_search_distinct", f"{message} distinct attribute.")


def _shown(name: str, fields: tuple[str, ...]) -> Iterator[str]:
    """The fields that a name in a list stands for; a cropped one has its length after a colon."""
    field, colon, length = name.partition(":")
    if field == "*":
        yield from (f"{each}{colon}{length}" for each in fields)
    elif is_of(field, fields):
        yield name


def _facets(vertical: Vertical, names: list[str]) -> Iterator[str]:
    """The facets to count: `*` is those of the vertical's parameters."""
    for name in names:
        if name == "*":
            yield from (facet.field for facet in vertical.facets.values())
            yield from (bound.name for bound in vertical.ranges)
        elif is_of(name, public(vertical)):
            yield name
        else:
            message = f"Invalid facet distribution: Attribute `{name}` is not filterable."
            raise Refusal("invalid_search_facets", message)


def is_of(name: str, fields: tuple[str, ...]) -> bool:
    """Whether a name is that of a field, or of a part of one."""
    return name.partition(".")[0] in fields
