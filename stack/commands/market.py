"""`showroom market …`: look at the demo market; turn its time, prices and weather by hand."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer
from rich.console import Console
from rich.table import Table

from config import settings
from stack import running
from stack.options import Json
from stack.requests import failure

TIMEOUT = 30.0  # seconds; a tick over years draws thousands of cars

market = typer.Typer(no_args_is_help=True, help="The demo market: its time, prices and sales.")


def register(app: typer.Typer) -> None:
    """Add the sub-commands to the `showroom` command."""
    app.add_typer(market, name="market", rich_help_panel="The demo market")


@market.command()
def status(as_json: Json = False) -> None:
    """Show its cars, its date and how fast its time passes."""
    _show(_call("GET", "/_market/status"), as_json)


@market.command()
def pause(as_json: Json = False) -> None:
    """Stop its time: nothing sells, nothing gets cheaper."""
    _show(_call("POST", "/_market/pause"), as_json)


@market.command()
def resume(as_json: Json = False) -> None:
    """Let its time pass again."""
    _show(_call("POST", "/_market/resume"), as_json)


@market.command()
def rate(
    days_per_hour: Annotated[
        float, typer.Argument(metavar="DAYS", help="Market days in a real hour.")
    ],
    as_json: Json = False,
) -> None:
    """Set how fast its time passes."""
    _show(_call("POST", "/_market/rate", {"days_per_hour": days_per_hour}), as_json)


@market.command()
def tick(
    days: Annotated[
        float, typer.Argument(metavar="DAYS", help="Market days, for example 1 or 0.5.")
    ],
    as_json: Json = False,
) -> None:
    """Let so many market days pass at once."""
    _show(_call("POST", "/_market/tick", {"days": days}), as_json)


@market.command()
def generation(
    name: Annotated[
        str,
        typer.Argument(
            metavar="CARDS", help="fuse-card, spark-card, site-activity or vehicle-card."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Write its result cards as the site did at another time."""
    _show(_call("POST", "/_market/generation", {"generation": name}), as_json)


@market.command()
def price(
    key: Annotated[str, typer.Argument(metavar="CAR", help="The VIN or the id of a live car.")],
    dollars: Annotated[int, typer.Argument(metavar="DOLLARS", help="What it costs from now on.")],
    as_json: Json = False,
) -> None:
    """Set the price of a car."""
    _show_cars(_call("POST", f"/_market/cars/{quote(key, safe='')}", {"price": dollars}), as_json)


@market.command()
def sell(
    key: Annotated[str, typer.Argument(metavar="CAR", help="The VIN or the id of a live car.")],
    as_json: Json = False,
) -> None:
    """Sell a car: it is gone from the market."""
    _show_cars(_call("POST", f"/_market/cars/{quote(key, safe='')}", {"sold": True}), as_json)


@market.command()
def weather(
    name: Annotated[
        str, typer.Argument(metavar="WEATHER", help="A weather; clear ends it; leave out to see.")
    ] = "",
    share: Annotated[
        float | None, typer.Option(min=0, max=1, help="The share of answers that it meets.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which answers those are.")] = 0,
    as_json: Json = False,
) -> None:
    """Let it misbehave as sites do, to see what a crawl makes of it."""
    wanted = {"weather": name, "share": share, "seed": seed}
    said = _call("POST", "/_weather", wanted) if name else _call("GET", "/_weather")
    if as_json:
        Console().print_json(data=said)
        return
    table = Table.grid(padding=(0, 2))
    for other, meaning in said["there_are"].items():
        now = other == said["weather"]
        told = f"{meaning}: {said['share']:.0%} of the answers, now" if now else meaning
        table.add_row(f"[bold]{other}" if now else other, told)
    Console().print(table)


@market.command()
def requests(
    clear: Annotated[bool, typer.Option("--clear", help="Begin to count anew.")] = False,
    as_json: Json = False,
) -> None:
    """Show how often it was asked, and how fast."""
    said = _call("DELETE" if clear else "GET", "/_requests")
    if as_json:
        Console().print_json(data=said)
        return
    gap = said["shortest_gap"]
    rows = {
        "requests": f"{said['total']:,}",
        "in a second": f"{said['per_second']:,} at most",
        "shortest gap": "none" if gap is None else f"{gap:.4f} s",
        "at once": f"{said['at_once']} at most",
        "answers": ", ".join(f"{status} {n:,}" for status, n in said["statuses"].items()) or "none",
    }
    table = Table.grid(padding=(0, 2))
    for label, value in rows.items():
        table.add_row(f"[bold]{label}", value)
    Console().print(table)


def _call(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the running market; every failure ends the command with a sentence."""
    try:
        known = settings.load()
    except settings.SettingsError as error:
        raise failure(str(error)) from error
    if not known.market_url:
        raise failure("No demo market is running here. Start it with: showroom up")
    headers = {"Authorization": f"Bearer {_token(known.home)}"}
    try:
        answer = httpx.request(
            method,
            known.market_url.rstrip("/") + path,
            json=body,
            headers=headers,
            timeout=TIMEOUT,
            trust_env=False,
        )
        said: dict[str, Any] = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise failure(
            f"The demo market does not answer at {known.market_url} ({error})."
            " Start it with: showroom up"
        ) from error
    if not answer.is_success:
        raise failure(str(said.get("error", f"The market answered {answer.status_code}.")))
    return said


def _token(home: Path) -> str:
    path = running.market_token_file(home)
    try:
        return path.read_text().strip()
    except OSError as error:
        raise failure(
            f"The market's token cannot be read from {path} ({error.strerror})."
            " It is written by: showroom up"
        ) from error


def _show(said: dict[str, Any], as_json: bool) -> None:
    console = Console()
    if as_json:
        console.print_json(data=said)
        return
    clock = "paused" if said["paused"] else f"{said['days_per_hour']:g} days an hour"
    rows = {
        "cars": f"{said['cars']:,} at {said['dealers']:,} dealers",
        "date": f"{said['date']} (day {said['day']:.3f}), {clock}",
        "cards": said["generation"],
        "requests": ", ".join(f"{kind} {n:,}" for kind, n in said["requests"].items()) or "none",
    }
    table = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        table.add_row(f"[bold]{name}", value)
    console.print(table)


def _show_cars(said: dict[str, Any], as_json: bool) -> None:
    console = Console()
    if as_json:
        console.print_json(data=said)
        return
    for car in said["cars"]:
        cost = f"${car['price']:,}" if car["price"] else "not priced"
        state = cost if car["live"] else "sold"
        console.print(
            f"{car['vin']}  {car['year']} {car['make']} {car['model']}  {state}", highlight=False
        )
