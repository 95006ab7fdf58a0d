"""The forms of a parameter's value: what may be written, and what it is read as."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from catalog.grid import Box
from service.geography.places import Place, place_of_zip
from service.geography.polygons import Shape, boxes

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_ZIP = re.compile(r"[0-9]{5}")


class Form(Protocol):
    """What one value looks like."""

    def read(self, text: str) -> Any:
        """The value in `text`; ValueError with what was expected, to follow "must be"."""

    def schema(self) -> dict[str, Any]:
        """What `read` takes, as JSON Schema (draft 2020-12)."""


def number(text: str) -> float | None:
    """The number that a program writes so: `20000`, `-87.62`, `.5`, `1e-7`, of any length.

    None for what is none: a comma, a unit, another script's digits, `nan`. One that is too large
    is infinite, as it is for other programs.
    """
    text = text.strip()
    return float(text) + 0.0 if _NUMBER.fullmatch(text) else None  # -0.0 + 0.0 is 0.0


@dataclass(frozen=True)
class Words:
    """What somebody typed: it may be empty, and what nobody sees of it does not count.

    Those are marks of direction, joiners and soft hyphens, which come with what is copied; control
    characters are spaces.
    """

    longest: int

    def read(self, text: str) -> str:
        if len(text) > self.longest:
            raise ValueError(f"at most {self.longest} characters long")
        return text if text.isprintable() else _visible(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True)
class Text:
    longest: int

    def read(self, text: str) -> str:
        if len(text) > self.longest:
            raise ValueError(f"at most {self.longest} characters long")
        if not text:
            raise ValueError("a value: leave out the parameter, or the comma beside nothing")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest, "pattern": r"\S"}


@dataclass(frozen=True)
class Value:
    """A value of a facet, in the `proper` spelling of its vocabulary."""

    longest: int
    proper: Callable[[str], str]

    def read(self, text: str) -> str:
        return self.proper(Text(self.longest).read(text))

    def schema(self) -> dict[str, Any]:
        return Text(self.longest).schema()


@dataclass(frozen=True)
class Whole:
    least: int
    most: int

    def read(self, text: str) -> int:
        value = number(text)
        expected = f"a whole number from {self.least} to {self.most}"
        if value is None:
            raise ValueError(f"{expected}, in digits alone")
        if not self.least <= value <= self.most or not value.is_integer():
            raise ValueError(expected)
        return int(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Decimal:
    least: float
    most: float
    above: bool = False  # whether `least` itself is too little

    def read(self, text: str) -> float:
        value = number(text)
        least = f"above {self.least:g}, up to" if self.above else f"from {self.least:g} to"
        expected = f"a number {least} {self.most:g}"
        if value is None:
            raise ValueError(f"{expected}, in digits with a point")
        if not self.least <= value <= self.most or (self.above and value == self.least):
            raise ValueError(expected)
        return value

    def schema(self) -> dict[str, Any]:
        least = "exclusiveMinimum" if self.above else "minimum"
        return {"type": "number", least: self.least, "maximum": self.most}


@dataclass(frozen=True)
class Choice:
    choices: tuple[str, ...]

    def read(self, text: str) -> str:
        if text not in self.choices:
            raise ValueError(f"one of {', '.join(self.choices)}")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


@dataclass(frozen=True)
class Zip:
    def read(self, text: str) -> Place:
        if not _ZIP.fullmatch(text):
            raise ValueError("a US ZIP code of five digits, like 60601")
        place = place_of_zip(text)
        if place is None:
            raise ValueError("a US ZIP code that exists")
        return place

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_ZIP.pattern}$", "examples": ["60601"]}


@dataclass(frozen=True)
class BoundingBox:
    """A part of the map by its edges, over the date line where west is more than east."""

    def read(self, text: str) -> Box:
        numbers = _degrees(text)
        if len(numbers) != 4 or not _on_earth(numbers):
            raise ValueError("west,south,east,north in degrees, like -88.2,41.6,-87.3,42.1")
        west, south, east, north = numbers
        if south > north:
            raise ValueError("west,south,east,north with the south below the north")
        return Box(south, west, north, east)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": _pairs(2, 2), "examples": ["-88.2,41.6,-87.3,42.1"]}


@dataclass(frozen=True)
class Polygon:
    """A shape on the map by its corners; the last joins the first, whether or not it repeats it."""

    most: int

    def read(self, text: str) -> Shape:
        numbers = _degrees(text)
        corners = tuple(zip(numbers[1::2], numbers[::2], strict=False))
        if not numbers or len(numbers) % 2 or not _on_earth(numbers):
            raise ValueError("lng,lat,lng,lat,… in degrees, like -88,41,-87,41,-87,42")
        if corners[:1] == corners[-1:]:
            corners = corners[:-1]
        if not 3 <= len(corners) <= self.most:
            raise ValueError(f"lng,lat,lng,lat,… of 3 to {self.most} corners")
        return Shape(corners, tuple(boxes(corners)))

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": _pairs(3, self.most + 1),
            "examples": ["-88,41,-87,41,-87,42"],
        }


def _visible(text: str) -> str:
    """A text without what nobody sees of it."""
    kinds = ((character, unicodedata.category(character)) for character in text)
    seen = (" " if kind == "Cc" else character for character, kind in kinds if kind != "Cf")
    return "".join(seen).strip()


def _degrees(text: str) -> list[float]:
    """The numbers between commas; none at all where one is no number."""
    numbers = [number(part) for part in text.split(",")]
    known = [one for one in numbers if one is not None]
    return known if len(known) == len(numbers) else []


def _on_earth(numbers: list[float]) -> bool:
    """Whether pairs of longitude and latitude are."""
    lngs, lats = numbers[::2], numbers[1::2]
    return all(abs(lng) <= 180 for lng in lngs) and all(abs(lat) <= 90 for lat in lats)


def _pairs(least: int, most: int) -> str:
    """A pattern for so many pairs of numbers."""
    pair = f"{_NUMBER.pattern},{_NUMBER.pattern}"
    return f"^{pair}(,{pair}){{{least - 1},{most - 1}}}$"
