"""Templates: text with {{names}}, split once and joined fast."""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "site"
HOLE = re.compile(r"\{\{(\w+)\}\}")


class Template:
    """A text with holes. What fills them is HTML already: escape it before."""

    def __init__(self, text: str) -> None:
        parts = HOLE.split(text)
        self.parts = parts
        self.names = parts[1::2]

    def fill(self, values: dict[str, str]) -> str:
        """The text with a value in every hole; raises KeyError when one is missing."""
        parts = self.parts.copy()
        parts[1::2] = [values[name] for name in self.names]
        return "".join(parts)

    def partly(self, values: dict[str, str]) -> "Template":
        """A template whose other holes are still open."""
        open_holes = {name: f"{{{{{name}}}}}" for name in self.names}
        return Template(self.fill(open_holes | values))


@cache
def template(name: str) -> Template:
    """The template `site/NAME`."""
    return Template((FOLDER / name).read_text())
