"""What of a document an answer shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from meililite.index.patterns import below

_VECTORS = "_vectors"


def has_vectors(raw: bytes) -> bool:
    """Whether a document in JSON may have `_vectors`; False is certain."""
    return b'"_vectors"' in raw


def with_vectors(shown: dict[str, Any], *, asked: bool) -> dict[str, Any]:
    """What is shown of a document, without its `_vectors`, or with them (none, say) when asked."""
    own = shown.get(_VECTORS)
    rest = {name: value for name, value in shown.items() if name != _VECTORS}
    return rest | ({_VECTORS: own if isinstance(own, dict) else {}} if asked else {})


def select(document: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The parts of the document at the paths: `dealer.name` keeps dealer with its name only."""
    wanted = list(paths)
    names = frozenset(wanted)
    nested = [path for path in wanted if "." in path]
    found: dict[str, Any] = {}
    for key, item in document.items():
        if key in names:
            found[key] = item
        elif "." in key or (nested and any(path.startswith(key) for path in nested)):
            found |= _select({key: item}, wanted, "")
    return found


def _select(value: dict[str, Any], paths: Sequence[str], base: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        path = f"{base}.{key}" if base else key
        if any(below(path, wanted) for wanted in paths):
            found[key] = item
        elif "." in key or any(below(wanted, path) for wanted in paths):
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
