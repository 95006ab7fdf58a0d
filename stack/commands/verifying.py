"""`showroom verify`: compare the live index with the truth, document by document."""

# ruff: noqa: PLC0415 -- what a command needs is imported when it runs: help is quick

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import typer

from stack.commands.indexing import GROUP, Json, Name

if TYPE_CHECKING:
    from catalog.vertical import Vertical
    from config.settings import Settings
    from indexer.verify import Comparison

EXAMPLES = 3


def register(app: typer.Typer) -> None:
    """Add the command to `showroom`."""
    app.command(rich_help_panel=GROUP)(verify)


def verify(vertical: Name, as_json: Json = False) -> None:
    """Compare every document of the live index with the truth; exit status 1 if any differs."""
    from stack import asking

    found = asyncio.run(_verify(asking.vertical(vertical), asking.settings()))
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
