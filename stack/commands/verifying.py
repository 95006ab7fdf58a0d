"""`showroom verify`: compare the live index with the truth, document by document."""

# ruff: noqa: PLC0415 -- what a command needs is imported when it runs: help is quick

import asyncio
import json
import sys
from typing import Annotated, Any

import typer

from stack.commands.indexing import GROUP, Json, Name

EXAMPLES = 3
KINDS = ("missing", "ghost", "stale")


def register(app: typer.Typer) -> None:
    """Add the command to `showroom`."""
    app.command(rich_help_panel=GROUP)(verify)


def verify(
    vertical: Name,
    repair: Annotated[bool, typer.Option("--repair", help="Send again what differs.")] = False,
    as_json: Json = False,
) -> None:
    """Compare every document of the live index with the truth; exit status 1 if any differs.

    The indexer does it, every night too; `showroom status` shows the last result. With --repair
    what differs is sent again, and the exit status is 1 only if that was refused: many documents
    are not deleted when the table looks emptied.
    """
    result = asyncio.run(_verify(vertical, repair))
    if as_json:
        typer.echo(json.dumps(result))
    else:
        _show(result)
    if repair and result["refused"]:
        sys.exit(result["refused"])
    if result["differing"] and not repair:
        count = f"{result['differing']:,}"
        sys.exit(f"Differing: {count}. `showroom verify {vertical} --repair` sends them again.")


def _show(result: dict[str, Any]) -> None:
    rate = result["indexed"] / result["seconds"] if result["seconds"] else 0
    typer.echo(f"documents  {result['documents']:,}")
    typer.echo(f"indexed    {result['indexed']:,}")
    for kind in KINDS:
        keys = result["examples"][kind][:EXAMPLES]
        typer.echo(f"{kind:<9}  {result[kind]:,}{'  ' if keys else ''}{', '.join(keys)}")
    if "repaired" in result:
        typer.echo(f"repaired   {result['repaired']:,}")
    typer.echo(f"seconds    {result['seconds']:.1f}{f'  {rate:,.0f} documents/s' if rate else ''}")


async def _verify(name: str, repair: bool) -> dict[str, Any]:
    from indexer.requests import REPAIR, VERIFY
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        kind = REPAIR if repair else VERIFY
        asked = await asking.ask(pool, kind, vertical.name, "The comparison")
        return await asked.followed()
