"""The words that the catalog is written in: files of values, and how spellings are compared.

`vocabularies/` has a YAML file for each field: those who fill the catalog read spellings by them,
those who search it know the values by them.
"""

import re
import unicodedata
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "vocabularies"

_APART = re.compile(r"[\W_]+")
_SPACING = re.compile(r"[\s._\u2010-\u2015-]+")  # with hyphens and dashes


def fold(text: str) -> str:
    """Lower case words without accents and punctuation, one space between them."""
    return _APART.sub(" ", _plain(text)).strip()


def _plain(text: str) -> str:
    """In lower case and without accents."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(each for each in decomposed if not unicodedata.combining(each))
    return text.casefold()


def squeeze(text: str) -> str:
    """Folded and without spaces: `Land Rover`, `land-rover` and `LANDROVER` are one."""
    return fold(text).replace(" ", "")


def spaceless(text: str) -> str:
    """Without case, accents, spaces, points and hyphens; other signs tell values apart: a GO is no
    GO+.
    """
    return _SPACING.sub("", _plain(text))


def read(name: str) -> dict[str, Any]:
    """The data of a vocabulary's file."""
    data: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return data
