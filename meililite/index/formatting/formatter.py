"""`_formatted` and `_matchesPosition` of a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from meililite.index.formatting.cropping import crop_bounds
from meililite.index.formatting.matching import MatchedText, TextMatch, match_text
from meililite.index.formatting.words import MatchingWords
from meililite.index.patterns import below
from meililite.index.projection import select
from meililite.index.tokens import Tokenizer

_CROP_LENGTH = 10
_MOST_DIGITS = 19  # of a crop length; one with more is passed over


@dataclass(frozen=True)
class _Options:
    highlight: bool = False
    crop: int | None = None

    def merged(self, other: _Options) -> _Options:
        crop = self.crop if self.crop is not None else other.crop
        return _Options(self.highlight or other.highlight, crop)


@dataclass
class FormatRequest:
    """How a request wants its hits shown; `options` by field."""

    options: dict[str, _Options] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    positions: bool = False
    marker: str = "…"
    before: str = "<em>"
    after: str = "</em>"

    @classmethod
    def of(
        cls,
        request: dict[str, Any],
        displayed: list[str],
        retrieved: list[str],
    ) -> FormatRequest:
        """displayed: all fields that may be shown; retrieved: those that the hits show."""
        options = _highlighted(request.get("attributesToHighlight") or (), displayed)
        length = request.get("cropLength")
        length = _CROP_LENGTH if length is None else length
        for name in request.get("attributesToCrop") or ():
            _add_crop(options, name, length, displayed)
        return cls(
            options,
            [*options, *retrieved] if options else [],
            bool(request.get("showMatchesPosition")),
            _text(request, "cropMarker", "…"),
            _text(request, "highlightPreTag", "<em>"),
            _text(request, "highlightPostTag", "</em>"),
        )


def _text(request: dict[str, Any], name: str, default: str) -> str:
    value = request.get(name)
    return default if value is None else str(value)


def _highlighted(names: list[str] | tuple[str, ...], displayed: list[str]) -> dict[str, _Options]:
    if "*" in names:
        return dict.fromkeys(displayed, _Options(highlight=True))
    return {name: _Options(highlight=True) for name in names if name in displayed}


def _add_crop(
    options: dict[str, _Options], attribute: str, length: int, displayed: list[str]
) -> None:
    name, separator, size = attribute.rpartition(":")
    if not separator:
        name, size = attribute, ""
    readable = size.isascii() and size.isdecimal() and len(size) <= _MOST_DIGITS
    crop = int(size) if readable else length
    for chosen in displayed if name == "*" else [name]:
        if chosen in displayed:
            options[chosen] = _Options(options.get(chosen, _Options()).highlight, crop)


class Formatter:
    """Formats documents for one request."""

    def __init__(
        self, request: FormatRequest, tokenizer: Tokenizer, words: MatchingWords | None
    ) -> None:
        self._request = request
        self._tokenizer = tokenizer
        self._words = words
        self._by_path: dict[str, _Options | None] = {}

    def format(self, document: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """(`_matchesPosition` if asked for, `_formatted`) of the displayed part of a document."""
        positions: dict[str, Any] = {}
        mapped = _mapped(
            document, "", (), lambda path, where, value: self._leaf(path, where, value, positions)
        )
        shown = select(mapped, self._request.shown) if self._request.shown else {}
        return (positions if self._request.positions else None), shown

    def _leaf(
        self, path: str, where: tuple[int, ...], value: Any, positions: dict[str, Any]
    ) -> Any:
        if value is None or isinstance(value, bool):
            return value
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        options = self._options(path)
        if options is None and not self._request.positions:
            return text
        matched = match_text(text, self._tokenizer, self._words)
        if self._request.positions and matched.matches:
            found = [_position(matched, match, where) for match in matched.matches]
            positions[path] = found  # of a list, the last item that matches
        return text if options is None else self._formatted(matched, options)

    def _options(self, path: str) -> _Options | None:
        """All that is asked of the field at the path, of fields above and below it."""
        if path not in self._by_path:
            merged: _Options | None = None
            for name, options in self._request.options.items():
                if below(name, path) or below(path, name):
                    merged = options if merged is None else merged.merged(options)
            self._by_path[path] = merged
        return self._by_path[path]

    def _formatted(self, matched: MatchedText, options: _Options) -> str:
        text = matched.text
        start, stop = crop_bounds(matched, options.crop) if options.crop else (0, len(text))
        body = self._highlighted(matched, start, stop) if options.highlight else text[start:stop]
        left = self._request.marker if start > 0 else ""
        right = self._request.marker if stop < len(text) else ""
        return left + body + right

    def _highlighted(self, matched: MatchedText, start: int, stop: int) -> str:
        text = matched.text
        pieces: list[str] = []
        done = start
        for match in matched.matches:
            first = matched.tokens[match.first_token].start
            end = matched.tokens[match.last_token].end
            if end < start or first > stop:
                continue
            first, end = max(first, start), min(end, stop)
            marked = min(first + match.length, end)
            pieces += [text[done:first], self._request.before, text[first:marked]]
            pieces += [self._request.after, text[marked:end]]
            done = end
        return "".join([*pieces, text[done:stop]])


def _position(matched: MatchedText, match: TextMatch, where: tuple[int, ...]) -> dict[str, Any]:
    """Where the match stands, in bytes; `indices` within lists."""
    start = matched.tokens[match.first_token].start
    found: dict[str, Any] = {
        "start": len(matched.text[:start].encode()),
        "length": len(matched.text[start : start + match.length].encode()),
    }
    if where:
        found["indices"] = list(where)
    return found


def _mapped(
    value: Any,
    path: str,
    where: tuple[int, ...],
    leaf: Callable[[str, tuple[int, ...], Any], Any],
) -> Any:
    """The value with `leaf(path, places in lists, value)` in place of each of its leaves."""
    if isinstance(value, dict):
        return {
            key: _mapped(item, f"{path}.{key}" if path else key, where, leaf)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_mapped(item, path, (*where, index), leaf) for index, item in enumerate(value)]
    return leaf(path, where, value)
