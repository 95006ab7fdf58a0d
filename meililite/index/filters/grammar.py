"""Reading filters: `genre = horror AND (year > 1980 OR NOT rating < 3)`.

The grammar and every message are Meilisearch's. It tries its rules in a fixed order and goes back
when one does not fit; once a rule is sure to be meant, what is wrong in it is final.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from meililite.index.filters.scanner import (
    FilterSyntaxError,
    GoBack,
    Scanner,
    shown,
)
from meililite.index.filters.tree import And, Condition, Geo, Node, Not, Or, Source, Word

_MAX_DEPTH = 150
_OPERATOR = re.compile(r"<=|>=|!=|<|>|=")
_IS = {
    "IS NULL": re.compile(r"IS[ \t\r\n]+NULL"),
    "IS NOT NULL": re.compile(r"IS[ \t\r\n]+NOT[ \t\r\n]+NULL"),
    "IS EMPTY": re.compile(r"IS[ \t\r\n]+EMPTY"),
    "IS NOT EMPTY": re.compile(r"IS[ \t\r\n]+NOT[ \t\r\n]+EMPTY"),
    "EXISTS": re.compile(r"EXISTS"),
    "NOT EXISTS": re.compile(r"NOT[ \t\r\n]+EXISTS"),
}
_TO = re.compile(r"TO[ \t\r\n]+")
_TEXT_OPERATORS = {
    "CONTAINS": re.compile(r"CONTAINS"),
    "NOT CONTAINS": re.compile(r"NOT[ \t\r\n]+CONTAINS"),
    "STARTS WITH": re.compile(r"STARTS WITH"),
    "NOT STARTS WITH": re.compile(r"NOT[ \t\r\n]+STARTS WITH"),
}
_TOO_DEEP = (
    "The filter exceeded the maximum depth limit. Try rewriting the filter so that it contains "
    "fewer nested conditions."
)
_OPERATIONS = (
    "Was expecting an operation `=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`, `EXISTS`, "
    "`NOT EXISTS`, `IS NULL`, `IS NOT NULL`, `IS EMPTY`, `IS NOT EMPTY`, `CONTAINS`, "
    "`NOT CONTAINS`, `STARTS WITH`, `NOT STARTS WITH`, `_geoRadius`, `_geoBoundingBox` or "
    "`_geoPolygon` "
)


def parse_expression(text: str) -> Node | None:
    """The tree of one expression; None if it is blank. Raises FilterSyntaxError."""
    if not text.strip():
        return None
    parser = _Parser(text)
    try:
        node = parser.either(0)
    except GoBack as error:
        raise FilterSyntaxError(error.message, error.source) from error
    rest = parser.scan.rest()
    if rest.fragment:
        raise FilterSyntaxError(
            f"Found unexpected characters at the end of the filter: `{shown(rest.fragment)}`. "
            "You probably forgot an `OR` or an `AND` rule.",
            rest,
        )
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self.scan = Scanner(text)

    def either(self, depth: int) -> Node:
        """And ("OR" and)*"""
        return self._chain(depth, "OR", self._all_of, Or)

    def _all_of(self, depth: int) -> Node:
        """Not ("AND" not)*"""
        return self._chain(depth, "AND", self._negated, And)

    def _chain(
        self, depth: int, word: str, part: Callable[[int], Node], joined: type[And] | type[Or]
    ) -> Node:
        self._limit(depth)
        parts = [part(depth + 1)]
        while self.scan.keyword(word):
            parts.append(self.scan.sure(lambda: part(depth + 1)))
        return parts[0] if len(parts) == 1 else joined(tuple(parts))

    def _limit(self, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise GoBack(_TOO_DEEP, self.scan.rest())

    def _negated(self, depth: int) -> Node:
        """primary, or "NOT" not"""
        self._limit(depth)
        if self.scan.keyword("NOT"):
            part = self.scan.sure(lambda: self._negated(depth + 1))
            return part.part if isinstance(part, Not) else Not(part)
        return self._primary(depth + 1)

    def _primary(self, depth: int) -> Node:
        self._limit(depth)
        start = self.scan.rest()
        for rule in self._rules(depth, start):
            place = self.scan.position
            try:
                return rule()
            except GoBack:
                self.scan.position = place
        blank = not start.fragment.strip()
        end = "but instead got nothing." if blank else f"at `{shown(start.fragment)}`."
        raise GoBack(_OPERATIONS + end, start)

    def _rules(self, depth: int, start: Source) -> tuple[Callable[[], Node], ...]:
        """What may stand here, by how it starts."""
        on_field = (self._condition_on_field, self.scan.reserved_place)
        if self.scan.stands("("):
            return (lambda: self._parenthesised(depth, start), *on_field)
        if self.scan.stands("_geo"):
            return (self._radius, self._box, self._polygon, *on_field)
        return on_field

    def _parenthesised(self, depth: int, start: Source) -> Node:
        self.scan.symbol("(")
        node = self.scan.sure(lambda: self.either(depth + 1))
        if not self.scan.accept(")"):
            raise FilterSyntaxError(
                f"Expression `{shown(start.fragment)}` is missing the following closing "
                "delimiter: `)`.",
                start,
            )
        return node

    def _condition_on_field(self) -> Node:
        """Everything that starts with the name of a field."""
        start = self.scan.position
        try:
            field = self.scan.value()
        except GoBack as error:
            if "reserved keyword" in error.message:
                raise FilterSyntaxError(error.message, error.source) from error
            raise
        after = self.scan.position
        rules = (self._in, self._compare, self._state, self._range, self._matching)
        for rule in rules:
            self.scan.position = after
            found = rule(field)
            if found is not None:
                return found
        self.scan.position = start
        raise GoBack("", self.scan.rest())

    def _in(self, field: Word) -> Node | None:
        negated = self.scan.word("NOT")
        if not self.scan.keyword("IN"):
            return None
        if not self.scan.take("["):
            raise FilterSyntaxError("Expected `[` after `IN` keyword.", self.scan.rest())
        values = self._listed()
        rest = self.scan.rest()
        if not self.scan.accept("]"):
            raise FilterSyntaxError(self._bad_list(rest), rest)
        condition = Condition(field, "IN", values)
        return Not(condition) if negated else condition

    def _listed(self) -> tuple[Word, ...]:
        values = self.scan.plain_values()
        while True:
            place = self.scan.position
            if values and not self.scan.accept(","):
                break
            try:
                values.append(self.scan.value())
            except GoBack:
                self.scan.position = place
                break
        self.scan.accept(",") if values else None
        return tuple(values)

    def _bad_list(self, rest: Source) -> str:
        if not rest.fragment:
            return "Expected matching `]` after the list of field names given to `IN[`"
        found = shown(rest.fragment)
        return (
            "Expected only comma-separated field names inside `IN[..]` but instead found "
            f"`{found}`."
        )

    def _compare(self, field: Word) -> Node | None:
        operator = self.scan.match(_OPERATOR)
        if operator is None:
            return None
        value = self.scan.sure(self.scan.value)
        return Condition(field, operator.fragment, (value,))

    def _state(self, field: Word) -> Node | None:
        for name, pattern in _IS.items():
            if self.scan.match(pattern) is not None:
                condition = Condition(field, name.replace("NOT ", ""))
                return Not(condition) if "NOT " in name else condition
        return None

    def _range(self, field: Word) -> Node | None:
        try:
            low = self.scan.value()
        except GoBack:
            return None
        if self.scan.match(_TO) is None:
            return None
        return Condition(field, "TO", (low, self.scan.sure(self.scan.value)))

    def _matching(self, field: Word) -> Node | None:
        for name, pattern in _TEXT_OPERATORS.items():
            keyword = self.scan.match(pattern)
            if keyword is not None:
                value = self.scan.sure(self.scan.value)
                condition = Condition(field, name.removeprefix("NOT "), (value,), keyword)
                return Not(condition) if name.startswith("NOT ") else condition
        return None

    def _radius(self) -> Node:
        self.scan.geo_word("_geoRadius")
        message = (
            "The `_geoRadius` filter must be in the form: `_geoRadius(latitude, longitude, "
            "radius, optionalResolution)`."
        )
        arguments = self.scan.numbers("(", ")", message)
        if len(arguments) not in (3, 4):
            raise FilterSyntaxError(
                "Was expecting 3 or 4 arguments for `_geoRadius`, but instead found "
                f"{len(arguments)}.",
                self.scan.rest(),
            )
        return Geo("_geoRadius", (arguments,))

    def _box(self) -> Node:
        self.scan.geo_word("_geoBoundingBox")
        message = (
            "The `_geoBoundingBox` filter expects two pairs of arguments: "
            "`_geoBoundingBox([latitude, longitude], [latitude, longitude])`."
        )
        points = self.scan.points(message)
        if len(points) != 2:
            raise FilterSyntaxError(message, self.scan.rest())
        self._check_pairs(points)
        return Geo("_geoBoundingBox", points)

    def _polygon(self) -> Node:
        self.scan.geo_word("_geoPolygon")
        message = (
            "The `_geoPolygon` filter doesn't match the expected format: "
            "`_geoPolygon([latitude, longitude], [latitude, longitude])`."
        )
        points = self.scan.points(message, trailing_comma=True)
        if len(points) < 3:
            raise FilterSyntaxError(
                "The `_geoPolygon` filter expects at least 3 points but only "
                f"{len(points)} were specified",
                points[-1][-1].source,
            )
        self._check_pairs(points)
        return Geo("_geoPolygon", points)

    @staticmethod
    def _check_pairs(points: tuple[tuple[Word, ...], ...]) -> None:
        for point in points:
            if len(point) != 2:
                raise FilterSyntaxError(
                    f"Was expecting 2 coordinates but instead found {len(point)}.",
                    point[0].source,
                )
