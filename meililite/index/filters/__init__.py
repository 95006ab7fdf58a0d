"""Filters: which documents they select."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.errors import ApiError
from meililite.index.filters.evaluation import FilterError, evaluate
from meililite.index.filters.grammar import parse_expression
from meililite.index.filters.scanner import FilterSyntaxError
from meililite.index.filters.tree import And, Node, Or, conditions, written
from meililite.index.snapshot import Snapshot

_SHORT = 300  # characters of a filter whose tree is remembered,
_REMEMBERED = 1000  # of so many filters
SEARCH, DOCUMENT = "invalid_search_filter", "invalid_document_filter"


def parse_filter(value: Any, code: str = SEARCH) -> Node | None:
    """The tree of a filter in a request: a string, or an array of strings (all must hold), in
    which an array of strings is a choice (one must hold). None if it asks for nothing.

    Raises ApiError with the code.
    """
    try:
        if isinstance(value, str):
            return _parsed(value)
        if isinstance(value, list):
            return _joined(value, code)
    except FilterSyntaxError as error:
        raise ApiError(code, str(error)) from error
    except RecursionError as error:
        raise ApiError(code, "The filter is nested too deeply.") from error
    raise _wrong_type("String, Array", value, code)


def _joined(items: list[Any], code: str) -> Node | None:
    parts: list[Node] = []
    for item in items:
        node = _choice(item, code) if isinstance(item, list) else _single(item, code)
        if node is not None:
            parts.append(node)
    if len(parts) <= 1:
        return parts[0] if parts else None
    return And(tuple(parts))


def _single(item: Any, code: str, expected: str = "String, [String]") -> Node | None:
    if not isinstance(item, str):
        raise _wrong_type(expected, item, code)
    return _parsed(item)


def _parsed(text: str) -> Node | None:
    return _known(text) if len(text) <= _SHORT else parse_expression(text)


@lru_cache(_REMEMBERED)
def _known(text: str) -> Node | None:
    """The queries of one multi-search share most of their filters, and many searches some."""
    return parse_expression(text)


def _choice(items: list[Any], code: str) -> Node | None:
    for item in items:
        if not isinstance(item, str):
            raise _wrong_type("String", item, code)
    parts = [node for item in items if (node := _single(item, code)) is not None]
    if len(parts) <= 1:
        return parts[0] if parts else None
    return Or(tuple(parts))


def _wrong_type(expected: str, found: Any, code: str) -> ApiError:
    shown = orjson.dumps(found).decode()
    return ApiError(
        code, f"Invalid syntax for the filter parameter: `expected {expected}, found: {shown}`."
    )


def search_filter_mask(snapshot: Snapshot, value: Any) -> NDArray[np.bool_] | None:
    """A mask of the documents that a search's filter selects; None if there is no filter.

    Raises ApiError(invalid_search_filter).
    """
    if value is None:
        return None
    node = parse_filter(value)
    if node is None:
        return None
    try:
        return evaluate(node, snapshot)
    except FilterError:
        # Meilisearch shows its own writing of the filter in what it says of fields and places.
        return _evaluated(parse_expression(written(node)) or node, snapshot, SEARCH)


def document_filter_mask(snapshot: Snapshot, value: Any) -> NDArray[np.bool_]:
    """A mask of the documents that a filter of a documents route selects.

    Raises ApiError(invalid_document_filter).
    """
    node = None if value is None else parse_filter(value, DOCUMENT)
    if node is None:
        return snapshot.alive.copy()
    return _evaluated(node, snapshot, DOCUMENT)


def _evaluated(node: Node, snapshot: Snapshot, code: str) -> NDArray[np.bool_]:
    try:
        return evaluate(node, snapshot)
    except FilterError as error:
        place = f"Index `{snapshot.name}`: " if snapshot.name else ""
        raise ApiError(code, place + str(error)) from error


def refuse_contains(node: Node) -> None:
    """Raise feature_not_enabled for CONTAINS, an experimental feature."""
    for condition in conditions(node):
        if condition.operator == "CONTAINS" and condition.keyword is not None:
            raise ApiError(
                "feature_not_enabled",
                "Using `CONTAINS` in a filter requires enabling the `contains filter` "
                "experimental feature. See https://github.com/orgs/meilisearch/discussions/763\n"
                + condition.keyword.pointed(),
            )


__all__ = ["document_filter_mask", "parse_filter", "refuse_contains", "search_filter_mask"]
