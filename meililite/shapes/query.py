"""Checks of query parameters: everything is text, and words differ from those for JSON.

Source of the wording: the crate deserr, `errors/query_params.rs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from meililite.errors import ApiError
from meililite.shapes.shape import index_uid_fault, one_of

Reading = Callable[[str], Any]

_MAX_U64 = 2**64 - 1


class FaultError(Exception):
    """What is wrong with a parameter's text."""


class UnknownWordError(FaultError):
    """A word that is none of those that may stand here."""

    def __init__(self, word: str, accepted: Sequence[str]) -> None:
        super().__init__(word)
        self.word = word
        self.accepted = accepted


@dataclass(frozen=True, slots=True)
class Parameter:
    read: Reading
    code: str = "bad_request"
    default: Any = None


def read(given: Sequence[tuple[str, str]], parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """Every parameter's value, or its default; ApiError for an unknown one or a bad value."""
    values = {}
    for name, text in given:
        parameter = parameters.get(name)
        if parameter is None:
            raise ApiError(
                "bad_request", f"Unknown parameter `{name}`: {one_of(name, list(parameters))}"
            )
        try:
            values[name] = parameter.read(text)
        except UnknownWordError as fault:
            said = one_of(fault.word, fault.accepted)
            raise ApiError(
                parameter.code, f"Unknown value `{fault.word}` for parameter `{name}`: {said}"
            ) from None
        except FaultError as fault:
            raise ApiError(
                parameter.code, f"Invalid value in parameter `{name}`: {fault}"
            ) from None
    return {name: values.get(name, parameter.default) for name, parameter in parameters.items()}


def text(value: str) -> str:
    return value


def unsigned(value: str) -> int:
    found = whole(value.removeprefix("+"), _MAX_U64)
    if found is None:
        raise FaultError(f"could not parse `{value}` as a positive integer")
    return found


def whole(digits: str, most: int) -> int | None:
    """The number that the ASCII digits write; None when they are none, or it is beyond `most`."""
    if not (digits.isascii() and digits.isdecimal()):
        return None
    digits = digits.lstrip("0") or "0"
    # Python refuses to read numbers of thousands of digits.
    return int(digits) if len(digits) <= len(str(most)) and int(digits) <= most else None


def number(value: str) -> float:
    try:
        return float(value.replace("_", "x"))
    except ValueError:
        raise FaultError("invalid float literal") from None


def boolean(value: str) -> bool:
    if value not in ("true", "false"):
        raise FaultError(
            f"could not parse `{value}` as a boolean, expected either `true` or `false`"
        )
    return value == "true"


def separated(item: Reading) -> Reading:
    """Values with commas between them. None for no text at all."""

    def split(value: str) -> list[Any]:
        return [item(part) for part in value.split(",")]

    return split


def star_or(item: Reading) -> Reading:
    """Values with commas between them, or `*` for all of them (None)."""

    def split(value: str) -> list[Any] | None:
        parts = value.split(",")
        return None if "*" in parts else [item(part) for part in parts]

    return split


def word_of(kind: str, plural: str, accepted: Sequence[str]) -> Reading:
    """One of some words, in any case: `word_of("task status", "statuses", …)`."""
    by_lower = {word.lower(): word for word in accepted}
    names = ", ".join(f"`{word}`" for word in accepted)

    def check(value: str) -> str:
        if value.lower() not in by_lower:
            raise FaultError(f"`{value}` is not a valid {kind}. Available {plural} are {names}.")
        return by_lower[value.lower()]

    return check


def index_uid(value: str) -> str:
    if fault := index_uid_fault(value):
        raise FaultError(fault)
    return value


def character(value: str) -> str:
    """One ASCII character that may separate CSV columns."""
    if len(value) != 1:
        what = "an empty string" if not value else f"the following string of {len(value)}"
        extra = "" if not value else f" characters: `{value}`"
        raise FaultError(f"expected a string of one character, but found {what}{extra}")
    if not value.isascii():
        raise FaultError(f"csv delimiter must be an ascii character. Found: `{value}`")
    return value


def moment(*, end_of_day: bool) -> Reading:
    """Microseconds since 1970 of a date or a date-time.

    A bare date means its first instant, or for `after…` (`end_of_day`) the first of the next day.
    """

    def check(value: str) -> int:
        try:
            at = datetime.fromisoformat(value)
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                at = at.replace(tzinfo=UTC) + timedelta(days=1 if end_of_day else 0)
        except (ValueError, OverflowError):
            raise _bad_moment(value) from None
        if at.tzinfo is None:
            raise _bad_moment(value)
        return int(at.timestamp() * 1_000_000)

    return check


def _bad_moment(value: str) -> FaultError:
    return FaultError(
        f"`{value}` is an invalid date-time. "
        "It should follow the YYYY-MM-DD or RFC 3339 date-time format."
    )
