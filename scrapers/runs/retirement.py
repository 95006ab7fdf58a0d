"""Retirement: what a source that nobody visits any more has left in search is taken out of it."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, NamedTuple

import asyncpg

from jobs import rows
from jobs.requests import RequestError
from jobs.rows import ASKED, Database, Job, Put
from scrapers.runs.departures import take_out
from scrapers.sources.entries import FEED, KINDS

RETIRE = "retire"
"""The kind of job that does it; its key is the source's name."""

COUNTED = 5_000  # offers that one question looks at
COUNTING = 2.0  # seconds in which a list of sources counts what one of them has left
WHY = "Its source was retired."
AGAIN = "It was asked for again."


class Removed(NamedTuple):
    """A source that `sources.yml` no longer has, and how many of its offers are in search.

    None where they are too many to be counted while somebody waits for a list.
    """

    name: str
    offers: int | None


class Holding(NamedTuple):
    """How many live offers a source has; `shared` of them are of cars that others offer, too."""

    offers: int
    shared: int


async def removed(db: Database, named: Iterable[str]) -> list[Removed]:
    """The sites and feeds that are stored and not `named`; what files were imported into is not
    among them.
    """
    found = await db.fetch(
        """
        SELECT name FROM sources
        WHERE parser = ANY ($1::text[]) AND name <> ALL ($2::text[]) ORDER BY name
        """,
        list(KINDS),
        list(named),
    )
    return [Removed(row["name"], await _left(db, row["name"])) for row in found]


async def _left(db: Database, source: str) -> int | None:
    """How many offers of a source are in search; None where counting them takes too long."""
    try:
        offers: int = await db.fetchval(_LEFT, source, timeout=COUNTING)
    except TimeoutError:
        return None
    return offers


async def holding(db: Database, source: str) -> Holding:
    """Count what a source has in search; raises RequestError where there is no such source."""
    await _known(db, source)
    offers = shared = 0
    last = ""
    while True:
        row = await db.fetchrow(_COUNT, source, last, COUNTED)
        if row["last"] is None:
            return Holding(offers, shared)
        offers, shared, last = offers + row["offers"], shared + row["shared"], row["last"]


async def ask(pool: asyncpg.Pool, source: str) -> Put:
    """Ask for the retirement of a source; the job that does it.

    From here on the source is not crawled, and no run of it goes on or waits for a decision. What
    its feed was known by is forgotten, so that it is read whole should it ever come back.
    """
    async with pool.acquire() as connection, connection.transaction():
        await _known(connection, source)
        await connection.execute("UPDATE sources SET enabled = false WHERE name = $1", source)
        await connection.execute(_END, source, WHY)
        await rows.cancel(connection, ["crawl"], source, WHY)
        await rows.cancel(connection, [RETIRE], source, AGAIN)
        await connection.execute("DELETE FROM breakers WHERE source = $1", source)
        await connection.execute(_FORGET, source, FEED)
    # By its time all that was seen before has been written.
    return await rows.put(pool, RETIRE, source, priority=ASKED)


async def retire(pool: asyncpg.Pool, job: Job) -> AsyncIterator[int]:
    """Take out of search what the source had before it was asked for; how many in each step.

    What was seen since is spared: the source is back. Stops where it is crawled again.
    """
    since = await pool.fetchval("SELECT created_at FROM jobs WHERE id = $1", job.id)
    if await is_back(pool, job.key):
        return
    async for gone in take_out(pool, job.key, since):
        yield gone
        if await is_back(pool, job.key):
            return


async def is_back(db: Database, source: str) -> bool:
    """Whether a source is crawled again."""
    found: bool = await db.fetchval("SELECT enabled FROM sources WHERE name = $1", source)
    return found


async def _known(db: Database, source: str) -> None:
    found: Any = await db.fetchval("SELECT name FROM sources WHERE name = $1", source)
    if found is None:
        raise RequestError(f"There is no source {source}; `showroom sources` lists them.")


_LEFT = "SELECT count(*) FROM offers WHERE source = $1 AND active"
_COUNT = """
    SELECT max(external_id) AS last, count(*) AS offers, count(*) FILTER (WHERE EXISTS (
        SELECT FROM offers o WHERE o.listing_key = mine.listing_key AND o.active
            AND o.source <> $1
    )) AS shared
    FROM (
        SELECT external_id, listing_key FROM offers
        WHERE source = $1 AND active AND external_id > $2 ORDER BY external_id LIMIT $3
    ) mine
"""
_END = """
    UPDATE runs SET state = 'canceled', settled_at = now(),
        finished_at = coalesce(finished_at, now()), error = coalesce(error, $2)
    WHERE source = $1 AND state IN ('running', 'suspicious')
"""
# A feed's row in `pages` is only what its file is known by.
_FORGET = """
    DELETE FROM pages WHERE source = $1
        AND EXISTS (SELECT FROM sources WHERE name = $1 AND parser = $2)
"""
