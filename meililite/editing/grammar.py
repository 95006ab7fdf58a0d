"""The text of a function as a tree.

Covered of Rhai (https://rhai.rs/book): `let`, assignments, `if`, `while`, `for … in`, blocks,
operators, property and index access, method calls, arrays, `#{}` maps, strings and templates.
A tree is a tuple: the kind, then its parts.
"""

from __future__ import annotations

import re
from typing import Any

Tree = tuple[Any, ...]

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<string>"(?:\\.|[^"\\])*")
    |(?P<template>`[^`]*`)
    |(?P<sign>\#\{|\(\)|[-+*/%]=|[=!<>]=|&&|\|\||[-+*/%=<>!.,;:(){}\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_LEVELS = (("||",), ("&&",), ("==", "!="), ("in",), ("<", "<=", ">", ">="), ("+", "-"),
           ("*", "/", "%"))  # fmt: skip
_ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=")
_MOST_DIGITS = 19  # of a whole number in 64 bits
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class ScriptError(Exception):
    """What is wrong with a function, or went wrong while it ran."""


def parse(text: str) -> Tree:
    """The statements of a function; ScriptError for what is no Rhai, or not covered."""
    try:
        return ("block", _Parser(_tokens(text)).statements())
    except RecursionError:
        raise ScriptError("The function is nested too deeply") from None


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at = [], 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ScriptError(f"Unexpected `{text[at]}` ({_position(text, at)})")
        at = token.end()
        if token.lastgroup not in ("space", None):
            found.append((str(token.lastgroup), token[0], token.start()))
    return [*found, ("end", "", len(text))]


def _position(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    return f"line {line}, position {at - text.rfind(chr(10), 0, at)}"


class _Parser:
    def __init__(self, tokens: list[tuple[str, str, int]]) -> None:
        self._tokens = tokens
        self._at = 0

    def _peek(self) -> str:
        kind, text, _ = self._tokens[self._at]
        return text if kind in ("sign", "word") else ""

    def _take(self, *wanted: str) -> str | None:
        if self._peek() in wanted and self._peek():
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _need(self, sign: str) -> None:
        if self._take(sign) is None:
            raise self._unexpected(f"expecting `{sign}`")

    def _unexpected(self, hint: str) -> ScriptError:
        _, text, at = self._tokens[self._at]
        return ScriptError(f"Unexpected `{text or 'end of script'}` at {at}, {hint}")

    def _name(self) -> str:
        kind, text, _ = self._tokens[self._at]
        if kind != "word":
            raise self._unexpected("expecting a name")
        self._at += 1
        return text

    def statements(self) -> tuple[Tree, ...]:
        found = []
        while self._tokens[self._at][0] != "end":
            if self._take(";") is None:
                found.append(self._statement())
        return tuple(found)

    def _block(self) -> Tree:
        self._need("{")
        found = []
        while self._take("}") is None:
            if self._tokens[self._at][0] == "end":
                raise self._unexpected("expecting `}`")
            if self._take(";") is None:
                found.append(self._statement())
        return ("block", tuple(found))

    def _statement(self) -> Tree:
        if self._take("let", "const"):
            name = self._name()
            return ("let", name, self._expression() if self._take("=") else ("value", None))
        if self._take("while"):
            return ("while", self._expression(), self._block())
        if self._take("for"):
            name = self._name()
            self._need("in")
            return ("for", name, self._expression(), self._block())
        return self._assignment()

    def _assignment(self) -> Tree:
        target = self._expression()
        sign = self._take(*_ASSIGNMENTS)
        if sign is None:
            return target
        if target[0] not in ("name", "item"):
            raise self._unexpected("which cannot be assigned to")
        value = self._expression()
        return ("set", target, value if sign == "=" else ("two", sign[0], target, value))

    def _expression(self, level: int = 0) -> Tree:
        if level == len(_LEVELS):
            return self._unary()
        left = self._expression(level + 1)
        while sign := self._take(*_LEVELS[level]):
            left = ("two", sign, left, self._expression(level + 1))
        return left

    def _unary(self) -> Tree:
        sign = self._take("-", "!", "+")
        return ("one", sign, self._unary()) if sign else self._postfix()

    def _postfix(self) -> Tree:
        tree = self._primary()
        while sign := self._take(".", "["):
            if sign == "[":
                tree = ("item", tree, self._expression())
                self._need("]")
            else:
                tree = self._member(tree)
        return tree

    def _member(self, tree: Tree) -> Tree:
        name = self._name()
        if self._take("()"):
            return ("call", tree, name, ())
        if self._take("("):
            return ("call", tree, name, self._list(")"))
        return ("item", tree, ("value", name))

    def _list(self, end: str) -> tuple[Tree, ...]:
        found = []
        while self._take(end) is None:
            found.append(self._expression())
            if self._peek() != end:
                self._need(",")
        return tuple(found)

    def _primary(self) -> Tree:
        kind, text, _ = self._tokens[self._at]
        if text == "{":
            return self._block()
        self._at += 1
        match kind:
            case "number":
                return ("value", _number(text.replace("_", "")))
            case "string":
                return ("value", _unescape(text[1:-1]))
            case "template":
                return _template(text[1:-1])
            case "word":
                return self._word(text)
        return self._sign(text)

    def _word(self, word: str) -> Tree:
        if word in ("true", "false"):
            return ("value", word == "true")
        if word == "if":
            condition, then = self._expression(), self._block()
            if not self._take("else"):
                return ("if", condition, then, ("value", None))
            other = self._word("if") if self._take("if") else self._block()
            return ("if", condition, then, other)
        return ("name", word)

    def _sign(self, sign: str) -> Tree:
        if sign == "()":
            return ("value", None)
        if sign == "(":
            tree = self._expression()
            self._need(")")
            return tree
        if sign == "[":
            return ("array", self._list("]"))
        if sign == "#{":
            return ("map", self._members())
        self._at -= 1
        raise self._unexpected("expecting an expression")

    def _members(self) -> tuple[tuple[str, Tree], ...]:
        found = []
        while self._take("}") is None:
            kind, text, _ = self._tokens[self._at]
            name = _unescape(text[1:-1]) if kind == "string" else self._name()
            self._at += kind == "string"
            self._need(":")
            found.append((name, self._expression()))
            if self._peek() != "}":
                self._need(",")
        return tuple(found)


def _number(text: str) -> float:
    if not text.isdigit():
        return float(text)
    if len(text) > _MOST_DIGITS or int(text) >= 2**63:
        raise ScriptError(f"Malformed number: {text[:_MOST_DIGITS]}")
    return int(text)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)


def _template(text: str) -> Tree:
    """`a ${b} c` as the pieces that are joined."""
    pieces: list[Tree] = []
    for number, piece in enumerate(re.split(r"\$\{([^}]*)\}", text)):
        pieces.append(parse(piece) if number % 2 else ("value", piece))
    return ("join", tuple(pieces))
