"""`showroom recipe try` and `record`: write a recipe for a site and see what it reads."""

# ruff: noqa: PLC0415 -- what the commands need is imported when they run: help is quick

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stack.options import Json

if TYPE_CHECKING:
    from scrapers.recipes.parser import RecipeParser
    from scrapers.recipes.trial import Trial

recipe = typer.Typer(no_args_is_help=True, help="Recipes: how a site's pages are read.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The recipe.")]
Private = Annotated[
    bool, typer.Option("--private", help="The site is at an address inside this network.")
]
LONGEST_SHOWN = 60  # characters of a value


def register(app: typer.Typer) -> None:
    """Add the sub-commands to the `showroom` command."""
    app.add_typer(recipe, name="recipe", rich_help_panel="Sources")


@recipe.command("try")
def try_it(
    file: File,
    page: Annotated[str, typer.Argument(metavar="URL|PAGE", help="An address, or a saved page.")],
    as_json: Json = False,
    private: Private = False,
) -> None:
    """Show what a recipe reads on a page, field by field, and what is missing.

    Of a list that is asked for by its address the first car's own page is read too. Robots.txt is
    obeyed as in a crawl.
    """
    parser = _parser(file)
    trials = asyncio.run(_trials(parser, page, private))
    if as_json:
        typer.echo(json.dumps([asdict(trial) for trial in trials], indent=2))
    else:
        for trial in trials:
            _show(trial)
    if not all(trial.items for trial in trials):
        raise typer.Exit(1)


@recipe.command()
def record(
    file: File,
    url: Annotated[str, typer.Argument(metavar="URL", help="The page's address.")],
    folder: Annotated[
        Path | None, typer.Option(help="Where to; a folder beside the recipe if left out.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    private: Private = False,
) -> None:
    """Keep a page and what the recipe reads of it, for a test to compare.

    E-mail addresses, names of staff and the visitor's place are left out.
    """
    from scrapers.recipes.recording import record as keep

    parser = _parser(file)
    html, address = asyncio.run(_fetch(url, private))
    path = keep(parser, html, address, folder or file.with_suffix(""), name)
    typer.echo(f"{path} and {path.with_suffix('.json').name} are written.")


def _parser(file: Path) -> "RecipeParser":
    from config.written import text_of
    from scrapers.recipes import reading

    return reading.parser(text_of(file), str(file))


async def _trials(parser: "RecipeParser", page: str, private: bool) -> "list[Trial]":
    """A trial of the page, and one of the first car's page that it leads to."""
    from scrapers.recipes.trial import try_page

    if "://" not in page:
        return [try_page(parser, _saved(Path(page)), f"https://{Path(page).name}/")]
    html, address = await _fetch(page, private)
    first = try_page(parser, html, address)
    if first.first_url is None:
        return [first]
    html, address = await _fetch(first.first_url, private)
    return [first, try_page(parser, html, address)]


def _saved(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _failure(f"The page {path} cannot be read: {error.strerror}.") from error


async def _fetch(url: str, private: bool) -> tuple[bytes, str]:
    """A page and its address after redirects; every failure is a sentence and exit status 1."""
    from config.settings import load
    from scrapers.fetching.answers import FetchError
    from scrapers.fetching.fetcher import Fetcher

    try:
        async with Fetcher(load().contact, rate=1.0, private=private) as fetcher:
            answer = await fetcher.get(url)
    except FetchError as error:
        raise _failure(str(error)) from error
    if answer.status != 200:
        raise _failure(f"{url} answered {answer.status}.")
    return answer.body, answer.url


def _show(trial: "Trial") -> None:
    console = Console()
    what = f"{trial.items:,} items of a list" if trial.kind == "list" else "One offer's page"
    console.print(f"[bold]{what}[/] {escape(trial.url)}", highlight=False, soft_wrap=True)
    if trial.gone:
        console.print("It says that the offer is gone.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("field", "from", "says", "means"):
        table.add_column(name, overflow="fold")
    table.add_column("items", justify="right")
    for row in trial.rows:
        share = f"{row.items / trial.items:.0%}" if trial.items else ""
        says, means = (_short(text) for text in (row.says, row.means))
        table.add_row(row.field, escape(row.place), says, means if means != says else "", share)
    if trial.rows:
        console.print(table)
    for hint in trial.hints:
        console.print(f"[yellow]{escape(hint)}", highlight=False, soft_wrap=True)
    following = [trial.next_url or "none"] if trial.kind == "list" and trial.items else []
    for told, values in (
        ("Next page", following),
        ("Missing", trial.missing),
        ("Problems", sorted(set(trial.problems))),
    ):
        if values:
            console.print(f"{told}: {escape(', '.join(values))}", highlight=False, soft_wrap=True)
    console.print()


def _short(text: str) -> str:
    return escape(text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…")


def _failure(sentence: str) -> typer.Exit:
    Console(stderr=True).print(sentence, style="red", highlight=False, soft_wrap=True)
    return typer.Exit(1)
