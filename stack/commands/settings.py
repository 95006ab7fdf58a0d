"""`showroom settings`: the settings of the live index beside those of meilisearch-settings.json."""

# ruff: noqa: PLC0415 -- what a command needs is imported when it runs: help is quick

import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from stack.commands.indexing import GROUP, Name, Wait
from stack.options import Json

if TYPE_CHECKING:
    from indexer.settings import Change

SETTINGS = typer.Typer(
    no_args_is_help=True, help="The live index's settings beside meilisearch-settings.json."
)
LONGEST = 60  # letters of a value in the table; --json has all


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    app.add_typer(SETTINGS, name="settings", rich_help_panel=GROUP)


@SETTINGS.command()
def diff(vertical: Name, as_json: Json = False) -> None:
    """Show what differs, also what was changed by hand; the exit status is 1 if anything does."""
    changes = asyncio.run(_changes(vertical))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in changes], indent=2))
    else:
        _show(changes, f"The live index of {vertical} has the settings of the file.")
    if changes:
        raise typer.Exit(1)


@SETTINGS.command()
def apply(vertical: Name, wait: Wait = False, as_json: Json = False) -> None:
    """Make the live index's settings those of the file.

    In place where the search server only reads them to answer a search. Where it would have to go
    through all documents again, a new index is built that has them all, and swapped in.
    """
    result = asyncio.run(_apply(vertical, wait))
    if as_json:
        typer.echo(json.dumps(result))


async def _changes(name: str) -> "list[Change]":
    from engine.client import Engine, EngineAway, EngineError
    from indexer import settings
    from indexer.settings import SettingsFileError
    from stack import asking

    vertical, configured = asking.vertical(name), asking.settings()
    try:
        wanted = settings.wanted(vertical.index)
        async with Engine(str(configured.meili_url), configured.meili_master_key) as engine:
            actual = await engine.call("GET", f"/indexes/{vertical.index}/settings")
    except EngineError as error:
        if error.code == "index_not_found":
            sys.exit(f"There is no live index of {name} yet; see `showroom status`.")
        sys.exit(str(error))
    except (EngineAway, SettingsFileError) as error:
        sys.exit(str(error))
    return settings.changes(wanted, actual)


async def _apply(name: str, wait: bool) -> dict[str, Any]:
    from indexer.requests import SETTINGS as KIND
    from stack import asking

    changes = await _changes(name)
    if not changes:
        typer.echo(f"The live index of {name} has the settings of the file.", err=True)
        return {"changes": [], "reindex": None}
    typer.echo(_plan(changes), err=True)
    async with asking.database() as pool:
        asked = await asking.ask(pool, KIND, name, "Changing the settings")
        if not wait:
            return {"job": asked.job, "changes": [asdict(each) for each in changes]}
        result = await asked.followed()
        if result["reindex"] is not None:
            await asking.Asked(pool, result["reindex"], "The reindex").followed()
    typer.echo(f"The live index of {name} has the settings of the file now.", err=True)
    return {"job": asked.job} | result


def _plan(changes: "list[Change]") -> str:
    others = [each.name for each in changes if not each.in_place]
    if not others:
        return "All of this can be applied in place."
    return f"This needs a new index: {', '.join(others)} cannot change in place."


def _show(changes: "list[Change]", none: str) -> None:
    from rich.markup import escape

    from stack.showing import print_table, table

    shown = table("setting", "live", "file", "change", folded=("live", "file"))
    for each in changes:
        live, file = _told(each)
        how = "in place" if each.in_place else "[yellow]new index[/]"
        shown.add_row(each.name, escape(live), escape(file), how)
    print_table(shown, none)
    if changes:
        typer.echo(_plan(changes))


def _told(change: "Change") -> tuple[str, str]:
    """Both values; of two lists only what one has and the other has not, where that is all."""
    live, file = change.live, change.file
    if isinstance(live, list) and isinstance(file, list):
        only_live = [each for each in live if each not in file]
        only_file = [each for each in file if each not in live]
        if only_live or only_file:
            live, file = only_live, only_file
    return _short(live), _short(file)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
