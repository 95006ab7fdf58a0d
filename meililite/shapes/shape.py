"""Checks of decoded JSON that fail with the words of Meilisearch's deserialiser.

A shape is a function of a value, its place in the request (`.queries[0].q`, empty at the top) and
the error code of what is being read; it returns the value to use or raises ApiError.
Source of the wording: the crate deserr, `errors/json.rs` and `errors/helpers.rs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from rapidfuzz.distance import DamerauLevenshtein

from meililite.errors import ApiError

Shape = Callable[[Any, str, str], Any]

_MAX_U64 = 2**64 - 1
# At most 400 bytes in truth; the message says 512, as Meilisearch's does.
_INDEX_UID = re.compile(r"[A-Za-z0-9_-]{1,400}", re.ASCII)
_TYPOS_BY_LENGTH = ((3, 0), (7, 1), (12, 2), (17, 3), (24, 4))


def _at(place: str, word: str) -> str:
    return f" {word} `{place}`" if place else ""


def describe(value: Any) -> str:
    """A value with its kind: `` a string: `"x"` ``."""
    match value:
        case None:
            return "null"
        case bool():
            kind = "a boolean"
        case int():
            kind = "a negative integer" if value < 0 else "a positive integer"
        case float():
            kind = "a number"
        case str():
            kind = "a string"
        case list():
            kind = "an array"
        case _:
            kind = "an object"
    return f"{kind}: `{orjson.dumps(value).decode()}`"


def wrong_type(value: Any, place: str, code: str, expected: str) -> ApiError:
    where = _at(place, "at")
    return ApiError(
        code, f"Invalid value type{where}: expected {expected}, but found {describe(value)}"
    )


def invalid(place: str, code: str, what: str) -> ApiError:
    return ApiError(code, f"Invalid value{_at(place, 'at')}: {what}")


def _suggestion(received: str, accepted: Iterable[str]) -> str:
    allowed = next((typos for end, typos in _TYPOS_BY_LENGTH if len(received.encode()) <= end), 5)
    if not allowed:
        return ""
    near = [(DamerauLevenshtein.distance(received, word), word) for word in accepted]
    distance, word = min(near, key=lambda pair: pair[0])
    return f"did you mean `{word}`? " if distance <= allowed else ""


def one_of(received: str, accepted: Sequence[str]) -> str:
    names = ", ".join(f"`{word}`" for word in accepted)
    return f"{_suggestion(received, accepted)}expected one of {names}"


def string(value: Any, place: str, code: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(value, place, code, "a string")
    return value


def boolean(value: Any, place: str, code: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(value, place, code, "a boolean")
    return value


def unsigned(value: Any, place: str, code: str, limit: int = _MAX_U64) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong_type(value, place, code, "a positive integer")
    if value > limit:
        raise invalid(
            place,
            code,
            f"value: `{value}` is too large to be deserialized, "
            f"maximum value authorized is `{limit}`",
        )
    return value


def byte(value: Any, place: str, code: str) -> int:
    return unsigned(value, place, code, limit=255)


def non_zero(value: Any, place: str, code: str) -> int:
    if unsigned(value, place, code) == 0:
        raise invalid(
            place,
            code,
            f"a non-zero integer value lower than `{_MAX_U64}` was expected, but found a zero",
        )
    return int(value)


def number(value: Any, place: str, code: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(value, place, code, "a number")
    return value


def anything(value: Any, place: str, code: str) -> Any:
    del place, code
    return value


def optional(shape: Shape) -> Shape:
    """The shape, or null."""

    def check(value: Any, place: str, code: str) -> Any:
        return None if value is None else shape(value, place, code)

    return check


def choice(*accepted: str) -> Shape:
    def check(value: Any, place: str, code: str) -> str:
        word = string(value, place, code)
        if word not in accepted:
            raise ApiError(
                code, f"Unknown value `{word}`{_at(place, 'at')}: {one_of(word, accepted)}"
            )
        return word

    return check


def array(shape: Shape) -> Shape:
    def check(value: Any, place: str, code: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_type(value, place, code, "an array")
        return [shape(item, f"{place}[{number}]", code) for number, item in enumerate(value)]

    return check


def sorted_set(value: Any, place: str, code: str) -> list[str]:
    """Strings, each once, in byte order."""
    return sorted(set(array(string)(value, place, code)))


def mapping(shape: Shape) -> Shape:
    """An object with any names, in byte order of the names."""

    def check(value: Any, place: str, code: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_type(value, place, code, "an object")
        checked = {name: shape(item, f"{place}.{name}", code) for name, item in value.items()}
        return dict(sorted(checked.items()))

    return check


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a record. Without a code of its own it takes that of the record.

    `missing` is the code when it must be there and is not.
    """

    shape: Shape
    code: str | None = None
    missing: str | None = None


def record(
    fields: Mapping[str, Field],
    *,
    code: str | None = None,
    open_ended: bool = False,
    immutable: Mapping[str, str] | None = None,
) -> Shape:
    """An object with known members; only those that were given are in the result.

    `code` is the record's own (else that of what holds it). `open_ended` records pass over unknown
    members; `immutable` names members that have an error of their own when they are given.
    """
    names = list(fields)
    outer = code

    def check(value: Any, place: str, code: str) -> dict[str, Any]:
        code = outer or code
        if not isinstance(value, dict):
            raise wrong_type(value, place, code, "an object")
        checked = {}
        for name, item in value.items():
            if field := fields.get(name):
                checked[name] = field.shape(item, f"{place}.{name}", field.code or code)
            elif not open_ended:
                raise _unknown(name, names, place, code, immutable or {})
        for name, field in fields.items():
            if field.missing and name not in checked:
                raise ApiError(field.missing, f"Missing field `{name}`{_at(place, 'inside')}")
        return checked

    return check


def _unknown(
    name: str, names: list[str], place: str, code: str, immutable: Mapping[str, str]
) -> ApiError:
    if name in immutable:
        accepted = ", ".join(f"`{word}`" for word in names)
        return ApiError(immutable[name], f"Immutable field `{name}`: expected one of {accepted}")
    return ApiError(code, f"Unknown field `{name}`{_at(place, 'inside')}: {one_of(name, names)}")


def index_uid_fault(text: str) -> str | None:
    """What is wrong with an index uid, or None."""
    if _INDEX_UID.fullmatch(text):
        return None
    return (
        f"`{text}` is not a valid index uid. Index uid can be an integer or a string containing "
        "only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than "
        "512 bytes."
    )


def index_uid(value: Any, place: str, code: str) -> str:
    text = string(value, place, code)
    if fault := index_uid_fault(text):
        raise invalid(place, code, fault)
    return text
