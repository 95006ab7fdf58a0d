"""Reading a recipe's file; what is wrong is told with its line."""

import hashlib
from functools import cache, lru_cache
from pathlib import Path

from scrapers.recipes.model import Recipe
from scrapers.recipes.parser import RecipeParser
from scrapers.written import WrittenError, compose, fill, text_of


def read(path: Path) -> Recipe:
    """The recipe in a file; raises WrittenError."""
    return parse(text_of(path), str(path))


@lru_cache(maxsize=100)
def parse(text: str, name: str) -> Recipe:
    """The recipe that a text is; `name` says where it is from. Raises WrittenError."""
    tree = compose(name, text)
    if tree is None:
        raise WrittenError(f"{name} is empty: a recipe says at least what its list is.")
    return fill(name, Recipe, tree)


def parser(text: str, name: str) -> RecipeParser:
    """The parser that a recipe's text describes."""
    return RecipeParser(parse(text, name), version_of(text))


def version_of(text: str) -> str:
    """What changes when a recipe reads pages in another way: of its text and of this folder."""
    return hashlib.blake2b(text.encode() + _code(), digest_size=8).hexdigest()


@cache
def _code() -> bytes:
    files = sorted(Path(__file__).parent.glob("*.py"))
    return b"".join(path.read_bytes() for path in files)
