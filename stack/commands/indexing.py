"""`showroom reindex`, `cancel`, `rollback` and `generations`: the indexes of what is searched.

The commands put requests down; the indexer does the work.
"""

# ruff: noqa: PLC0415 -- what a command needs is imported when it runs: help is quick

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stack.options import Json, Limit

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

Name = Annotated[str, typer.Argument(metavar="VERTICAL", help="What is searched: cars.")]
Wait = Annotated[bool, typer.Option("--wait", help="Show how far it is, until it has ended.")]

AllowFewer = Annotated[
    bool,
    typer.Option("--allow-fewer", help="Also if less than half of the documents are left."),
]

GROUP = "The index"


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    for command in (reindex, cancel, rollback, generations):
        app.command(rich_help_panel=GROUP)(command)


def reindex(
    vertical: Name, wait: Wait = False, allow_fewer: AllowFewer = False, as_json: Json = False
) -> None:
    """Build the index anew, beside the live one, and swap it in when it is complete.

    Searches go on meanwhile and notice nothing; changes reach both. The index before is kept for
    a day, so that `showroom rollback` can go back to it. When the table looks emptied, the live
    index stays: with --allow-fewer you say that it is meant.
    """
    result = asyncio.run(_reindex(vertical, wait, allow_fewer))
    if as_json:
        typer.echo(json.dumps(result))


def cancel(vertical: Name, wait: Wait = False, as_json: Json = False) -> None:
    """End the reindex or rollback that is under way; the live index stays as it is.

    What is being swapped in already cannot be canceled any more.
    """
    result = asyncio.run(_cancel(vertical, wait))
    if as_json:
        typer.echo(json.dumps(result))


def rollback(vertical: Name, wait: Wait = False, as_json: Json = False) -> None:
    """Go back to the index before the live one, which has been kept in step.

    The other way, too: a second rollback brings the newer one back.
    """
    result = asyncio.run(_rollback(vertical, wait))
    if as_json:
        typer.echo(json.dumps(result))


def generations(vertical: Name, as_json: Json = False, limit: Limit = 10) -> None:
    """List the indexes that are or were filled: how far, live since when, why they wait."""
    from rich.console import Console

    from stack.showing import print_table

    rows = asyncio.run(_generations(vertical, limit))
    if as_json:
        typer.echo(json.dumps(rows, indent=2, default=lambda at: at.isoformat()))
        return
    print_table(_table(rows), f"There is no index of {vertical} yet; see `showroom status`.")
    console = Console()
    for row in rows:
        if why := _why(row):
            console.print(f"{row['number']}: {why}", markup=False, highlight=False, soft_wrap=True)


async def _reindex(name: str, wait: bool, allow_fewer: bool) -> dict[str, Any]:
    from indexer.requests import ALLOW_FEWER, REINDEX
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        args = ALLOW_FEWER if allow_fewer else None
        asked = await asking.ask(pool, REINDEX, vertical.name, "The reindex", args)
        if allow_fewer and not asked.is_new:
            sys.exit(
                f"A reindex of {name} is under way already;"
                f" end it first with `showroom cancel {name}`."
            )
        if not wait and not asked.is_new:
            sys.exit(f"A reindex of {name} is under way already; --wait shows it.")
        if not wait:
            return _asked(f"Asked for a new index of {name}", asked.job)
        result = await asked.followed()
    seconds = f"{result['seconds']:.1f} s"
    typer.echo(f"{result['documents']:,} documents are live after {seconds}.", err=True)
    return {"job": asked.job} | result


async def _cancel(name: str, wait: bool) -> dict[str, Any]:
    from indexer.requests import CANCEL, REINDEX, ROLLBACK
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        if not await asking.under_way(pool, [REINDEX, ROLLBACK], name):
            sys.exit(f"No reindex of {name} is under way.")
        asked = await asking.ask(pool, CANCEL, vertical.name, "The cancellation")
        if not wait:
            return _asked(f"Asked to cancel the reindex of {name}", asked.job)
        result = await asked.followed()
    typer.echo(f"Canceled; the live index of {name} is as it was.", err=True)
    return {"job": asked.job} | result


async def _rollback(name: str, wait: bool) -> dict[str, Any]:
    from indexer.generations import none_to_go_back_to
    from indexer.requests import ROLLBACK
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        going = await asking.under_way(pool, [ROLLBACK], name)
        if going and not wait:
            sys.exit(f"A rollback of {name} is under way already; --wait shows it.")
        reason = None if going else await none_to_go_back_to(pool, name)
        if reason is not None:
            sys.exit(reason)
        asked = await asking.ask(pool, ROLLBACK, vertical.name, "The rollback")
        if not wait:
            return _asked(f"Asked to go back to the index of {name} before", asked.job)
        result = await asked.followed()
    typer.echo(f"Generation {result['generation']} of {name} is live again.", err=True)
    return {"job": asked.job} | result


def _asked(sentence: str, job: int) -> dict[str, Any]:
    typer.echo(f"{sentence} (job {job}).", err=True)
    return {"job": job}


async def _generations(name: str, limit: int) -> list[dict[str, Any]]:
    """The rows, with the documents that the search server has where it has that index."""
    from indexer.generations import listed
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        rows = await listed(pool, vertical.name, limit)
    indexed = await _indexed()
    for row in rows:
        row["documents"] = indexed.get(row["index_uid"], row["documents"])
    return rows


async def _indexed() -> dict[str, int]:
    """How many documents each index has; nothing when the search server does not answer."""
    from engine.client import Engine, EngineAway, EngineError
    from stack import asking

    configured = asking.settings()
    try:
        async with Engine(str(configured.meili_url), configured.meili_master_key) as engine:
            indexes = (await engine.call("GET", "/stats"))["indexes"]
    except (EngineAway, EngineError):
        return {}
    return {uid: each["numberOfDocuments"] for uid, each in indexes.items()}


def _table(rows: list[dict[str, Any]]) -> "Table":
    from stack.showing import table

    columns = ("number", "state", "documents", "created", "live since", "kept until")
    shown = table(*columns, numbers=("documents",))
    for row in rows:
        shown.add_row(
            str(row["number"]),
            _state(row["state"]),
            f"{row['documents']:,}",
            _when(row["created_at"]),
            _when(row["live_at"]),
            _when(row["kept_until"] if row["state"] == "old" else None),
        )
    return shown


def _state(state: str) -> str:
    color = {"live": "green", "failed": "red", "canceled": "yellow"}.get(state)
    return f"[{color}]{state}[/]" if color else state


def _when(at: "datetime | None") -> str:
    return f"{at:%m-%d %H:%M:%S}" if at else ""


def _why(row: dict[str, Any]) -> str:
    """Why it failed or what it waits for; what was published in another state is over."""
    from stack.progress import told

    if row["refused"]:
        return f"{row['error']} Else put the rows back: an index that is needed is made then."
    if row["error"]:
        return str(row["error"])
    if row["progress"] and row["progress"].get("state") == row["state"]:
        return told(row["progress"])
    return "a person went back from it" if row["rejected"] else ""
