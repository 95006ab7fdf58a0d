"""Reading a recipe's file; what is wrong is told with its line."""

import hashlib
from functools import lru_cache
from pathlib import Path

from config.written import WrittenError, compose, fill, text_of
from scrapers.recipes.model import Recipe
from scrapers.recipes.parser import RecipeParser


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
    version = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return RecipeParser(parse(text, name), version)
