"""`showroom verify`: compare the live index with the truth, document by document."""

# ruff: noqa: PLC0415 -- what a command needs is imported when it runs: help is quick

import asyncio
import json
import sys
from typing import Annotated, Any

import typer

from stack.commands.indexing import GROUP, Name
from stack.options import Json

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
    counts = {"documents": result["documents"], "indexed": result["indexed"]}
    counts |= {kind: result[kind] for kind in KINDS} | {"on their way": result["on_their_way"]}
    if "repaired" in result:
        counts["repaired"] = result["repaired"]
    for name, count in counts.items():
        some = ", ".join(result["examples"].get(name, [])[:EXAMPLES])
        typer.echo(f"{name:<12} {count:>10,}  {some}".rstrip())
    rate = result["indexed"] / result["seconds"] if result["seconds"] else 0
    typer.echo(f"{'seconds':<12} {result['seconds']:>10.1f}  ({rate:,.0f} documents/s)")


async def _verify(name: str, repair: bool) -> dict[str, Any]:
    from jobs.sync_reports import REPAIR, VERIFY
    from stack import asking

    vertical = asking.vertical(name)
    async with asking.database() as pool:
        kind = REPAIR if repair else VERIFY
        asked = await asking.ask(pool, kind, vertical.name, "The comparison")
        return await asked.followed()
