"""What of a document an answer shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from meililite.index.patterns import below


def select(document: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The parts of the document at the paths: `dealer.name` keeps dealer with its name only."""
    return _select(document, list(paths), "")


def _select(value: dict[str, Any], paths: Sequence[str], base: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        path = f"{base}.{key}" if base else key
        if any(below(path, wanted) for wanted in paths):
            found[key] = item
        elif any(below(wanted, path) for wanted in paths):
            kept = _select_inside(item, paths, path)
            if kept is not None:
                found[key] = kept
    return found


def _select_inside(item: Any, paths: Sequence[str], path: str) -> Any:
    if isinstance(item, dict):
        return _select(item, paths, path) or None
    if isinstance(item, list):
        kept = [_select_inside(part, paths, path) for part in item]
        return [part for part in kept if part is not None] or None
    return None
