"""`showroom jobs`: what workers do and will do, and what they gave up."""

# ruff: noqa: PLC0415 -- what the commands need is imported when they run: help is quick

from typing import Annotated, Any

import typer
from rich.markup import escape

from stack.options import Json, Limit, number
from stack.requests import ask
from stack.showing import print_json, print_table, state, table, when

GROUP = "Sources"

Number = Annotated[int, number("job")]

JOBS = typer.Typer(help="List the newest jobs; try dead ones again, or drop them.")


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    app.add_typer(JOBS, name="jobs", rich_help_panel=GROUP)


@JOBS.callback(invoke_without_command=True)
def jobs(
    context: typer.Context,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up.")] = False,
    kind: Annotated[str | None, typer.Option(help="Only this kind, like crawl.")] = None,
    as_json: Json = False,
    limit: Limit = 20,
) -> None:
    """List the newest jobs: what they do, how they stand, why they failed.

    A job that fails is tried again, later each time; after five attempts, or when it took too
    long, it is dead and keeps its error for 14 days.
    """
    from jobs import reports

    if context.invoked_subcommand:
        return
    only = "failed" if dead else None
    rows = ask(lambda pool: reports.jobs(pool, limit, kind=kind, state=only))
    if as_json:
        print_json(rows)
        return
    shown = table(
        "job",
        "kind",
        "key",
        "state",
        "when",
        "tried",
        "error",
        numbers=("tried",),
        folded=("error",),
    )
    for row in rows:
        shown.add_row(
            str(row["id"]),
            row["kind"],
            escape(row["key"]),
            state(row["state"]),
            _when(row),
            str(row["attempts"]),
            escape(row["error"] or ""),
        )
    print_table(shown, "There is no such job yet.")


@JOBS.command()
def retry(number: Number) -> None:
    """Try a dead job again, as if for the first time."""
    from jobs import requests

    ask(lambda pool: requests.retry(pool, number))
    typer.echo(f"Job {number} waits for a worker.")


@JOBS.command()
def drop(number: Number) -> None:
    """Delete a dead job, or one that waits."""
    from jobs import requests

    ask(lambda pool: requests.drop(pool, number))
    typer.echo(f"Job {number} is deleted.")


def _when(row: dict[str, Any]) -> str:
    """When it is due, was begun, or ended."""
    if row["state"] == "queued":
        return f"due {when(row['run_at'])}"
    if row["state"] == "running":
        return f"since {when(row['started_at'])}"
    return when(row["finished_at"])
