"""`showroom runs` and `run-show`: what crawls and imports did, and what is decided of them."""

# ruff: noqa: PLC0415 -- what the commands need is imported when they run: help is quick

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stack.options import Json, Limit, number
from stack.requests import ask, failure, result
from stack.showing import print_json, print_table, state, table, when

GROUP = "Sources"
NUMBERS = ("pages", "items", "new", "changed", "unchanged", "failed", "gone")

Number = Annotated[int, number("run")]

RUNS = typer.Typer(help="List the newest runs; accept or cancel a suspicious one.")


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    app.add_typer(RUNS, name="runs", rich_help_panel=GROUP)
    app.command("run-show", rich_help_panel=GROUP)(run_show)


@RUNS.callback(invoke_without_command=True)
def runs(
    context: typer.Context,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    only: Annotated[str | None, typer.Option("--state", help="Only in this state.")] = None,
    as_json: Json = False,
    limit: Limit = 20,
) -> None:
    """List the newest runs with their numbers.

    A `suspicious` run found far fewer offers, or items without a field that they had. It took
    nothing out of search, and waits for you or for a run that is healthy.
    """
    from jobs import reports

    if context.invoked_subcommand:
        return
    rows = ask(lambda pool: reports.runs(pool, limit, source=source, state=only))
    if as_json:
        print_json(rows)
        return
    numbers = ("items", "new", "changed", "gone", "failed")  # what fits a terminal
    shown = table(
        "run", "source", "started", "state", *numbers, "seconds", numbers=(*numbers, "seconds")
    )
    for row in rows:
        shown.add_row(
            str(row["id"]),
            row["source"],
            when(row["started_at"]),
            state(row["state"]),
            *(f"{row[name]:,}" for name in numbers),
            f"{row['seconds']:.1f}",
        )
    print_table(shown, "There is no such run yet.")


@RUNS.command()
def accept(run_id: Number, as_json: Json = False) -> None:
    """Believe a suspicious run: what it did not see, nor a later one, is taken out of search."""
    from jobs import decisions

    job_id = ask(lambda pool: decisions.accept(pool, run_id))
    left = result(
        job_id,
        lambda reached: f"{reached.get('gone', 0):,} gone",
        f"Run {run_id} is accepted, but what left stays",
    )
    if as_json:
        print_json(left)
    else:
        typer.echo(f"Run {run_id} is accepted; {left['gone']:,} offers are gone.")


@RUNS.command()
def cancel(run_id: Number) -> None:
    """Close a suspicious run without believing it, or end a crawl that is running."""
    from jobs import decisions

    ask(lambda pool: decisions.cancel(pool, run_id))
    typer.echo(f"Run {run_id} is canceled.")


def run_show(run_id: Number, as_json: Json = False) -> None:
    """Show one run: its numbers, what went wrong and how often, which fields fell."""
    from jobs import reports

    row = ask(lambda pool: reports.run(pool, run_id))
    if row is None:
        raise failure(f"There is no run {run_id}; `showroom runs` lists them.")
    if as_json:
        print_json(row)
    else:
        show_run(row)


def show_run(row: dict[str, Any]) -> None:
    """A run's row for people."""
    grid = Table.grid(padding=(0, 2))
    shown = {"run": f"{row['id']} of {row['source']}", "state": state(row["state"])}
    if row["error"]:
        shown["why"] = escape(row["error"])
    if row.get("settled_at"):
        by = f"run {row['settled_by']}" if row["settled_by"] else "a person"
        shown["settled by"] = by
    shown |= {name: f"{row[name]:,}" for name in NUMBERS}
    shown |= {
        "unmodified": f"{row['unmodified']:,} pages",
        "megabytes": f"{row['bytes'] / 1e6:,.1f}",
        "seconds": f"{row['seconds']:.1f}",
    }
    for name, value in shown.items():
        grid.add_row(f"[bold]{name}", value)
    for code, count in sorted(row["problems"].items(), key=lambda item: (-item[1], item[0])):
        grid.add_row(f"  {code}", f"{count:,}")
    _add_fields(grid, row)
    Console().print(grid)


def _add_fields(grid: Table, row: dict[str, Any]) -> None:
    """What share of the items that were read has each field; fallen ones first, in color."""
    if not row["read"]:
        return
    usual = {fall["field"]: fall["usual"] for fall in row["drift"]}
    grid.add_row("[bold]fields", f"of {row['read']:,} items that were read")
    names = sorted({*row["filled"], *usual}, key=lambda name: (name not in usual, name))
    for name in names:
        share = f"{row['filled'].get(name, 0) / row['read']:.0%}"
        fallen = f"[yellow]{share}, usually {usual[name]:.0%}[/]" if name in usual else share
        grid.add_row(f"  {name}", fallen)
