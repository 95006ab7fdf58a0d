"""Paths to handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from meililite.front.http import Answer, Call

Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler, and the action that a key must allow (None: anyone may)."""

    handler: Handler
    action: str | None


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    name: str | None = None
    any: _Node | None = None
    methods: dict[str, Route] = field(default_factory=dict)


class Router:
    """A tree of path segments; `{name}` stands for any one segment."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, method: str, path: str, action: str | None, handler: Handler) -> None:
        node = self._root
        for segment in _segments(path):
            if segment.startswith("{"):
                node.name = segment.strip("{}")
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.children.setdefault(segment, _Node())
        node.methods[method] = Route(handler, action)

    def find(self, method: str, path: str) -> tuple[Route | int, dict[str, str]]:
        """The route with the path's names, or the status that says why there is none."""
        node, names = self._root, {}
        for segment in _segments(path):
            if segment in node.children:
                node = node.children[segment]
            elif node.any is not None and node.name is not None:
                names[node.name] = unquote(segment)
                node = node.any
            else:
                return 404, {}
        if not node.methods:
            return 404, {}
        route = node.methods.get(method)
        return (405, {}) if route is None else (route, names)


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]
