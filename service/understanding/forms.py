"""The forms of a parameter's value: what may be written, and what it is read as."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from catalog.grid import Box
from service.geography.places import Place, place_of_zip
from service.geography.polygons import Shape, boxes

_WHOLE = re.compile(r"[0-9]{1,12}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_ZIP = re.compile(r"[0-9]{5}")


class Form(Protocol):
    """What one value looks like."""

    def read(self, text: str) -> Any:
        """The value in `text`; ValueError with what was expected, to follow "must be"."""

    def schema(self) -> dict[str, Any]:
        """What `read` takes, as JSON Schema (draft 2020-12)."""


@dataclass(frozen=True)
class Text:
    longest: int
    empty: bool = False

    def read(self, text: str) -> str:
        if len(text) > self.longest:
            raise ValueError(f"at most {self.longest} characters long")
        if not self.empty and not text.strip():
            raise ValueError("a value; leave the parameter out to not filter by it")
        return text.strip()

    def schema(self) -> dict[str, Any]:
        written = {} if self.empty else {"minLength": 1, "pattern": r"\S"}
        return {"type": "string", "maxLength": self.longest, **written}


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
        if not _WHOLE.fullmatch(text) or not self.least <= int(text) <= self.most:
            raise ValueError(f"a whole number from {self.least} to {self.most}")
        return int(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Decimal:
    least: float
    most: float
    above: bool = False  # whether `least` itself is too little

    def read(self, text: str) -> float:
        number = float(text) if _DECIMAL.fullmatch(text) else None
        if number is None or not self.least <= number <= self.most:
            raise ValueError(f"a number from {self.least:g} to {self.most:g}")
        if self.above and number == self.least:
            raise ValueError(f"more than {self.least:g}")
        return number

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


def _degrees(text: str) -> list[float]:
    """The numbers between commas; none at all where one is no number."""
    parts = [part.strip() for part in text.split(",")]
    return [float(part) for part in parts] if all(map(_DECIMAL.fullmatch, parts)) else []


def _on_earth(numbers: list[float]) -> bool:
    """Whether pairs of longitude and latitude are."""
    lngs, lats = numbers[::2], numbers[1::2]
    return all(abs(lng) <= 180 for lng in lngs) and all(abs(lat) <= 90 for lat in lats)


def _pairs(least: int, most: int) -> str:
    """A pattern for so many pairs of numbers."""
    pair = f"{_DECIMAL.pattern},{_DECIMAL.pattern}"
    return f"^{pair}(,{pair}){{{least - 1},{most - 1}}}$"
