"""What a filter says, as a tree; every name and value keeps its place in the text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import orjson


class Source(NamedTuple):
    """A stretch of the text of a filter, to point at in messages."""

    text: str
    start: int
    end: int

    @property
    def fragment(self) -> str:
        return self.text[self.start : self.end]

    def pointed(self) -> str:
        """`column:column text`, the last line of every message."""
        line = self.text.rfind("\n", 0, self.start) + 1
        column = self.start - line + 1
        return f"{column}:{column + self.end - self.start} {self.text}"


class Word(NamedTuple):
    """A name or a value: what it says, and where."""

    value: str
    source: Source

    def quoted(self) -> str:
        return orjson.dumps(self.value).decode()

    def number(self) -> float | None:
        """The value as a finite number, if it is one."""
        return finite(self.value)


@dataclass(frozen=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class Condition:
    """`operator` is =, !=, <, <=, >, >=, TO, IN, EXISTS, IS NULL, IS EMPTY, CONTAINS or
    STARTS WITH; `values` are what stands behind it.
    """

    field: Word
    operator: str
    values: tuple[Word, ...] = ()
    keyword: Source | None = None


@dataclass(frozen=True)
class Geo:
    """`name` is _geoRadius, _geoBoundingBox or _geoPolygon; `points` are groups of arguments."""

    name: str
    points: tuple[tuple[Word, ...], ...]


Node = And | Or | Not | Condition | Geo


def finite(text: str) -> float | None:
    """The number that the text writes, as Rust reads it; None if it is none or not finite."""
    if "_" in text or text.strip() != text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def conditions(node: Node) -> Iterator[Condition]:
    """The conditions of the tree from left to right."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from conditions(part)
    elif isinstance(node, Not):
        yield from conditions(node.part)
    elif isinstance(node, Condition):
        yield node


def written(node: Node) -> str:
    """The filter in Meilisearch's canonical writing, which its messages about fields quote."""
    if isinstance(node, Not):
        return f"NOT ({written(node.part)})"
    if isinstance(node, And | Or):
        joint = " AND " if isinstance(node, And) else " OR "
        return joint.join(f"({written(part)})" for part in node.parts)
    if isinstance(node, Geo):
        return _written_geo(node)
    field = node.field.quoted()
    values = [value.quoted() for value in node.values]
    if node.operator == "TO":
        return f"{field} {values[0]} TO {values[1]}"
    if node.operator == "IN":
        return f"{field} IN [{', '.join(values)}]"
    return " ".join([field, node.operator, *values])


def _written_geo(node: Geo) -> str:
    groups = [", ".join(word.source.fragment for word in group) for group in node.points]
    if node.name == "_geoRadius":
        return f"{node.name}({groups[0]})"
    return f"{node.name}({', '.join(f'[{group}]' for group in groups)})"
