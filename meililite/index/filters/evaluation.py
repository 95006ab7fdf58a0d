"""Which documents a filter selects: a mask over the documents' numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meililite.index.columns import EMPTY, EXISTS, NULL, Column, Dictionary
from meililite.index.filters.geo import GeoFilterError, boxes_mask, geo_mask
from meililite.index.filters.tree import (
    And,
    Condition,
    Geo,
    Node,
    Not,
    Or,
    Source,
    Word,
    conditions,
    finite,
)
from meililite.index.normalization import facet_key
from meililite.index.settings import FilterableRule, Settings
from meililite.index.snapshot import Snapshot

Mask = NDArray[np.bool_]

_FEW = 16  # so many values are looked for one by one
_LOOK_UP = 50  # keys of a table that are read in the time that one is looked up in it
_EQUALITY = ("=", "!=", "IN")
_COMPARISON = ("<", ">", "<=", ">=", "TO")
_STATES = {"EXISTS": EXISTS, "IS NULL": NULL, "IS EMPTY": EMPTY}


class FilterError(Exception):
    """A filter that this index cannot answer."""


def evaluate(node: Node, snapshot: Snapshot) -> Mask:
    """The mask of the selected documents. Raises FilterError."""
    for condition in conditions(node):
        name = condition.field.value
        if not snapshot.settings.is_filterable(name):
            raise not_filterable(name, snapshot.settings, condition.field.source)
    return _mask(node, snapshot)


def not_filterable(name: str, settings: Settings, source: Source) -> FilterError:
    patterns = sorted({p for rule in settings.filterable if rule.filterable for p in rule.patterns})
    if patterns:
        listed = ", ".join(f"`{pattern}`" for pattern in patterns)
        known = f"Available filterable attribute patterns are: {listed}."
    else:
        known = "This index does not have configured filterable attributes."
    return FilterError(f"Attribute `{name}` is not filterable. {known}\n{source.pointed()}")


def _mask(node: Node, snapshot: Snapshot) -> Mask:
    if isinstance(node, And):
        mask = _mask(node.parts[0], snapshot)
        for part in node.parts[1:]:
            if not mask.any():
                return mask
            mask &= _mask(part, snapshot)
        return mask
    if isinstance(node, Or):
        if _only_boxes(node, snapshot.settings):
            return _boxes(node, snapshot)
        mask = _mask(node.parts[0], snapshot)
        for part in node.parts[1:]:
            mask |= _mask(part, snapshot)
        return mask
    if isinstance(node, Not):
        return snapshot.alive & ~_mask(node.part, snapshot)
    if isinstance(node, Geo):
        return _geo(node, snapshot)
    return _condition(node, snapshot)


def _only_boxes(node: Or, settings: Settings) -> bool:
    """Whether all that is asked for is `_geo` in one of several boxes, a polygon in slabs."""
    boxes = all(isinstance(part, Geo) and part.name == "_geoBoundingBox" for part in node.parts)
    return boxes and settings.geo_filterable and not settings.geojson_filterable


def _boxes(node: Or, snapshot: Snapshot) -> Mask:
    try:
        mask = boxes_mask([part for part in node.parts if isinstance(part, Geo)], snapshot)
    except GeoFilterError as error:
        raise FilterError(str(error)) from error
    return mask & snapshot.alive


def _geo(node: Geo, snapshot: Snapshot) -> Mask:
    settings = snapshot.settings
    first = node.points[0][0].source
    if node.name == "_geoPolygon" and not settings.geojson_filterable:
        raise not_filterable("_geojson", settings, first)
    try:
        mask = snapshot.memory.get(_area(node), lambda: geo_mask(node, snapshot))
    except GeoFilterError as error:
        raise FilterError(str(error)) from error
    if mask is None:
        raise not_filterable("_geo/_geojson", settings, first)
    return mask & snapshot.alive


def _area(node: Geo) -> tuple[str, ...]:
    """What is remembered by: the words of the filter, wherever it stands."""
    return (node.name, *(",".join(word.value for word in group) for group in node.points))


def _condition(condition: Condition, snapshot: Snapshot) -> Mask:
    name = condition.field.value
    found = snapshot.settings.rule_for(name)
    if found is None or snapshot.fields.get(name) is None:
        return np.zeros(snapshot.size, bool)
    _check_operator(condition, *found)
    column = snapshot.column(name)
    operator = condition.operator
    if operator in _STATES:
        return column.flagged(_STATES[operator])
    if operator == "!=":
        return snapshot.alive & ~_equal(column, condition.values[0])
    if operator in _EQUALITY:
        return _any_of(column, condition.values)
    if operator == "STARTS WITH":
        return _starts_with(column, condition.values[0])
    if operator == "CONTAINS":
        return _contains(column, condition.values[0])
    return _compare(column, operator, condition.values)


def _check_operator(condition: Condition, index: int, rule: FilterableRule) -> None:
    operator = "=" if condition.operator == "IN" else condition.operator
    equality, comparison = operator in _EQUALITY, operator in _COMPARISON
    if not ((equality and not rule.equality) or (comparison and not rule.comparison)):
        return
    name = condition.field.value
    allowed = ["OR", "AND", "NOT"]
    allowed += ["=", "!=", "IN"] if rule.equality else []
    allowed += ["<", ">", "<=", ">=", "TO"] if rule.comparison else []
    allowed += ["IS EMPTY", "IS NULL", "EXISTS"]
    kind = "equality" if equality else "comparison"
    raise FilterError(
        f"Filter operator `{operator}` is not allowed for the attribute `{name}`.\n"
        f"  - Note: allowed operators: {', '.join(allowed)}.\n"
        f"  - Note: field `{name}` matched rule #{index} in `filterableAttributes`\n"
        f"  - Hint: enable {kind} in rule #{index} by modifying the features.filter object\n"
        f"  - Hint: prepend another rule matching `{name}` with appropriate filter features "
        f"before rule #{index}"
    )


def _any_of(column: Column, values: Sequence[Word]) -> Mask:
    if len(values) > _FEW:
        return column.rows_marked(_marks(column.dictionary, values))
    mask = np.zeros(len(column), bool)
    for value in values:
        mask |= _equal(column, value)
    return mask


def _marks(dictionary: Dictionary, values: Sequence[Word]) -> Mask:
    """For each code whether it is one of the values."""
    keys = dictionary.keys
    wanted = {facet_key(value.value) for value in values}
    if len(wanted) * _LOOK_UP > len(keys):
        found = np.fromiter((key in wanted for key in keys), bool, len(keys))
    else:
        found = np.zeros(len(keys), bool)
        found[[place for key in wanted if (place := keys.find(key)) >= 0]] = True
    numbers = [number for value in values if (number := value.number()) is not None]
    return np.concatenate(
        [np.isin(dictionary.numbers, numbers), np.repeat(found, np.diff(dictionary.first))]
    )


def _equal(column: Column, value: Word) -> Mask:
    dictionary = column.dictionary
    mask = np.zeros(len(column), bool)
    at = dictionary.keys.find(facet_key(value.value))
    if at >= 0:
        mask = column.rows_with(*dictionary.key_range(at, at + 1))
    number = value.number()
    if number is not None:
        codes = dictionary.number_range(number, number)
        if codes[0] < codes[1]:
            mask = mask | column.rows_with(*codes)
    return mask


def _starts_with(column: Column, value: Word) -> Mask:
    key = facet_key(value.value)
    if not key:
        return column.flagged(EXISTS)
    dictionary = column.dictionary
    return column.rows_with(*dictionary.key_range(*dictionary.keys.prefix(key)))


def _contains(column: Column, value: Word) -> Mask:
    key, dictionary = facet_key(value.value), column.dictionary
    keys = np.fromiter((key in known for known in dictionary.keys), bool, len(dictionary.keys))
    numbers = np.zeros(len(dictionary.numbers), bool)
    return column.rows_marked(np.append(numbers, np.repeat(keys, np.diff(dictionary.first))))


def _compare(column: Column, operator: str, values: tuple[Word, ...]) -> Mask:
    """Numbers are compared with numbers; strings, by their normalized form, with all values."""
    dictionary = column.dictionary
    keys = dictionary.keys
    low = values[0] if operator in (">", ">=", "TO") else None
    high = values[-1] if operator in ("<", "<=", "TO") else None
    above, below = operator == ">", operator == "<"
    first = 0 if low is None else _key_place(column, low.value, after=above)
    last = len(keys) if high is None else _key_place(column, high.value, after=not below)
    mask = column.rows_with(*dictionary.key_range(min(first, last), last))
    lowest = -np.inf if low is None else finite(low.value)
    highest = np.inf if high is None else finite(high.value)
    if lowest is not None and highest is not None and lowest <= highest:
        codes = dictionary.number_range(lowest, highest, above=above, below=below)
        mask = mask | column.rows_with(*codes)
    return mask


def _key_place(column: Column, value: str, *, after: bool) -> int:
    """Where the value stands among the keys; `after`: behind it, if it is one."""
    keys = column.dictionary.keys
    key = facet_key(value)
    place = keys.bisect(key)
    if after and place < len(keys) and keys[place] == key:
        return place + 1
    return place
