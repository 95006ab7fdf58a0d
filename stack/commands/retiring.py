"""`showroom retire`: what a source that is no longer visited has left in search is taken out."""

# ruff: noqa: PLC0415 -- what the command needs is imported when it runs: help is quick

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stack.options import Json
from stack.requests import ask, failure, result, ring
from stack.showing import print_json

if TYPE_CHECKING:
    from scrapers.runs.retirement import Holding

Name = Annotated[str, typer.Argument(metavar="SOURCE", help="Its name, as `sources` lists it.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, for a script.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would leave search.")]


def register(app: typer.Typer) -> None:
    """Add the command to `showroom`."""
    app.command(rich_help_panel="Sources")(retire)


def named() -> set[str]:
    """The names that sources.yml has; raises WrittenError where it cannot be read."""
    from config.settings import load
    from scrapers.sources.entries import read

    return {entry.name for entry in read(load().sources)}


def retire(source: Name, yes: Yes = False, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take a source's offers out of search, when sources.yml does not have it any more.

    So it is with what a file was imported into. Cars that another source offers stay. Offers and
    prices are kept: a source that comes back has its cars in search again after its first visit.
    """
    held = ask(lambda pool: _held(pool, source))
    if dry_run and as_json:
        print_json(held._asdict())
        return
    typer.echo(_would(source, held), err=as_json)
    if dry_run:
        return
    if held.offers and not yes:
        _confirm()
    asked, started = ask(lambda pool: _ask(pool, source)), time.monotonic()
    left = result(
        asked, _reached(held, started), f"Not all of {source} is out of search; say it again"
    )
    if as_json:
        print_json({"source": source, "job": asked, **left})
    else:
        typer.echo(_did(source, left))


async def _held(pool: Any, source: str) -> "Holding":
    """What the source has in search; raises RequestError for one that is visited still."""
    from config.settings import load
    from jobs.requests import RequestError
    from scrapers.runs.retirement import holding

    if source in named():
        raise RequestError(
            f"The source {source} is in {load().sources} still and would be visited again: take it"
            " out of that file first. `enabled: false` there leaves it alone, and its offers in"
            " search."
        )
    return await holding(pool, source)


async def _ask(pool: Any, source: str) -> int:
    from scrapers.runs import retirement

    asked = await retirement.ask(pool, source)
    await ring()
    return asked.id


def _would(source: str, held: "Holding") -> str:
    """What would happen, as a sentence."""
    if not held.offers:
        return f"No offer of {source} is in search."
    stay = (
        f" {held.shared:,} of them are of cars that other sources offer, too: these stay."
        if held.shared
        else ""
    )
    return f"{held.offers:,} offers of {source} leave search.{stay}"


def _confirm() -> None:
    try:
        sure = typer.confirm("Take them out?", err=True)
    except typer.Abort:
        sure = False
    if not sure:
        raise failure("Nothing was changed; --yes does it without asking.")


def _reached(held: "Holding", started: float) -> Callable[[dict[str, Any]], str]:
    """Says how many offers have left, and how long the others will take at this pace."""

    def told(progress: dict[str, Any]) -> str:
        gone = progress.get("gone", 0)
        if not gone:
            return "waiting for the first offers"
        seconds = (time.monotonic() - started) / gone * max(0, held.offers - gone)
        return f"{gone:,} of {held.offers:,} offers, {seconds:.0f} s left"

    return told


def _did(source: str, left: dict[str, Any]) -> str:
    if left["back"]:
        return (
            f"The source {source} is crawled again: {left['gone']:,} offers left search, the"
            " others stay."
        )
    return f"{left['gone']:,} offers of {source} left search; they and their prices are kept."
