"""Imports: a file into a source of its own, as a run."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from catalog.database import DATABASE_AWAY, DATABASE_ERRORS, connect, open_connection
from config.settings import Settings
from scrapers.feeds.columns import Layout
from scrapers.feeds.loading import Load, Progress, Stopped
from scrapers.feeds.opening import Feed, FeedError
from scrapers.feeds.tables import Table
from scrapers.runs import rows as runs
from scrapers.vins.decoder import decoding

PARSER = "file"
"""The parser of a source that files fill; no crawler takes it up."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|txt|json|jsonl|ndjson|gz))+$", re.IGNORECASE)
_IMPORT_LOCK = 0x5110_0002

NOT_RUNNING = "Showroom is not running: start it with `showroom up`, or set DATABASE_URL."


@dataclass(frozen=True)
class Outcome:
    """How an import ended: done, stopped (by people) or failed (`error` says why)."""

    state: str
    run_id: int
    progress: Progress
    refused_file: Path | None
    error: str | None = None


def source_name(given: str | None, file: str) -> str:
    """The source's name: as given, else made of the file's; raises FeedError for a bad one."""
    if given is not None:
        if not _NAME.fullmatch(given):
            raise FeedError(
                f"A source cannot be called {given!r}: take up to 63 small letters, digits and"
                " hyphens, not a hyphen first."
            )
        return given
    stem = _ENDINGS.sub("", file).lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:63].strip("-") or "file"


async def import_table(
    settings: Settings,
    feed: Feed,
    table: Table,
    layout: Layout,
    vertical: str,
    source: str,
    should_stop: Callable[[], bool],
    on_progress: Callable[[Progress], None],
) -> Outcome:
    """Write a table's rows as offers of `source`; refused ones go to a file in `imports`.

    A source that is not there yet becomes one of `vertical`. Adds and updates: an offer that the
    file no longer has stays as it was; one whose row says that it cannot be had leaves search.
    Raises FeedError when no database runs, the source is a site's, or another import into it runs.
    """
    url = settings.database_url
    if url is None:
        raise FeedError(NOT_RUNNING)
    async with _connected(url) as pool, _alone(url, source), decoding(pool, settings) as decoder:
        await _ensure_source(pool, vertical, source, feed.name)
        run = await runs.begin(pool, source)
        with Load(
            pool=pool,
            run=run,
            feed=feed,
            table=table,
            layout=layout,
            folder=settings.home / "imports",
            should_stop=should_stop,
            on_progress=on_progress,
            decoder=decoder,
            retires=True,
        ) as load:
            state, error = await _conclude(load)
        await runs.finish(pool, run, "done" if state == "done" else "failed", error)
    path = load.refusals.path if load.refusals.count else None
    return Outcome(state, run.id, load.progress, path, error)


async def _conclude(load: Load) -> tuple[str, str | None]:
    """Do the work; how it ended, and why where it ended early."""
    try:
        await load.work()
    except Stopped:
        return "stopped", f"It was stopped after line {load.progress.line:,}."
    except FeedError as error:
        return "failed", str(error)
    except DATABASE_AWAY as error:
        raise FeedError(
            f"Postgres went away after line {load.progress.line:,}. What stands before it is"
            " imported; import the file again to go on."
        ) from error
    except BaseException as error:
        await runs.finish(load.pool, load.run, "failed", f"{type(error).__name__}: {error}")
        raise
    return "done", None


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with AsyncExitStack() as stack:
        try:
            pool = await stack.enter_async_context(connect(database_url, max_size=2))
        except DATABASE_ERRORS as error:
            raise FeedError(f"{NOT_RUNNING} ({error})") from error
        yield pool


@asynccontextmanager
async def _alone(database_url: str, source: str) -> AsyncIterator[None]:
    """Be the one import into a source; the lock goes with a connection of its own."""
    connection = await open_connection(database_url)
    try:
        lock = (_IMPORT_LOCK, source)
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1, hashtext($2))", *lock):
            raise FeedError(f"Another import into {source} is running: wait until it has ended.")
        yield
    finally:
        connection.terminate()


async def _ensure_source(pool: asyncpg.Pool, vertical: str, source: str, file: str) -> None:
    """Make the source's row; one that is crawled is not mixed with a file's rows."""
    try:
        parser = await pool.fetchval(_SOURCE, source, vertical, file, PARSER)
    except asyncpg.UndefinedTableError as error:
        raise FeedError("The database has no tables yet: `showroom up` makes them.") from error
    if parser != PARSER:
        raise FeedError(
            f"The source {source} is a site that is crawled; choose another name with --source."
        )


_SOURCE = """
    INSERT INTO sources (name, vertical, start_url, parser, every, enabled)
    VALUES ($1, $2, $3, $4, 0, false)
    ON CONFLICT (name) DO UPDATE SET start_url =
        CASE WHEN sources.parser = $4 THEN excluded.start_url ELSE sources.start_url END
    RETURNING parser
"""
