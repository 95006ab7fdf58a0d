"""The forms of a parameter's value: what may be written, and what it is read as."""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from service.places import Place, place_of_zip

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
