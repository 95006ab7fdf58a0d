"""The words, values and numbers of which filters are made."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

from meililite.index.filters.tree import Source, Word

_T = TypeVar("_T")
_BLANK = re.compile(r"[ \t\r\n]*")
_SPACE = re.compile(r"\s*")
_COMPONENT = re.compile(r"[\w.-]*")
_QUOTED = {quote: re.compile(rf"[^\\{quote}]*(?:\\.[^\\{quote}]*)*", re.DOTALL) for quote in "'\""}
# A value of a list that means what it says, and the comma behind it.
_PLAIN = re.compile(r"""\s*+(?:([\w.-]++)|'([^'\\]*+)'|"([^"\\]*+)")[ \t\r\n]*+,""")
_KEYWORDS = frozenset(
    [
        "AND",
        "OR",
        "IN",
        "NOT",
        "TO",
        "EXISTS",
        "IS",
        "NULL",
        "EMPTY",
        "CONTAINS",
        "STARTS",
        "WITH",
        "_geoRadius",
        "_geoBoundingBox",
    ]
)
FLOAT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_RESERVED = ("_geoPoint", "_geoDistance")
_ESCAPE = re.compile(
    r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL
)
_SIMPLE_ESCAPES = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "'": "'",
    '"': '"',
    "\\": "\\",
}


class FilterSyntaxError(Exception):
    """A filter that cannot be read: what is wrong, and where."""

    def __init__(self, message: str, source: Source) -> None:
        super().__init__(f"{message}\n{source.pointed()}")


class GoBack(Exception):  # noqa: N818 - not an error yet: another rule may fit
    """A rule does not fit here."""

    def __init__(self, message: str, source: Source) -> None:
        super().__init__(message)
        self.message = message
        self.source = source


class Scanner:
    """Reads pieces of a filter from `position` on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def rest(self) -> Source:
        return Source(self.text, self.position, len(self.text))

    def skip_blank(self) -> None:
        self.position = _end(_BLANK, self.text, self.position)

    def sure(self, rule: Callable[[], _T]) -> _T:
        """Apply a rule that must fit here."""
        try:
            return rule()
        except GoBack as error:
            raise FilterSyntaxError(error.message, error.source) from error

    def stands(self, symbol: str) -> bool:
        """Whether the symbol stands here, or after blanks."""
        return self.text.startswith(symbol, _end(_BLANK, self.text, self.position))

    def take(self, symbol: str) -> bool:
        """Step over the symbol if it stands right here."""
        if not self.text.startswith(symbol, self.position):
            return False
        self.position += len(symbol)
        return True

    def accept(self, symbol: str) -> bool:
        """Step over the symbol and the blanks around it."""
        place = self.position
        self.skip_blank()
        if not self.take(symbol):
            self.position = place
            return False
        self.skip_blank()
        return True

    def symbol(self, symbol: str) -> None:
        if not self.accept(symbol):
            raise GoBack("", self.rest())

    def match(self, pattern: re.Pattern[str]) -> Source | None:
        """Step over what the pattern matches right here."""
        found = pattern.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        return Source(self.text, found.start(), found.end())

    def word(self, word: str) -> bool:
        """Step over the whole word if it stands right here."""
        end = _end(_COMPONENT, self.text, self.position)
        if self.text[self.position : end] != word:
            return False
        self.position = end
        return True

    def keyword(self, word: str) -> bool:
        """Step over the word and the blanks around it."""
        place = self.position
        self.skip_blank()
        if not self.word(word):
            self.position = place
            return False
        self.skip_blank()
        return True

    def geo_word(self, word: str) -> None:
        place = self.position
        self.skip_blank()
        if not self.word(word):
            self.position = place
            raise GoBack("", self.rest())

    def value(self) -> Word:
        """A bare word or a quoted text, and the blanks behind it."""
        start = self.position = _end(_SPACE, self.text, self.position)
        self._refuse_geo()
        quote = self.text[start : start + 1]
        word = self._quoted(quote) if quote in _QUOTED else self._bare(start)
        self.skip_blank()
        return word

    def plain_values(self) -> list[Word]:
        """The values before commas as far as none is reserved or has escapes: long lists at once.

        Stops at the last comma.
        """
        text, place = self.text, self.position
        found: list[Word] = []
        while (item := _PLAIN.match(text, place)) is not None:
            group = item.lastindex or 0
            word = item[group]
            if group == 1 and (word in _KEYWORDS or word.startswith("_geo")):
                break
            found.append(Word(word, Source(text, *item.span(group))))
            place = item.end()
            self.position = place - 1
        return found

    def _bare(self, start: int) -> Word:
        end = _end(_COMPONENT, self.text, start)
        word = self.text[start:end]
        if not word or word in _KEYWORDS:
            self._expected_value(start, reserved=bool(word))
        self.position = end
        return Word(word, Source(self.text, start, end))

    def _expected_value(self, start: int, *, reserved: bool) -> NoReturn:
        end = start
        while end < len(self.text) and not _is_syntax(self.text[end]):
            end += 1
        source = Source(self.text, start, end)
        found = shown(source.fragment)
        if not found.strip():
            message = "Was expecting a value but instead got nothing."
        elif reserved:
            message = (
                f"Was expecting a value but instead got `{found}`, which is a reserved keyword. "
                f"To use `{found}` as a field name or a value, surround it by quotes."
            )
        else:
            message = f"Was expecting a value but instead got `{found}`."
        raise GoBack(message, source)

    def _quoted(self, quote: str) -> Word:
        start = self.position
        at = _end(_QUOTED[quote], self.text, start + 1)
        if self.text[at : at + 1] != quote:
            whole = Source(self.text, start, len(self.text))
            raise FilterSyntaxError(
                f"Expression `{shown(whole.fragment)}` is missing the following closing "
                f"delimiter: `{quote}`.",
                whole,
            )
        source = Source(self.text, start + 1, at)
        self.position = at + 1
        return Word(_unescaped(source, quote), source)

    def _refuse_geo(self) -> None:
        """Places cannot be fields or values."""
        if not self.text.startswith("_geo", self.position):
            return
        rest = Source(self.text, self.position, len(self.text))
        end = _end(_COMPONENT, self.text, self.position)
        word = self.text[self.position : end]
        for name in _RESERVED:
            if word.startswith(name):
                raise _reserved(name, rest)
        if word == "_geo":
            raise _reserved("_geo", rest)
        if word in ("_geoRadius", "_geoBoundingBox"):
            raise FilterSyntaxError(
                f"The `{word}` filter is an operation and can't be used as a value.", rest
            )

    def reserved_place(self) -> NoReturn:
        """The last rule: nothing fits unless a reserved name explains it."""
        self.skip_blank()
        self._refuse_geo()
        raise GoBack("", self.rest())

    def numbers(self, opening: str, closing: str, message: str) -> tuple[Word, ...]:
        """Numbers between brackets, with commas; raises FilterSyntaxError with the message."""
        if not self.take(opening):
            raise FilterSyntaxError(message, self.rest())
        found: list[Word] = []
        while True:
            self.skip_blank()
            source = self.match(FLOAT)
            if source is None:
                raise FilterSyntaxError(message, self.rest())
            found.append(Word(source.fragment, source))
            self.skip_blank()
            if not self.take(","):
                break
        if not self.take(closing):
            raise FilterSyntaxError(message, self.rest())
        return tuple(found)

    def points(self, message: str, *, trailing_comma: bool = False) -> tuple[tuple[Word, ...], ...]:
        """Groups of numbers in square brackets, all in round ones."""
        if not self.take("("):
            raise FilterSyntaxError(message, self.rest())
        found: list[tuple[Word, ...]] = []
        while True:
            self.skip_blank()
            if found and trailing_comma and self.text.startswith(")", self.position):
                break
            found.append(self.numbers("[", "]", message))
            self.skip_blank()
            if not self.take(","):
                break
        if not self.take(")"):
            raise FilterSyntaxError(message, self.rest())
        return tuple(found)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where what the pattern, which fits everywhere, matches from `start` on ends."""
    found = pattern.match(text, start)
    assert found is not None
    return found.end()


def _is_syntax(char: str) -> bool:
    return char.isspace() or char in "()=<>!"


def _reserved(name: str, source: Source) -> FilterSyntaxError:
    return FilterSyntaxError(
        f"`{name}` is a reserved keyword and thus can't be used as a filter expression. Use the "
        "`_geoRadius(latitude, longitude, distance)` or `_geoBoundingBox([latitude, longitude], "
        "[latitude, longitude])` built-in rules to filter on `_geo` coordinates.",
        source,
    )


def _unescaped(source: Source, quote: str) -> str:
    text = source.fragment.replace("\\" + quote, quote)
    if "\\" not in text:
        return text

    def one(found: re.Match[str]) -> str:
        code = found.group(1)
        if code in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[code]
        digits = code.lstrip("ux").strip("{}")
        if code[0] in "ux" and digits and _is_character(int(digits, 16)):
            return chr(int(digits, 16))
        if code[0] in "01234567":
            return chr(int(code, 8))
        raise GoBack(f"Malformed value: `{shown(source.fragment)}`.", source)

    return _ESCAPE.sub(one, text)


def _is_character(code: int) -> bool:
    """Whether a text may hold it: neither beyond Unicode nor half of a surrogate pair."""
    return code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF


def shown(text: str) -> str:
    """The text with quotes, backslashes and line ends escaped, as messages show it."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ('"', '\\"')):
        text = text.replace(plain, escaped)
    return text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
