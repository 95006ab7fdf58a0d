"""`showroom spellings`: what sources write and no vocabulary understands."""

# ruff: noqa: PLC0415 -- what the command needs is imported when it runs: help is quick

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from stack.options import Json
from stack.requests import ask
from stack.showing import print_json, print_table, table

if TYPE_CHECKING:
    from scrapers.storing.spellings import Spelling


def register(app: typer.Typer) -> None:
    """Add the command to `showroom`."""
    app.command(rich_help_panel="Sources")(spellings)


def spellings(
    field: Annotated[
        str | None,
        typer.Argument(metavar="FIELD", help="Only of this field: color, make, drivetrain, …"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="How many, commonest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List what sources write and Showroom does not understand.

    Add a spelling to its file in catalog/vocabularies, under the value that it means or under
    `silent`; it is understood from the next visit on.
    """
    from scrapers.storing.spellings import MEANINGS, unknown

    if field is not None and field not in MEANINGS:
        names = ", ".join(sorted(MEANINGS))
        raise SystemExit(f"There is no vocabulary of {field}; there are: {names}.")
    found = ask(lambda pool: unknown(pool, field, limit))
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        _show(found)


def _show(found: "list[Spelling]") -> None:
    shown = table("field", "spelling", "seen", "sources", numbers=("seen",), folded=("sources",))
    for each in found:
        sources = ", ".join(each.sources)
        shown.add_row(each.field, escape(each.spelling), f"{each.seen:,}", sources)
    print_table(shown, "All that sources wrote is understood.")
