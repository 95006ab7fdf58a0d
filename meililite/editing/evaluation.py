"""Running a function over one document."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import orjson

from meililite.editing.grammar import ScriptError, Tree

_STEPS = 100_000  # of one run: a function that needs more never ends
_LENGTH = 10_000_000  # characters or items of one value

_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


_METHODS: dict[str, dict[str, Callable[..., Any]]] = {
    "string": {
        "to_upper": str.upper,
        "to_lower": str.lower,
        "make_upper": str.upper,
        "make_lower": str.lower,
        "trim": str.strip,
        "len": len,
        "is_empty": operator.not_,
        "contains": operator.contains,
        "starts_with": str.startswith,
        "ends_with": str.endswith,
        "split": lambda text, by=None: text.split(by),
        "sub_string": lambda text, start, size=_LENGTH: text[start : start + size],
        "index_of": str.find,
        "to_string": str,
    },
    "array": {
        "len": len,
        "is_empty": operator.not_,
        "contains": operator.contains,
        "push": list.append,
        "pop": lambda items: items.pop() if items else None,
        "remove": lambda items, at: items.pop(at) if 0 <= at < len(items) else None,
        "reverse": list.reverse,
        "sort": list.sort,
    },
    "map": {
        "len": len,
        "is_empty": operator.not_,
        "contains": operator.contains,
        "keys": list,
        "values": lambda value: list(value.values()),
        "remove": lambda value, name: value.pop(name, None),
        "set": dict.__setitem__,
    },
    "number": {
        "to_string": text_of,
        "to_int": int,
        "to_float": float,
        "abs": abs,
        "round": round,
        "floor": lambda value: value // 1,
    },
}  # fmt: skip


def run(program: Tree, document: dict[str, Any], context: dict[str, Any]) -> Any:
    """The document after the function ran over it; None when it set `doc` to `()`.

    The document and the context that are handed in may be changed. Raises ScriptError.
    """
    running = _Running({"doc": document, "context": context})
    try:
        running.value(program)
        orjson.dumps(running.names["doc"])  # or it is nothing that can be stored
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise ScriptError(str(error)) from error
    return running.names["doc"]


def _kind(value: Any) -> str:
    match value:
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "map"
        case bool() | None:
            return ""
    return "number"


class _Running:
    """The values of names while a function runs."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self._steps = 0

    def value(self, tree: Tree) -> Any:
        self._steps += 1
        if self._steps > _STEPS:
            raise ScriptError(f"Too many operations: more than {_STEPS}")
        return getattr(self, f"_{tree[0]}")(*tree[1:])

    def _value(self, value: Any) -> Any:
        return value

    def _name(self, name: str) -> Any:
        if name not in self.names:
            raise ScriptError(f"Variable not found: {name}")
        return self.names[name]

    def _block(self, statements: tuple[Tree, ...]) -> Any:
        found = None
        for statement in statements:
            found = self.value(statement)
        return found

    def _let(self, name: str, value: Tree) -> None:
        self.names[name] = self.value(value)

    def _set(self, target: Tree, value: Tree) -> None:
        new = self.value(value)
        if target[0] == "name":
            self._name(target[1])
            self.names[target[1]] = new
        else:
            self.value(target[1])[self.value(target[2])] = new

    def _item(self, holder: Tree, at: Tree) -> Any:
        held, place = self.value(holder), self.value(at)
        if isinstance(held, dict):
            return held.get(place)
        if isinstance(held, list | str) and isinstance(place, int):
            return held[place]
        raise ScriptError(f"Unknown property `{place}`")

    def _call(self, holder: Tree, name: str, arguments: tuple[Tree, ...]) -> Any:
        held = self.value(holder)
        method = _METHODS.get(_kind(held), {}).get(name)
        if method is None:
            raise ScriptError(f"Function not found: {name}")
        return method(held, *(self.value(argument) for argument in arguments))

    def _if(self, condition: Tree, then: Tree, other: Tree) -> Any:
        return self.value(then if self._truth(condition) else other)

    def _while(self, condition: Tree, body: Tree) -> None:
        while self._truth(condition):
            self.value(body)

    def _for(self, name: str, items: Tree, body: Tree) -> None:
        for item in list(self.value(items)):
            self.names[name] = item
            self.value(body)

    def _truth(self, tree: Tree) -> bool:
        found = self.value(tree)
        if not isinstance(found, bool):
            raise ScriptError("Data type incorrect: expecting bool")
        return found

    def _one(self, sign: str, operand: Tree) -> Any:
        if sign == "!":
            return not self._truth(operand)
        found = self.value(operand)
        return -found if sign == "-" else +found

    def _two(self, sign: str, left: Tree, right: Tree) -> Any:
        if sign in ("&&", "||"):
            first = self._truth(left)
            return self._truth(right) if first == (sign == "&&") else first
        return self._sized(self._combine(sign, self.value(left), self.value(right)))

    def _combine(self, sign: str, a: Any, b: Any) -> Any:
        if sign in ("==", "!="):
            return (a == b) == (sign == "==")
        if sign == "in":
            return a in b
        if sign in ("/", "%"):
            return _divide(sign, a, b)
        if sign == "+" and str in (type(a), type(b)):
            return text_of(a) + text_of(b)
        if sign == "*" and not (_kind(a) == _kind(b) == "number"):
            raise ScriptError("Only numbers can be multiplied")
        return _TWO[sign](a, b)

    def _sized(self, value: Any) -> Any:
        if isinstance(value, int) and abs(value) >= 2**63:
            raise ScriptError("Number overflow")
        if isinstance(value, str | list) and len(value) > _LENGTH:
            raise ScriptError("A value became too long")
        return value

    def _array(self, items: tuple[Tree, ...]) -> list[Any]:
        return [self.value(item) for item in items]

    def _map(self, members: tuple[tuple[str, Tree], ...]) -> dict[str, Any]:
        return {name: self.value(member) for name, member in members}

    def _join(self, pieces: tuple[Tree, ...]) -> str:
        return "".join(text_of(self.value(piece)) for piece in pieces)


def _divide(sign: str, a: Any, b: Any) -> Any:
    """Whole numbers are divided towards zero, and the rest has the sign of `a`, as in Rust."""
    if not (isinstance(a, int) and isinstance(b, int)):
        return a / b if sign == "/" else math.fmod(a, b)
    quotient = abs(a) // abs(b)
    if (a < 0) != (b < 0):
        quotient = -quotient
    return quotient if sign == "/" else a - b * quotient
