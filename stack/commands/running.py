"""`showroom up`, `down` and `status`. What they need is imported when they run: help is quick."""

# ruff: noqa: PLC0415

import json
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from stack.options import Json

STOP_SECONDS = 60.0


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    group = "The stack"
    app.command(rich_help_panel=group)(up)
    app.command(rich_help_panel=group)(down)
    app.command(rich_help_panel=group)(status)


def up(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when it is ready; go on behind.")
    ] = False,
) -> None:
    """Start everything that is not configured, and keep it running until Ctrl-C.

    Postgres, Valkey and the search server are started unless DATABASE_URL, REDIS_URL or
    MEILI_URL names one. Data stays in SHOWROOM_HOME (.showroom).
    """
    from rich.console import Console

    from stack import guard
    from stack.screen import Lines, Terminal

    if detach:
        from stack.detached import start

        start(_home())
        status()
        return
    from stack.up import up as run

    if "MAKELEVEL" in os.environ:
        guard.die_with_parent(signal.SIGTERM)  # `make run` may be killed alone
    console = Console()
    if not console.is_terminal:
        run(_home(), Lines(console))
        return
    terminal = Terminal(console)
    try:
        run(_home(), terminal)
    finally:
        terminal.close()


def down() -> None:
    """Stop what `showroom up` started here, and wait until it has ended."""
    from stack import running

    if not running.stop(_home(), STOP_SECONDS):
        typer.echo("Showroom does not run here.")


def status(
    as_json: Json = False,
) -> None:
    """Show what runs where, how much can be searched, and how far search is behind.

    The exit status is 1 when nothing runs.
    """
    import asyncio

    from rich.console import Console

    from config.settings import load
    from stack.board import board
    from stack.overview import overview

    seen = asyncio.run(overview(load().model_copy(update={"home": _home()})))
    if as_json:
        typer.echo(json.dumps(seen.as_json(), indent=2))
    else:
        Console().print(board(seen))
    if not seen.running:
        raise typer.Exit(1)


def _home() -> Path:
    from config.settings import load

    return load().home.absolute()
