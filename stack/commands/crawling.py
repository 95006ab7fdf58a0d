"""`showroom run`, `enqueue`, `sources`, `resume` and `reparse`: visits, and pages read again."""

# ruff: noqa: PLC0415 -- what the commands need is imported when they run: help is quick

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from stack.alarms import alarms
from stack.commands.runs import NUMBERS, show_run
from stack.options import Json, number
from stack.requests import ENDED, ask, failure, request, result, wait
from stack.showing import duration, print_json, print_table, state, table, when

GROUP = "Sources"
Name = Annotated[str, typer.Argument(metavar="SOURCE", help="Its name in sources.yml.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `showroom`."""
    for command in (run, enqueue, sources, resume, reparse):
        app.command(rich_help_panel=GROUP)(command)


def run(source: Name, as_json: Json = False) -> None:
    """Visit a source now, wait for the end and show it. Exit status 1 unless all went well.

    A worker does it. A crawl that is running already may have passed what has changed since: its
    end is waited for, and then another one.
    """
    _let_end(source)
    job = ask(lambda pool: _asked(pool, source, None))
    run = result(job["id"], _numbers, f"The crawl of {source} failed")
    if as_json:
        print_json(run)
    else:
        show_run(run)
    if run.get("state") != "done":
        raise typer.Exit(1)


def enqueue(
    source: Name,
    once: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="A key of your own: the same one never asks twice."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask for a visit to a source and do not wait; it goes before what the schedule asks for."""
    job = ask(lambda pool: _asked(pool, source, once))
    if as_json:
        print_json(job)
        return
    if job["error"] and job["state"] == "queued":
        due = when(job["run_at"])
        typer.echo(f"The last attempt failed, the next is due {due}: {job['error']}", err=True)
    typer.echo(f"Job {job['id']} crawls {source} and is {job['state']}; `showroom jobs` shows it.")


def sources(as_json: Json = False) -> None:
    """List the sources: where they are, when they are due, how their last run ended.

    One that is `removed` is not in sources.yml any more; `showroom retire` takes out of search what
    it has left there.
    """
    rows, told = ask(_listed)
    if as_json:
        print_json(rows)
        return
    shown = table(
        "source",
        "address",
        "when",
        "rate",
        "due",
        "last run",
        "items",
        numbers=("items",),
        folded=("address",),
    )
    for row in rows:
        shown.add_row(
            row["name"],
            escape(row["start_url"]),
            row["schedule"] or (duration(row["every"]) if row["every"] else ""),
            f"{row['rate']:g}/s" if row["rate"] else "free",
            _due(row),
            state(row["run_state"]),
            "" if row["run_items"] is None else f"{row['run_items']:,}",
        )
    print_table(shown, "There is no source; sources.yml says how to name one.")
    console = Console()
    for line in (*(line for row in rows for line in alarms(row)), *told):
        console.print(f"[yellow]{escape(line)}", soft_wrap=True)


def resume(source: Name) -> None:
    """Let a source be asked again that was away or blocked us; it is due at once."""
    from scrapers.sources import breaker
    from scrapers.sources.rows import one

    async def again(pool: Any) -> bool:
        return await breaker.resume(pool, (await one(pool, source)).name)

    if not ask(again):
        raise failure(f"The source {source} is not left alone; `showroom sources` shows which are.")
    typer.echo(f"The source {source} is asked again: it is due now.")


def reparse(
    run_id: Annotated[int, number("run")],
    as_json: Json = False,
) -> None:
    """Read a run's pages again with today's parser or recipe, without asking the site.

    What the source said is written anew. When an offer was seen stays as it was, what has gone
    stays gone, and pages of which something newer is stored are left alone.
    """
    job = ask(lambda pool: _reparse(pool, run_id))
    read = result(job["id"], _left(time.monotonic()), f"Reading run {run_id} again failed")
    if as_json:
        print_json(read)
        return
    numbers = ("changed", "unchanged", "stale", "failed")
    counts = ", ".join(f"{read[name]:,} {name}" for name in numbers)
    typer.echo(f"{read['pages']:,} pages of run {run_id} were read again: {counts}.")


async def _listed(pool: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The sources' rows, and what is to be said of those that sources.yml no longer has.

    `live_offers` is how many offers one of these has in search; None of all others, and where they
    are too many to be counted at once.
    """
    from config.settings import SettingsError
    from jobs import reports
    from scrapers.runs.retirement import removed
    from stack.commands.retiring import named

    rows = await reports.sources(pool)
    try:
        left = {each.name: each.offers for each in await removed(pool, named())}
    except SettingsError as error:
        return rows, [f"Which sources are named still is not known: {error}"]
    for row in rows:
        row["removed"] = row["name"] in left
        row["live_offers"] = left.get(row["name"])
    return rows, [_left_behind(name, count) for name, count in left.items() if count != 0]


def _left_behind(name: str, count: int | None) -> str:
    """What is to be said of a source that sources.yml no longer has."""
    told = f"{name} is not in sources.yml any more"
    if count is None:
        return (
            f"{told}; how many of its offers are in search takes a while to count:"
            f" `showroom retire {name} --dry-run` does it."
        )
    taking = f"`showroom retire {name}` takes them out."
    return f"{told}, and {count:,} of its offers are in search: {taking}"


def _let_end(source: str) -> None:
    """See a crawl of this source that is running to its end."""
    running = ask(lambda pool: _running(pool, source))
    if running:
        since = f"{running['started_at']:%H:%M:%S} UTC"
        typer.echo(
            f"A crawl of {source} is already running (since {since}); another follows it.", err=True
        )
        wait(running["id"], _numbers, ("queued", *ENDED))


async def _running(pool: Any, source: str) -> dict[str, Any] | None:
    """The job that crawls this source now."""
    row = await pool.fetchrow(
        "SELECT id, started_at FROM jobs"
        " WHERE kind = 'crawl' AND key = $1 AND state = 'running' AND lease_until > now()",
        source,
    )
    return dict(row) if row else None


async def _asked(pool: Any, source: str, once: str | None) -> dict[str, Any]:
    """The job that will crawl this source; raises SourcePaused for one that is left alone."""
    from scrapers.sources import breaker
    from scrapers.sources.rows import one

    name = (await one(pool, source)).name
    await breaker.admit(pool, name)
    return await request(pool, "crawl", name, once)


async def _reparse(pool: Any, run_id: int) -> dict[str, Any]:
    """The job that will read a run's pages again."""
    from jobs import reports
    from jobs.requests import RequestError

    if await reports.run(pool, run_id) is None:
        raise RequestError(f"There is no run {run_id}; `showroom runs` lists them.")
    if not await pool.fetchval("SELECT EXISTS (SELECT FROM pages WHERE run_id = $1)", run_id):
        raise RequestError(
            f"No page of run {run_id} is kept: later runs saw them all, or it is too long ago."
        )
    return await request(pool, "reparse", str(run_id))


def _numbers(progress: dict[str, Any]) -> str:
    return ", ".join(f"{progress.get(name, 0):,} {name}" for name in NUMBERS)


def _left(started: float) -> Callable[[dict[str, Any]], str]:
    """Says how many pages are read, and how long the others will take at this pace."""

    def told(progress: dict[str, Any]) -> str:
        pages, total = progress.get("pages", 0), progress.get("total", 0)
        if not pages:
            return "waiting for the first pages"
        seconds = (time.monotonic() - started) / pages * max(0, total - pages)
        return f"{pages:,} of {total:,} pages, {seconds:.0f} s left"

    return told


def _due(row: dict[str, Any]) -> str:
    """When a source is crawled next, and whether it is left alone until then."""
    if not row["enabled"]:
        return "removed" if row.get("removed") else "off"
    if row["breaker"] == "open":
        return f"[red]left alone, {when(row['paused_until'])}[/]"
    return when(row["next_run_at"])
