"""Entries of `sources.yml`: what people say of a source, checked."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlencode

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from catalog.verticals import VERTICALS
from config.written import WrittenError, compose, fill, text_of, wrong
from jobs.schedule import checked
from scrapers.parsers import PARSERS
from scrapers.recipes import reading

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
VARIABLE = re.compile(r"\$\{([A-Z_]+)\}")
VARIABLES = {"SHOWROOM_MARKET_URL": "market_url"}
"""What may stand in an address, and the setting that it stands for."""

RECIPE, FEED = "recipe", "feed"
"""What the row of a source has for its parser where it has a recipe, or is a feed."""

KINDS = (*PARSERS, RECIPE, FEED)

Filter = str | int | list[str | int]


def _duration(value: Any) -> Any:
    """`10m` in seconds."""
    found = re.fullmatch(r"(\d+)\s*([smhd])", str(value))
    if not found:
        raise ValueError("say it as 30s, 10m, 4h or 1d")
    return int(found[1]) * _SECONDS[found[2]]


def _rate(value: Any) -> Any:
    """`2/s` or `30/m` in requests a second."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*/\s*([smh])", str(value))
    if not found:
        raise ValueError("say it as 2/s, 30/m or 100/h")
    return float(found[1]) / _SECONDS[found[2]]


def _variables(value: str) -> str:
    for variable in VARIABLE.findall(value):
        if variable not in VARIABLES:
            raise ValueError(f"there is no variable {variable}; there are: {', '.join(VARIABLES)}")
    return value


def _address(value: str) -> str:
    if not re.match(r"https?://[^/\s]+|\$\{", value):
        raise ValueError("it must start with http:// or https://")
    return value


class Entry(BaseModel):
    """One source: a site with a parser or a recipe, or a feed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]
    vertical: str
    start_url: Annotated[str, AfterValidator(_variables), AfterValidator(_address)] | None = None
    filters: dict[str, Filter] = Field(default_factory=dict)
    parser: str | None = None
    recipe: str | None = None
    feed: Annotated[str, AfterValidator(_variables), Field(min_length=1)] | None = None
    every: Annotated[int, BeforeValidator(_duration), Field(ge=1, le=31 * 86400)] | None = None
    schedule: Annotated[str, AfterValidator(checked)] | None = None
    rate: Annotated[float, BeforeValidator(_rate), Field(gt=0)] | None = None
    precedence: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    enabled: bool = True
    private: bool = False

    @model_validator(mode="after")
    def _is_due_at_some_time(self) -> Self:
        if (self.every is None) == (self.schedule is None):
            raise ValueError("it needs either every or schedule")
        return self

    @model_validator(mode="after")
    def _is_read_in_one_way(self) -> Self:
        ways = [way for way in ("parser", "recipe", "feed") if getattr(self, way) is not None]
        if len(ways) != 1:
            raise ValueError("it needs one of parser, recipe and feed")
        if self.feed is None and self.start_url is None:
            raise ValueError("it needs a start_url: the first page of results")
        if self.feed is not None and (self.start_url or self.filters):
            raise ValueError("a feed has no start_url and no filters")
        return self

    @field_validator("vertical")
    @classmethod
    def _is_sold_here(cls, value: str) -> str:
        if value not in VERTICALS:
            raise ValueError(f"there is no such vertical; there are: {', '.join(VERTICALS)}")
        return value

    @field_validator("parser")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in PARSERS:
            raise ValueError(f"there is no such parser; there are: {', '.join(PARSERS)}")
        return value

    @property
    def kind(self) -> str:
        """What the row has for its parser."""
        return self.parser or (RECIPE if self.recipe else FEED)

    @property
    def address(self) -> str:
        """Where it starts, with its filters, its variables not yet replaced."""
        start = self.feed or self.start_url or ""
        if not self.filters:
            return start
        return f"{start}{'&' if '?' in start else '?'}{urlencode(self.filters, doseq=True)}"


def read(path: Path) -> list[Entry]:
    """The entries of a file of sources; raises WrittenError with the line of what is wrong.

    Files that entries name are looked for beside it; an entry's `recipe` comes back as what its
    file says.
    """
    if not path.exists():
        raise WrittenError(f"There is no file {path}: write one, or set SHOWROOM_SOURCES to yours.")
    tree = compose(path, text_of(path))
    return [] if tree is None else list(_entries(path, tree))


def _entries(path: Path, tree: yaml.MappingNode) -> Iterator[Entry]:
    for key, body in tree.value:
        name = str(key.value)
        if not isinstance(body, yaml.MappingNode):
            raise wrong(path, key, f"the source {name} says nothing; it needs start_url and others")
        entry = fill(path, Entry, body, {"name": name}, at=key, called=name)
        yield _with_files(path, entry, key)


def _with_files(path: Path, entry: Entry, key: yaml.Node) -> Entry:
    """The entry with its recipe's text, and with the whole path of its feed's file."""
    if entry.recipe is not None:
        file = path.parent / entry.recipe
        if not file.is_file():
            raise wrong(path, key, f"the recipe of {entry.name} is not there: {file}")
        reading.read(file)
        return entry.model_copy(update={"recipe": text_of(file)})
    if entry.feed is not None and not VARIABLE.match(entry.feed) and "://" not in entry.feed:
        return entry.model_copy(update={"feed": str((path.parent / entry.feed).absolute())})
    return entry
