"""What commands ask of the indexer: a request is put down as a row and followed to its end."""

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from catalog.database import DATABASE_AWAY, connect
from catalog.verticals import VERTICALS
from config.settings import load
from jobs import rows
from stack.requests import ENDED, LONGEST_WAIT, NO_LONGER, dropped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

    from catalog.vertical import Vertical
    from config.settings import Settings

LOOK_SECONDS = 0.5
NOBODY_SECONDS = 30.0
"""After so long without an indexer's sign of life nobody waits any longer."""


def vertical(name: str) -> "Vertical":
    """The vertical of this name; ends the command where there is none."""
    if name not in VERTICALS:
        sys.exit(f"There is no vertical {name}; there is: {', '.join(VERTICALS)}.")
    return VERTICALS[name]


def settings() -> "Settings":
    """The settings of a stack that can be asked; ends the command where none runs."""
    found = load()
    if not found.database_url or not found.meili_url:
        sys.exit("Showroom does not run here: start it with `showroom up`.")
    return found


@asynccontextmanager
async def database() -> "AsyncIterator[asyncpg.Pool]":
    """The truth; a database that does not answer ends the command."""
    try:
        async with connect(str(settings().database_url), max_size=2) as pool:
            yield pool
    except DATABASE_AWAY as error:
        sys.exit(f"The database does not answer ({error}); is `showroom up` running?")


async def under_way(pool: "asyncpg.Pool", kinds: list[str], name: str) -> int | None:
    """The job of these kinds for a vertical that waits or runs."""
    job: int | None = await pool.fetchval(
        "SELECT id FROM jobs WHERE kind = ANY ($1::text[]) AND key = $2"
        " AND state IN ('queued', 'running') LIMIT 1",
        kinds,
        name,
    )
    return job


@dataclass(frozen=True)
class Asked:
    """A request: `what` names it in sentences, "The reindex"; whether it was made just now."""

    pool: "asyncpg.Pool"
    job: int
    what: str
    is_new: bool = False

    async def followed(self) -> dict[str, Any]:
        """Its result, when it has ended; shows meanwhile how far it is and what it waits for.

        Ends the command when it failed, and when no indexer has lived for 30 s; Ctrl-C leaves it
        to the indexer.
        """
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                row = await self._ended()
        except asyncio.CancelledError:
            typer.echo(NO_LONGER, err=True)
            raise
        if row["state"] == "failed":
            sys.exit(f"{self.what} failed: {row['error']}")
        result: dict[str, Any] = row["result"]
        return result

    async def _ended(self) -> Any:
        """The job when it is done or failed."""
        from stack.progress import Bar  # noqa: PLC0415 - what draws is imported to draw

        with Bar() as bar:
            while row := await self._look():
                if row["state"] in ENDED:
                    return row
                if row["silence"] > NOBODY_SECONDS:
                    sys.exit("No indexer runs, so nobody does this; start it with `showroom up`.")
                bar.show(row["progress"] or {}, _waits_for(row))
                await asyncio.sleep(LOOK_SECONDS)
        sys.exit(dropped(self.job))

    async def _look(self) -> Any:
        """The job now; `silence` is seconds since it was asked for or an indexer was alive."""
        return await self.pool.fetchrow(
            "SELECT state, progress, result, error, run_at, run_at > now() AS later,"
            " extract(epoch FROM clock_timestamp() - greatest(created_at, run_at,"
            "  (SELECT max(heartbeat_at) FROM writers)))::float8 AS silence"
            " FROM jobs WHERE id = $1",
            self.job,
        )


def _waits_for(row: Any) -> str:
    if row["later"]:
        return f"the next attempt at {row['run_at']:%H:%M:%S} UTC, after: {row['error']}"
    return "the indexer" if row["state"] == "queued" else ""


async def ask(
    pool: "asyncpg.Pool", kind: str, name: str, what: str, args: dict[str, Any] | None = None
) -> Asked:
    """Put the request down, or find the same one that waits already, as it was asked for then."""
    asked = await rows.put(pool, kind, name, args)
    return Asked(pool, asked.id, what, asked.is_new)
