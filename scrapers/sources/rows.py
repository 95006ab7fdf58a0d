"""Sources: what `sources.yml` says, kept as rows."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

import asyncpg

from config.settings import Settings, SettingsError
from jobs import rows
from jobs.rows import Database
from jobs.schedule import next_time
from scrapers.parsers import PARSERS
from scrapers.parsers.pages import Parser
from scrapers.recipes import reading
from scrapers.sources.entries import FEED, KINDS, VARIABLE, VARIABLES, Entry, read


class SourcesError(SettingsError):
    """A source cannot be used; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it is stored; `every` in seconds or `schedule` in cron's words, `rate` in
    requests a second; `private` if it may be at an address inside our network. `start_url` is the
    first page of results, or where a feed is.
    """

    name: str
    vertical: str
    start_url: str
    parser: str
    recipe: str | None
    every: int | None
    schedule: str | None
    rate: float | None
    precedence: int
    enabled: bool
    private: bool


def resolve(entry: Entry, settings: Settings) -> Source:
    """The entry with its variables replaced; one whose variable is empty is not enabled."""
    values = {name: getattr(settings, field) for name, field in VARIABLES.items()}
    missing = any(not values[name] for name in VARIABLE.findall(entry.address))
    url = VARIABLE.sub(lambda found: values[found[1]] or found[0], entry.address)
    said = entry.model_dump(exclude={"filters", "feed"})
    own = {"start_url": url, "parser": entry.kind, "enabled": entry.enabled and not missing}
    return Source(**(said | own))


def parser_of(source: Source) -> Parser:
    """How the pages of a source are read; raises WrittenError for a recipe that is wrong, and
    SourcesError for a feed, which has no pages.
    """
    if source.parser == FEED:
        raise SourcesError(f"The source {source.name} is a feed: it has no pages to read.")
    if source.recipe is not None:
        return reading.parser(source.recipe, f"The recipe of {source.name}")
    return PARSERS[source.parser]


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
            list(KINDS),
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
    if source.parser not in KINDS:
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
