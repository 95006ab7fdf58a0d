"""`showroom crawl`, `sources`, `runs` and `run-show`: visit sources and see what came of it."""

# ruff: noqa: PLC0415 -- what the commands need is imported when they run: help is quick

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

T = TypeVar("T")

POLL_SECONDS = 0.5
LONGEST_WAIT = 24 * 3600.0  # seconds that `crawl --wait` waits for the end of a crawl
ENDED = ("done", "failed")
COLORS = {"done": "green", "failed": "red", "blocked": "red", "suspicious": "yellow"}
NUMBERS = ("pages", "items", "new", "changed", "unchanged", "failed", "gone")

Json = Annotated[bool, typer.Option("--json", help="For scripts.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    group = "Sources"
    app.command(rich_help_panel=group)(crawl)
    app.command(rich_help_panel=group)(sources)
    app.command(rich_help_panel=group)(runs)
    app.command("run-show", rich_help_panel=group)(run_show)
    app.command(rich_help_panel=group)(resume)


def crawl(
    source: Annotated[str, typer.Argument(help="Its name in sources.yml.")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end and show it.")] = False,
) -> None:
    """Visit a source now. With --wait the exit status is 1 unless all went well.

    A crawl that is running already may have passed what has changed since: --wait waits for its
    end, and then for another one.
    """
    try:
        _let_end(source, wait)
        job = _ask(lambda pool: _request(pool, source))
        if job["error"]:
            due = _when(job["run_at"])
            typer.echo(f"The last attempt failed, the next is due {due}: {job['error']}", err=True)
        if not wait:
            typer.echo(
                f"A crawl of {source} is asked for (job {job['id']}); `showroom runs` shows it."
            )
            return
        job = _ask(lambda pool: _wait(pool, job["id"]))
    except KeyboardInterrupt:
        typer.echo("Not waiting any longer; the crawl goes on.")
        raise typer.Exit(1) from None
    if job["state"] == "failed":
        raise _failure(f"The crawl of {source} failed: {job['error']}")
    _show_run(job["result"])
    if job["result"]["state"] != "done":
        raise typer.Exit(1)


def _let_end(source: str, wait: bool) -> None:
    """See a crawl of this source that is running to its end, or say that it is."""
    running = _ask(lambda pool: _running(pool, source))
    if not running:
        return
    told = f"A crawl of {source} is already running (since {running['started_at']:%H:%M:%S} UTC)"
    if not wait:
        raise _failure(f"{told}, so none is started; --wait starts one after it.")
    typer.echo(f"{told}; another follows it.", err=True)
    _ask(lambda pool: _wait(pool, running["id"], ("queued", *ENDED)))


def sources(as_json: Json = False) -> None:
    """List the sources: where they are, when they are due, how their last run ended."""
    from scrapers.sources import all_with_last_run

    rows = _ask(all_with_last_run)
    if as_json:
        _print_json(rows)
        return
    table = _table("source", "address", "every", "rate", "due", "last run", "items")
    for row in rows:
        table.add_row(
            row["name"],
            escape(row["start_url"]),
            _duration(row["every"]),
            f"{row['rate']:g}/s" if row["rate"] else "free",
            _due(row),
            _state(row["run_state"]),
            "" if row["run_items"] is None else f"{row['run_items']:,}",
        )
    Console().print(table)
    for row in rows:
        if row["breaker"] == "open":
            typer.echo(f"{row['name']} is left alone: {row['held_against']}")


def runs(
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
) -> None:
    """List the newest runs with their numbers."""
    from scrapers.runs import recent

    rows = _ask(lambda pool: recent(pool, limit))
    if as_json:
        _print_json(rows)
        return
    shown = ("items", "new", "changed", "gone", "failed")  # what fits a terminal; all in run-show
    table = _table("run", "source", "started", "state", *shown, "seconds")
    for row in rows:
        table.add_row(
            str(row["id"]),
            row["source"],
            _when(row["started_at"]),
            _state(row["state"]),
            *(f"{row[name]:,}" for name in shown),
            f"{row['seconds']:.1f}",
        )
    Console().print(table)


def run_show(
    run_id: Annotated[int, typer.Argument(metavar="ID", help="The run's number.")],
    as_json: Json = False,
) -> None:
    """Show one run: its numbers, what went wrong and how often."""
    from scrapers.runs import one

    row = _ask(lambda pool: one(pool, run_id))
    if row is None:
        raise _failure(f"There is no run {run_id}; `showroom runs` lists them.")
    if as_json:
        _print_json(row)
    else:
        _show_run(row)


def resume(
    source: Annotated[str, typer.Argument(help="A source that is left alone.")],
) -> None:
    """Let a source be asked again that was away or blocked us; it is due at once."""
    from scrapers import breaker
    from scrapers.sources import one

    async def again(pool: Any) -> bool:
        return await breaker.resume(pool, (await one(pool, source)).name)

    if not _ask(again):
        raise _failure(
            f"The source {source} is not left alone; `showroom sources` shows which are."
        )
    typer.echo(f"The source {source} is asked again: it is due now.")


def _ask(question: Callable[[Any], Awaitable[T]]) -> T:
    """Put a question to the database; every failure is a sentence and exit status 1."""
    import asyncpg

    from catalog.database import connect
    from config.settings import SettingsError, load
    from scrapers.breaker import SourcePaused

    async def answer() -> T:
        url = load().database_url
        if not url:
            raise SettingsError("Showroom does not run here: start it with `showroom up`.")
        async with connect(url, max_size=1) as pool:
            return await question(pool)

    try:
        return asyncio.run(answer())
    except (SettingsError, SourcePaused) as error:
        raise _failure(str(error)) from error
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise _failure(
            f"The database does not answer ({error}); is `showroom up` running?"
        ) from error


async def _running(pool: Any, source: str) -> dict[str, Any] | None:
    """The job that crawls this source now."""
    row = await pool.fetchrow(
        "SELECT id, started_at FROM jobs"
        " WHERE kind = 'crawl' AND key = $1 AND state = 'running' AND lease_until > now()",
        source,
    )
    return dict(row) if row else None


async def _request(pool: Any, source: str) -> dict[str, Any]:
    """The row of the job that will crawl this source."""
    from config.settings import load
    from jobs import rows
    from jobs.app import Bell, request
    from scrapers import breaker
    from scrapers.sources import one

    name = (await one(pool, source)).name
    await breaker.admit(pool, name)
    redis_url = load().redis_url
    if redis_url is None:
        job_id = await rows.enqueue(pool, "crawl", name)
    else:
        job_id = await request(pool, Bell(redis_url), "crawl", name)
    return dict(await pool.fetchrow("SELECT * FROM jobs WHERE id = $1", job_id))


async def _wait(pool: Any, job_id: int, states: tuple[str, ...] = ENDED) -> dict[str, Any]:
    """The job's row when it is in one of these states; shows its progress on a terminal."""
    with Console(stderr=True).status("waiting for a worker") as status:
        async with asyncio.timeout(LONGEST_WAIT):
            while True:
                job = dict(await pool.fetchrow("SELECT * FROM jobs WHERE id = $1", job_id))
                if job["state"] in states:
                    return job
                if progress := job["progress"]:
                    status.update(", ".join(f"{progress[n]:,} {n}" for n in NUMBERS))
                await asyncio.sleep(POLL_SECONDS)


def _show_run(row: dict[str, Any]) -> None:
    table = Table.grid(padding=(0, 2))
    shown = {"run": f"{row['id']} of {row['source']}", "state": _state(row["state"])}
    if row["error"]:
        shown["why"] = escape(row["error"])
    shown |= {name: f"{row[name]:,}" for name in NUMBERS}
    shown |= {"megabytes": f"{row['bytes'] / 1e6:,.1f}", "seconds": f"{row['seconds']:.1f}"}
    for name, value in shown.items():
        table.add_row(f"[bold]{name}", value)
    for code, count in sorted(row["problems"].items(), key=lambda item: (-item[1], item[0])):
        table.add_row(f"  {code}", f"{count:,}")
    Console().print(table)


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in names:
        is_number = name in (*NUMBERS, "seconds")
        table.add_column(
            name,
            justify="right" if is_number else "left",
            no_wrap=name != "address",
            overflow="fold",
        )
    return table


def _state(state: str | None) -> str:
    color = {"done": "green", "failed": "red", "blocked": "red", "suspicious": "yellow"}.get(
        state or ""
    )
    return f"[{color}]{state}[/]" if color else state or ""


def _duration(seconds: int) -> str:
    for name, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{name}"
    return f"{seconds}s"


def _due(row: dict[str, Any]) -> str:
    """When a source is crawled next, and whether it is left alone until then."""
    if not row["enabled"]:
        return "off"
    if row["breaker"] == "open":
        return f"[red]left alone, {_when(row['paused_until'])}[/]"
    return _when(row["next_run_at"])


def _when(at: datetime) -> str:
    """A moment, as far from now as a reader cares to know."""
    seconds = round((at - datetime.now(UTC)).total_seconds())
    size = abs(seconds)
    words = (
        f"{size} s" if size < 120 else f"{size // 60} min" if size < 7200 else f"{size // 3600} h"
    )
    if not size:
        return "now"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, default=lambda at: at.isoformat()))


def _failure(sentence: str) -> typer.Exit:
    Console(stderr=True).print(sentence, style="red", highlight=False, soft_wrap=True)
    return typer.Exit(1)
