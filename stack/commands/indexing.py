"""`showroom reindex` and `verify`: ask for a new index, compare the index with the truth."""

# ruff: noqa: PLC0415 -- what a command needs is imported when it runs: help is quick

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import asyncpg

    from catalog.vertical import Vertical
    from config.settings import Settings
    from indexer.verify import Comparison

LOOK_SECONDS = 0.5
NOBODY_SECONDS = 30.0
"""After so long without an indexer's sign of life nobody waits any longer."""

EXAMPLES = 3

Name = Annotated[str, typer.Argument(metavar="VERTICAL", help="What is searched: cars.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    group = "The index"
    app.command(rich_help_panel=group)(reindex)
    app.command(rich_help_panel=group)(verify)


def reindex(
    vertical: Name,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show the progress until it is live.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Build the index anew, beside the live one, and swap it in when it is complete.

    Searches go on meanwhile and notice nothing; changes reach both.
    """
    result = asyncio.run(_reindex(_vertical(vertical), _settings(), wait))
    if as_json:
        typer.echo(json.dumps(result))


def verify(vertical: Name, as_json: Json = False) -> None:
    """Compare every document of the live index with the truth; exit status 1 if any differs."""
    found = asyncio.run(_verify(_vertical(vertical), _settings()))
    examples = {
        kind: [key for key, each in found.differing.items() if each == kind]
        for kind in ("missing", "ghost", "stale")
    }
    if as_json:
        counts = {kind: len(keys) for kind, keys in examples.items()}
        told = {"documents": found.documents, "indexed": found.indexed, "differing": found.count}
        typer.echo(json.dumps(told | counts | {"examples": examples}))
    else:
        typer.echo(f"documents  {found.documents:,}\nindexed    {found.indexed:,}")
        for kind, keys in examples.items():
            some = f"  {', '.join(keys[:EXAMPLES])}" if keys else ""
            typer.echo(f"{kind:<9}  {len(keys):,}{some}")
    if found.count:
        sys.exit(f"Differing: {found.count:,}. `showroom reindex {vertical}` makes them equal.")


def _vertical(name: str) -> "Vertical":
    from catalog.verticals import VERTICALS

    known = VERTICALS
    if name not in known:
        sys.exit(f"There is no vertical {name}; there is: {', '.join(known)}.")
    return known[name]


def _settings() -> "Settings":
    from config.settings import load

    settings = load()
    if not settings.database_url or not settings.meili_url:
        sys.exit("Showroom does not run here: start it with `showroom up`.")
    return settings


async def _reindex(vertical: "Vertical", settings: "Settings", wait: bool) -> dict[str, Any]:
    from catalog.database import connect
    from jobs import rows

    async with connect(str(settings.database_url)) as pool:
        under_way = await pool.fetchval(
            "SELECT id FROM jobs WHERE kind = 'reindex' AND key = $1"
            " AND state IN ('queued', 'running')",
            vertical.name,
        )
        if under_way and not wait:
            sys.exit(f"A reindex of {vertical.name} is under way already; --wait shows it.")
        job = under_way or await rows.enqueue(pool, "reindex", vertical.name)
        if not wait:
            typer.echo(f"Asked for a new index of {vertical.name} (job {job}).", err=True)
            return {"job": job}
        return {"job": job} | await _follow(pool, job)


async def _follow(pool: "asyncpg.Pool", job: int) -> dict[str, Any]:
    """Show the job's progress until it ended; its result."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("waiting", total=None)
        while True:
            row = await _look(pool, job)
            if row["state"] in ("done", "failed"):
                break
            if row["silence"] > NOBODY_SECONDS:
                sys.exit("No indexer runs, so nobody does this; start it with `showroom up`.")
            told = row["progress"] or {}
            bar.update(
                shown,
                description=told.get("state", "waiting"),
                completed=told.get("documents", 0),
                total=told.get("total"),
            )
            await asyncio.sleep(LOOK_SECONDS)
    if row["state"] == "failed":
        sys.exit(f"The reindex failed: {row['error']}")
    result: dict[str, Any] = row["result"]
    typer.echo(
        f"{result['documents']:,} documents are live after {result['seconds']:.1f} s.", err=True
    )
    return result


async def _look(pool: "asyncpg.Pool", job: int) -> Any:
    """The job as it is now; `silence` is seconds since it was asked for or an indexer was alive."""
    return await pool.fetchrow(
        "SELECT state, progress, result, error, extract(epoch FROM clock_timestamp() - greatest("
        "  created_at, run_at, (SELECT max(heartbeat_at) FROM writers)))::float8 AS silence"
        " FROM jobs WHERE id = $1",
        job,
    )


async def _verify(vertical: "Vertical", settings: "Settings") -> "Comparison":
    from catalog.database import connect
    from engine.client import Engine
    from indexer import generations
    from indexer.verify import compare, wait_until_equal

    async with (
        connect(str(settings.database_url)) as pool,
        Engine(str(settings.meili_url), settings.meili_master_key) as engine,
    ):
        followed = await generations.followed(pool, vertical.name)
        live = next((each for each in followed if each.state == "live"), None)
        if live is None:
            sys.exit(f"There is no live index of {vertical.name} yet; see `showroom status`.")
        found = await compare(pool, engine, vertical, live.index_uid)
        listed = len(found.differing)
        found.differing = await wait_until_equal(
            pool, engine, vertical, live.index_uid, live.id, found.differing
        )
        found.count -= listed - len(found.differing)
        return found
