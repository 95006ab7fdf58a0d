"""Bringing words and facet values to the form in which they are compared.

The rules are those of charabia 0.9, Meilisearch's tokenizer: compatibility decomposition, lower
case for scripts that have it, accents dropped for Latin, Greek, Arabic, Hebrew and Thai.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_CASED = {"LATIN", "CYRILLIC", "GREEK", "GEORGIAN", "ARMENIAN"}
_MARKS_DROPPED = {"LATIN", "GREEK", "ARABIC", "HEBREW", "THAI"}
_LATIN_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "‛": "'", "Ð": "d", "đ": "d", "ð": "d", "ı": "i"}  # noqa: RUF001
)
_ARABIC_LETTERS = str.maketrans(
    {"ـ": "", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه"}  # noqa: RUF001
)
_MAX_FACET_BYTES = 468
_SPACES = "\t\n\v\f\r\x85"  # the control characters that are white space


@lru_cache(maxsize=4096)
def script_of(char: str) -> str:
    """The script of a letter as the first word of its Unicode name; "" for the rest."""
    if unicodedata.category(char)[0] != "L":
        return ""
    return unicodedata.name(char, "").split(" ", 1)[0]


def decompose(text: str) -> str:
    """Compatibility decomposition without control characters."""
    if text.isascii() and text.isprintable():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if c in _SPACES or unicodedata.category(c) != "Cc")


def fold(decomposed: str, script: str) -> str:
    """Case and accents of a decomposed word gone, as its script asks."""
    if decomposed.isascii():
        return decomposed.lower() if script in _CASED else decomposed
    text = decomposed
    if script in _CASED:
        text = "".join(char.lower() for char in text)
    if script == "LATIN":
        text = text.translate(_LATIN_LETTERS)
    elif script == "ARABIC":
        text = text.translate(_ARABIC_LETTERS)
    elif script == "GREEK" and text.endswith("ς"):
        text = text[:-1] + "σ"  # noqa: RUF001
    if script in _MARKS_DROPPED:
        text = "".join(char for char in text if unicodedata.category(char) != "Mn")
    return text


def normalize_facet(value: str) -> str:
    """A facet value as it is compared and ordered: trimmed, decomposed, lower case."""
    trimmed = value.strip()
    if trimmed.isascii():
        return trimmed.lower()
    return unicodedata.normalize("NFKD", trimmed).lower()


def facet_key(value: str) -> bytes:
    """The normalized value in UTF-8, cut where Meilisearch cuts it."""
    key = normalize_facet(value).encode("utf-8", "surrogatepass")
    if len(key) <= _MAX_FACET_BYTES:
        return key
    return key[:_MAX_FACET_BYTES].decode("utf-8", "ignore").encode()
