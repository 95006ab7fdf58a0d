"""How commands show rows: tables, states, moments and JSON."""

import json
from datetime import UTC, datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

COLORS = {
    "done": "green",
    "failed": "red",
    "blocked": "red",
    "suspicious": "yellow",
    "canceled": "dim",
    "overruled": "dim",
}
LEAST_WIDTH = 12  # letters of a folded column
SIZES = (("d", 86400), ("h", 3600), ("m", 60))


def table(*names: str, numbers: tuple[str, ...] = (), folded: tuple[str, ...] = ()) -> Table:
    """An empty table; `numbers` are aligned to the right, `folded` may take several lines."""
    made = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in names:
        side = "right" if name in numbers else "left"
        made.add_column(name, justify=side, no_wrap=name not in folded, overflow="fold")  # type: ignore[arg-type]
    return made


def print_table(made: Table, empty: str) -> None:
    """Print a table, or the sentence `empty` where it has no row.

    Only its `folded` columns give way to a narrow terminal: a number that is cut is another number.
    """
    if not made.row_count:
        typer.echo(empty)
        return
    needed = sum(_least_width(column) + 1 for column in made.columns)  # with the space after it
    Console(width=max(Console().width, needed)).print(made)


def _least_width(column: Column) -> int:
    """The letters that a column needs."""
    cells = (column.header, *column.cells)
    widest = max(Text.from_markup(str(cell)).cell_len for cell in cells)
    return widest if column.no_wrap else min(widest, LEAST_WIDTH)


def state(name: str | None) -> str:
    """A state in its color."""
    color = COLORS.get(name or "")
    return f"[{color}]{name}[/]" if color else name or ""


def duration(seconds: int) -> str:
    """`4h`, `90s`: as sources.yml says it."""
    for name, size in SIZES:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{name}"
    return f"{seconds}s"


def when(at: datetime) -> str:
    """A moment, as far from now as a reader cares to know."""
    seconds = round((at - datetime.now(UTC)).total_seconds())
    size = abs(seconds)
    words = (
        f"{size} s" if size < 120 else f"{size // 60} min" if size < 7200 else f"{size // 3600} h"
    )
    if not size:
        return "now"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def print_json(value: Any) -> None:
    """For scripts; times as ISO 8601 has them."""
    typer.echo(json.dumps(value, indent=2, default=lambda at: at.isoformat()))
