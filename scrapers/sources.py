"""Sources: read from `sources.yml`, checked, and kept as rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import asyncpg
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from catalog.verticals import VERTICALS
from config.settings import Settings, SettingsError
from jobs import rows
from jobs.schedule import checked, next_time
from scrapers.parsers import PARSERS
from scrapers.runs import Database

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_VARIABLE = re.compile(r"\$\{([A-Z_]+)\}")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
VARIABLES = {"SHOWROOM_MARKET_URL": "market_url"}


class SourcesError(SettingsError):
    """`sources.yml` or a source cannot be used; the message is a sentence for people."""


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


class Entry(BaseModel):
    """One source as `sources.yml` says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]
    vertical: str
    start_url: str
    parser: str
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

    @field_validator("start_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        for variable in _VARIABLE.findall(value):
            if variable not in VARIABLES:
                raise ValueError(
                    f"there is no variable {variable}; there are: {', '.join(VARIABLES)}"
                )
        if not re.match(r"https?://[^/\s]+|\$\{", value):
            raise ValueError("it must start with http:// or https://")
        return value


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it is stored; `every` in seconds or `schedule` in cron's words, `rate` in
    requests a second; `private` if it may be at an address inside our network.
    """

    name: str
    vertical: str
    start_url: str
    parser: str
    every: int | None
    schedule: str | None
    rate: float | None
    precedence: int
    enabled: bool
    private: bool


def read(path: Path) -> list[Entry]:
    """The entries of a file of sources; raises SourcesError with the line of what is wrong."""
    try:
        tree = yaml.compose(path.read_text(), Loader=yaml.SafeLoader)
    except FileNotFoundError as error:
        raise SourcesError(
            f"There is no file {path}: write one, or set SHOWROOM_SOURCES to yours."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SourcesError(f"{path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise SourcesError(
            f"{where}: this is no YAML ({getattr(error, 'problem', error)})."
        ) from error
    if tree is None:
        return []
    return list(_entries(path, tree))


def _entries(path: Path, tree: yaml.Node) -> Iterator[Entry]:
    if not isinstance(tree, yaml.MappingNode):
        raise _wrong(
            path, tree, "write `name:` and below it, indented, what is known of the source"
        )
    lines: dict[str, int] = {}
    for key, body in tree.value:
        name = str(key.value)
        if name in lines:
            raise _wrong(path, key, f"the source {name} is there already, in line {lines[name]}")
        lines[name] = key.start_mark.line + 1
        if not isinstance(body, yaml.MappingNode):
            raise _wrong(
                path, key, f"the source {name} says nothing; it needs start_url and others"
            )
        yield _entry(path, name, key, body)


def _entry(path: Path, name: str, key: yaml.Node, body: yaml.MappingNode) -> Entry:
    constructor = yaml.SafeLoader("")
    nodes = {str(child.value): (child, value) for child, value in body.value}
    try:
        values = {
            field: constructor.construct_object(value, deep=True)
            for field, (_, value) in nodes.items()
        }
        return Entry(**{**values, "name": name})
    except yaml.constructor.ConstructorError as error:
        raise _wrong(
            path, key, f"{name} has a value of an unknown kind ({error.problem})"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        node = nodes[field][0] if field in nodes else key
        message = str(first["msg"]).removeprefix("Value error, ")
        told = f"{field} of {name}" if field else name
        raise _wrong(path, node, f"{told}: {message}") from error


def _wrong(path: Path, node: yaml.Node, message: str) -> SourcesError:
    return SourcesError(f"{path}, line {node.start_mark.line + 1}: {message}.")


def resolve(entry: Entry, settings: Settings) -> Source:
    """The entry with its variables replaced; one whose variable is empty is not enabled."""
    values = {name: getattr(settings, field) for name, field in VARIABLES.items()}
    missing = any(not values[name] for name in _VARIABLE.findall(entry.start_url))
    url = _VARIABLE.sub(lambda found: values[found[1]] or found[0], entry.start_url)
    data = entry.model_dump() | {"start_url": url, "enabled": entry.enabled and not missing}
    return Source(**data)


async def load_into(pool: asyncpg.Pool, settings: Settings) -> list[Source]:
    """Make the rows say what `sources.yml` says; a site that is no longer in it is not crawled.

    A changed precedence is brought to the listings by a job. Raises SourcesError and changes
    nothing when the file is wrong.
    """
    wanted = [resolve(entry, settings) for entry in read(settings.sources)]
    async with pool.acquire() as connection, connection.transaction():
        ranks = dict(await connection.fetch("SELECT name, precedence FROM sources FOR UPDATE"))
        for source in sorted(wanted, key=lambda source: source.name):
            values = (getattr(source, name) for name in _COLUMNS)
            await connection.execute(_SAVE, *values, _first_time(source))
            if ranks.get(source.name, source.precedence) != source.precedence:
                key = f"{source.name} {source.precedence}"  # each change has a job of its own
                await rows.enqueue(connection, "precedence", key, {"source": source.name})
        await connection.execute(
            "UPDATE sources SET enabled = false"
            " WHERE parser = ANY ($1::text[]) AND name <> ALL ($2::text[])",
            list(PARSERS),
            [source.name for source in wanted],
        )
    return wanted


async def one(db: Database, name: str) -> Source:
    """The stored source of this name; raises SourcesError when it cannot be crawled."""
    row = await db.fetchrow(f"SELECT {', '.join(_COLUMNS)} FROM sources WHERE name = $1", name)
    if row is None:
        raise SourcesError(f"There is no source {name}; `showroom sources` lists them.")
    source = Source(**row)
    if not source.enabled:
        raise SourcesError(
            f"The source {name} is switched off, or the setting that its address needs is empty."
        )
    if source.parser not in PARSERS:
        raise SourcesError(f"The source {name} is no site to crawl: its parser is {source.parser}.")
    return source


async def postpone(db: Database, name: str, seconds: float) -> None:
    """Let the next crawl of this source not be due before so many seconds have passed."""
    await db.execute(
        "UPDATE sources SET next_run_at = greatest(next_run_at, now() + $2) WHERE name = $1",
        name,
        timedelta(seconds=seconds),
    )


def _first_time(source: Source) -> datetime:
    """When a new source is due: at once, or at the next time that its schedule says."""
    now = datetime.now(UTC)
    return next_time(now, now, None, source.schedule) if source.schedule else now


_COLUMNS = tuple(field.name for field in fields(Source))
_NUMBERS = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 2))
# A source that is asked for more often than before, or at other times, does not wait for the old.
_SAVE = f"""
    INSERT INTO sources AS s ({", ".join(_COLUMNS)}, next_run_at) VALUES ({_NUMBERS})
    ON CONFLICT (name) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)},
        next_run_at = CASE
            WHEN excluded.schedule IS NULL
                THEN least(s.next_run_at, now() + excluded.every * interval '1 second')
            WHEN s.schedule IS DISTINCT FROM excluded.schedule THEN excluded.next_run_at
            ELSE s.next_run_at END
"""


async def all_with_last_run(db: Database) -> list[dict[str, Any]]:
    """Every source, by name, with when it is due and how its last run ended (None: none yet)."""
    found = await db.fetch(
        """
        SELECT s.*, last.id AS run_id, last.state AS run_state, last.started_at AS run_started_at,
            last.items AS run_items
        FROM sources s LEFT JOIN LATERAL (
            SELECT * FROM runs WHERE source = s.name ORDER BY id DESC LIMIT 1
        ) last ON true
        ORDER BY s.name
        """
    )
    return [dict(row) for row in found]
