"""`showroom import`: a file of cars into search."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: help is quick

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stack.options import Json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as Grid

    from config.settings import Settings
    from scrapers.feeds.columns import Layout
    from scrapers.feeds.importing import Outcome
    from scrapers.feeds.loading import Progress
    from scrapers.feeds.opening import Feed
    from scrapers.feeds.tables import Table

STOPPED = 130
"""The exit status of a command that Ctrl-C ended."""

_REASONS = {
    "row/ragged": "more or fewer cells than the header",
    "row/quote": "a quotation mark that is not closed",
    "row/csv": "no CSV",
    "row/json": "no JSON object",
    "key/repeated": "an id that an earlier row has",
    "vin/form": "a VIN that is none",
    "car/unnamed": "no title, make, model or VIN",
}


def register(app: typer.Typer) -> None:
    """Add the command to `showroom`."""
    app.command("import", rich_help_panel="Listings")(import_file)


def import_file(
    vertical: Annotated[str, typer.Argument(metavar="VERTICAL", help="What the file lists: cars.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV, TSV, JSON lines or XML; - is stdin.")
    ],
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Say which column fills a field."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="The name that its offers go by; else the file's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import a file of cars and make it searchable.

    Columns are recognised by their names: those of Google, Meta and HomeNet feeds and of many
    public data sets; `--map price=Betrag` names any other. A VIN is not needed. Importing a file
    again changes what has changed in it; a row that it no longer has is not taken out of search.
    Rows that are refused are kept in a file, with the reason.
    """
    from scrapers.feeds.opening import FeedError

    try:
        ended = _run(vertical, file, mapped or [], source, as_json)
    except FeedError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from error
    if ended:
        raise typer.Exit(ended)


def _run(vertical: str, file: str, mapped: list[str], source: str | None, as_json: bool) -> int:
    from rich.console import Console

    from catalog.verticals import VERTICALS
    from config.settings import load
    from scrapers.feeds.columns import recognise
    from scrapers.feeds.importing import source_name
    from scrapers.feeds.opening import FeedError, open_feed
    from scrapers.feeds.tables import read_table

    if vertical not in VERTICALS:
        raise FeedError(f"There is no vertical {vertical!r}; there is: {', '.join(VERTICALS)}.")
    given = [_pair(text) for text in mapped]
    settings = load()
    # What a script reads goes to stdout, what people read beside it to stderr.
    console = Console(stderr=as_json, highlight=False)
    started = monotonic()
    with open_feed(file) as feed:
        name = source_name(source, feed.name)
        table = read_table(feed)
        layout = recognise(table, given)
        if not as_json:
            _show_layout(console, layout)
        outcome = _import(settings, feed, table, layout, vertical, name, console)
    seconds = monotonic() - started
    if as_json:
        typer.echo(json.dumps(_report(outcome, name, layout, seconds), indent=2))
    else:
        _show_outcome(console, outcome, name, seconds)
        _show_late(console, layout)
    return _status(outcome)


def _pair(text: str) -> tuple[str, str]:
    from scrapers.feeds.opening import FeedError

    field, separator, column = text.partition("=")
    if not separator or not field.strip() or not column.strip():
        raise FeedError(f"--map takes FIELD=COLUMN, for example price=Betrag; {text!r} is not so.")
    return field.strip(), column.strip()


def _status(outcome: Outcome) -> int:
    if outcome.state == "stopped":
        return STOPPED
    progress = outcome.progress
    nothing = progress.rows > 0 and progress.rows == progress.refused.total()
    return 1 if outcome.state == "failed" or nothing else 0


def _import(
    settings: Settings,
    feed: Feed,
    table: Table,
    layout: Layout,
    vertical: str,
    name: str,
    console: Console,
) -> Outcome:
    """Import while a bar shows how far it is."""
    from scrapers.feeds.importing import import_table

    with _bar(console, feed) as on_progress, _stoppable() as stopped:
        return asyncio.run(
            import_table(settings, feed, table, layout, vertical, name, stopped, on_progress)
        )


@contextmanager
def _stoppable() -> Iterator[Any]:
    """A question whether to stop: SIGINT and SIGTERM say so, and the second one ends at once."""
    asked: list[int] = []

    def ask(number: int, _: Any) -> None:
        asked.append(number)
        signal.signal(number, before[number])

    before: dict[int, Any] = {
        number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(console: Console, feed: Feed) -> Iterator[Any]:
    """A function that takes the progress: it moves a bar on a terminal, else does nothing."""
    from rich import progress as bars

    bar = bars.Progress(
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TextColumn("{task.fields[rows]:,} rows"),
        bars.TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(feed.name, total=feed.size, rows=0)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.position, rows=progress.rows)

        yield show


def _grid(justify: Literal["left", "right"] = "left") -> Grid:
    """Rows of aligned cells; `justify` is the first column's."""
    from rich.table import Table as RichTable

    grid = RichTable.grid(padding=(0, 2))
    grid.add_column(justify=justify)
    return grid


def _show_layout(console: Console, layout: Layout) -> None:
    """What the columns were understood as, before anything is imported."""
    from rich.text import Text

    grid = _grid()
    for field, columns in layout.fields.items():
        names = ", ".join(f"{c.name} ({c.unit})" if c.unit else c.name for c in columns)
        grid.add_row(Text(field, "bold"), Text(names))
    if layout.left_out:
        left_out = ", ".join(name or "(no name)" for name in layout.left_out)
        grid.add_row(Text("left out", "dim"), Text(left_out, "dim"))
    console.print(grid)
    for note in layout.notes:
        console.print(Text(note, "dim"))
    console.print()


def _show_outcome(console: Console, outcome: Outcome, name: str, seconds: float) -> None:
    from rich.text import Text

    progress = outcome.progress
    if outcome.error:
        console.print(Text(f"{outcome.error} The rows before are imported.", "red"))
    grid = _grid(justify="right")
    for count, what in (
        (progress.new, "new"),
        (progress.changed, "changed"),
        (progress.unchanged, "unchanged"),
        (progress.refused.total(), "refused"),
        *([(progress.unavailable, "not available, left out")] if progress.unavailable else []),
    ):
        grid.add_row(Text(f"{count:,}", "bold"), what)
    console.print(grid)
    rate = progress.rows / seconds if seconds else 0.0
    console.print(f"{progress.rows:,} rows into {name} in {seconds:.1f} s ({rate:,.0f} a second).")
    _show_reasons(console, "Refused", progress.refused)
    _show_reasons(console, "Imported, but not understood", progress.problems)
    if outcome.refused_file is not None:
        console.print(Text(f"\nThe refused rows are in {outcome.refused_file}"), soft_wrap=True)


def _show_late(console: Console, layout: Layout) -> None:
    """What became of the fields that no line had when the layout was shown."""
    from rich.text import Text

    if layout.late:
        fills = (f"{name} ({field or 'left out'})" for name, field in layout.late.items())
        console.print(Text(f"\nFields that later lines added: {', '.join(fills)}"))


def _show_reasons(console: Console, title: str, reasons: Counter[str]) -> None:
    from rich.text import Text

    if not reasons:
        return
    grid = _grid(justify="right")
    for code, count in reasons.most_common():
        grid.add_row(f"{count:,}", code, Text(_REASONS.get(code, ""), "dim"))
    console.print(f"\n{title}:")
    console.print(grid)


def _report(outcome: Outcome, name: str, layout: Layout, seconds: float) -> dict[str, Any]:
    """The outcome for a script."""
    progress = outcome.progress
    return {
        "source": name,
        "run": outcome.run_id,
        "state": outcome.state,
        "error": outcome.error,
        "rows": progress.rows,
        "new": progress.new,
        "changed": progress.changed,
        "unchanged": progress.unchanged,
        "refused": progress.refused.total(),
        "unavailable": progress.unavailable,
        "gone": progress.gone,
        "reasons": dict(progress.refused.most_common()),
        "problems": dict(progress.problems.most_common()),
        "refused_file": str(outcome.refused_file) if outcome.refused_file else None,
        "columns": {field: [c.name for c in columns] for field, columns in layout.fields.items()},
        "left_out": layout.left_out,
        "notes": layout.notes,
        "seconds": round(seconds, 3),
    }
