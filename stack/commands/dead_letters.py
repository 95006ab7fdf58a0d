"""`showroom dead-letters`: documents that the search server refuses."""

# ruff: noqa: PLC0415 -- what a command needs is imported when it runs: help is quick

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from stack.commands.indexing import GROUP, Name
from stack.options import Json, Limit

Documents = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="The ids of the documents.")
]
All = Annotated[bool, typer.Option("--all", help="Every one that is refused.")]

LETTERS = typer.Typer(no_args_is_help=True, help="Documents that the search server refuses.")


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    app.add_typer(LETTERS, name="dead-letters", rich_help_panel=GROUP)


@LETTERS.command("list")
def list_(vertical: Name, as_json: Json = False, limit: Limit = 20) -> None:
    """List them: since when, how often they were tried, the search server's words."""
    from rich.markup import escape

    from stack.showing import print_table, table

    rows = asyncio.run(_listed(vertical, limit))
    if as_json:
        typer.echo(_json(rows))
        return
    columns = ("document", "since", "attempts", "last", "error")
    shown = table(*columns, numbers=("attempts",), folded=("error",))
    for row in rows:
        last = "waits" if row["waiting"] else _when(row["tried_at"])
        told = (escape(row["document"]), _when(row["since"]), str(row["attempts"]), last)
        shown.add_row(*told, escape(row["error"]))
    print_table(shown, f"No document of {vertical} is refused.")


@LETTERS.command()
def show(
    vertical: Name,
    document: Annotated[str, typer.Argument(metavar="ID", help="The document's id.")],
    as_json: Json = False,
) -> None:
    """Show one: what was refused, with which words, and the document as it would be sent now."""
    letter = asyncio.run(_one(vertical, document))
    if as_json:
        typer.echo(_json(letter))
        return
    body = letter.pop("body")
    for name, value in letter.items():
        typer.echo(f"{name:<12} {_shown(value)}")
    typer.echo(_json(body) if body is not None else "The document is gone.")


@LETTERS.command()
def retry(
    vertical: Name, documents: Documents = None, every: All = False, as_json: Json = False
) -> None:
    """Send them again: each goes alone, and is a dead letter again if it is refused again."""
    from indexer import dead_letters

    done = asyncio.run(_do(dead_letters.retry, vertical, documents, every))
    _tell(done, "is sent again", "are sent again", as_json)


@LETTERS.command()
def drop(
    vertical: Name, documents: Documents = None, every: All = False, as_json: Json = False
) -> None:
    """Forget them: they stay missing in the index until they change or are verified again."""
    from indexer import dead_letters

    done = asyncio.run(_do(dead_letters.drop, vertical, documents, every))
    _tell(done, "is forgotten", "are forgotten", as_json)


async def _listed(name: str, limit: int) -> list[dict[str, Any]]:
    from indexer import dead_letters
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        return await dead_letters.listed(pool, vertical, limit)


async def _one(name: str, document: str) -> dict[str, Any]:
    from indexer import dead_letters
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        found = await dead_letters.listed(pool, vertical, 1, document)
        if not found:
            sys.exit(_not_refused(name, [document]))
        return found[0] | {"body": await dead_letters.body(pool, vertical, document)}


async def _do(
    act: Callable[..., Awaitable[list[str]]], name: str, documents: list[str] | None, every: bool
) -> list[str]:
    from stack import asking

    vertical = asking.vertical(name)
    if bool(documents) == every:
        sys.exit("Name the documents, or say --all.")
    async with asking.database() as pool:
        done = await act(pool, vertical, documents)
    unknown = [each for each in documents or [] if each not in done]
    if unknown:
        sys.exit(_not_refused(name, unknown))
    return done


def _not_refused(name: str, documents: list[str]) -> str:
    some = ", ".join(documents)
    return f"No dead letter of {name}: {some}; `showroom dead-letters list {name}` lists them."


def _tell(done: list[str], one: str, many: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"documents": done}))
    else:
        typer.echo(
            f"{len(done):,} {'document' if len(done) == 1 else 'documents'}"
            f" {one if len(done) == 1 else many}."
        )


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _when(at: datetime) -> str:
    return f"{at:%m-%d %H:%M:%S}"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, default=lambda at: at.isoformat())
