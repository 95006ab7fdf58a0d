"""The one quiet table: what runs where, rows, documents, lag, and the address to open."""

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stack import sync_health
from stack.overview import Overview, Stock

REACHED = ("documents", "total", "items", "pages", "failed")
"""What of a job's progress is shown, in this order."""

COLORS = {"running": "green", "configured": "cyan", "stopped": "red"}


def board(seen: Overview) -> RenderableType:
    """The overview for people."""
    lines: list[RenderableType] = [
        Padding(table, (1, 0, 0, 1), expand=False) for table in (_processes(seen), _stock(seen))
    ]
    if notes := _notes(seen):
        lines += [Text(), *notes]
    opened = Text("\n  Open ").append(seen.address, "bold") if seen.running else Text(NOT_RUNNING)
    return Group(*lines, opened)


NOT_RUNNING = "\n  Showroom does not run here: start it with `showroom up`."


def _notes(seen: Overview) -> list[Text]:
    """What is not as it should be, and what is being done."""
    notes = [
        Text(f"  {stock.vertical}: {told}", "yellow")
        for stock in seen.stock
        for told in sync_health.sentences(stock.vertical, stock.health)
    ]
    notes += [Text(f"  {told}", "yellow") for told in seen.alarms]
    for job in seen.jobs:
        reached = job["progress"] or {}
        progress = ", ".join(f"{reached[name]:,} {name}" for name in REACHED if reached.get(name))
        said = progress or (f"after: {job['error']}" if job["error"] else "")
        notes.append(Text(f"  {job['kind']} {job['key']} {job['state']} {said}".rstrip(), "dim"))
    return notes


def _processes(seen: Overview) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("process", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("where", overflow="fold")
    for part in seen.parts:
        table.add_row(part.name, Text(part.state, COLORS[part.state]), part.where)
    return table


def _stock(seen: Overview) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("vertical")
    for heading in ("rows", "documents", "pending", "lag"):
        table.add_column(heading, justify="right")
    for stock in seen.stock:
        table.add_row(*_cells(stock))
    return table


def _cells(stock: Stock) -> tuple[str, ...]:
    lag = "-" if stock.lag_seconds is None else f"{stock.lag_seconds:.1f} s"
    numbers = (stock.rows, stock.documents, stock.pending)
    return (stock.vertical, *("-" if n is None else f"{n:,}" for n in numbers), lag)
