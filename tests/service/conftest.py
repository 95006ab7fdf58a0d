"""A few hundred cars in a search server of these tests' own, and the API over them."""

import asyncio
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic

from catalog import grid
from catalog.cars import CARS
from config.settings import ROOT, Settings
from engine.client import Engine
from service.app import create_app
from service.http.connections import Connection
from stack.engine import master_key, meililite
from stack.process import Process, Program
from stack.sockets import free_port
from tests.service.browser import Browser, opened

SEED = 20260101
COUNT = 400

MAKES = {
    "Toyota": ("Camry", "Corolla", "RAV4"),
    "Ford": ("F-150", "Escape"),
    "Honda": ("Civic", "CR-V"),
    "Mercedes-Benz": ("C 300",),
    "Citroën": ("2CV",),
}
BODY_TYPES = ("SUV", "Truck", "Sedan", None)
CONDITIONS = ("New", "Used", "Certified")
COLORS = ("Black", "White", "Red", "Other", None)
FEATURES = ("Bluetooth", "Heated Seats", "Wheels, Alloy", 'Screen 10"', "Back\\slash\\")
DEALERS = (
    ("Loop Motors", "Chicago", "IL", "60601", 41.8858, -87.6181),
    ("Smith, Sons & Co.", "Evanston", "IL", "60201", 42.0546, -87.6943),
    ('The "Best" Cars', "Milwaukee", "WI", "53202", 43.0506, -87.8968),
    ("O'Hare Autos", "Allston", "MA", "02134", 42.3535, -71.1329),
)
WORDS = ("clean", "sporty", "family", "bargain")


@pytest.fixture(scope="session")
def documents() -> list[dict[str, Any]]:
    """Documents shaped as the view writes them; words of the title are free of typos."""
    dice = random.Random(SEED)
    return [_document(dice, number) for number in range(COUNT)]


def _document(dice: random.Random, number: int) -> dict[str, Any]:
    make = dice.choice(list(MAKES))
    model = dice.choice(MAKES[make])
    year = dice.randrange(2005, 2027)
    name, city, state, code, lat, lng = dice.choice(DEALERS)
    placed = dice.random() > 0.05
    price = dice.choice((None, *(dice.randrange(2, 60) * 1000 for _ in range(15))))
    mileage = dice.choice((None, *(dice.randrange(0, 200_000) for _ in range(9))))
    return {
        **dict.fromkeys(CARS.fields),
        "id": f"KEY{number:05}",
        "vin": None,
        "title": f"{year} {make} {model} {dice.choice(WORDS)}",
        "year": year,
        "make": make,
        "model": model,
        "body_type": dice.choice(BODY_TYPES),
        "condition": dice.choice(CONDITIONS),
        "color": dice.choice(COLORS),
        "mileage": mileage,
        "price": price,
        "price_drop": dice.choice((None, None, 500, 1000)),
        "features": dice.sample(FEATURES, dice.randrange(4)),
        "photos": [],
        "offers": 1,
        "description": f"A long text about {number}.",
        "dealer": {"id": 1, "name": name, "city": city, "state": state, "zip": code},
        "city": city,
        "state": state,
        "zip": code,
        "_geo": {"lat": lat, "lng": lng} if placed else None,
        "grid": grid.cells(lat, lng) if placed else None,
        "buckets": {"price": _start("price", price), "mileage": _start("mileage", mileage)},
        "listed_at": 1_760_000_000 + dice.randrange(1000),
        "digest": f"digest{number}",
    }


def _start(name: str, value: int | None) -> int | None:
    """Where the bucket of a range's value starts."""
    (buckets,) = (bound.buckets for bound in CARS.ranges if bound.name == name)
    return None if value is None else buckets.starts[buckets.place(value)]


@contextmanager
def served(settings: Settings) -> Iterator[httpx.Client]:
    """A client of the application on a free port, in a thread of its own."""
    port = free_port()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    ready = threading.Event()

    async def serve() -> None:
        app = create_app(settings)
        Sanic.unregister_app(app)  # another may run beside it
        app.config.TOUCHUP = False  # it rewrites the class, once in a process
        server = await app.create_server(
            "127.0.0.1", port, protocol=Connection, return_asyncio_server=True
        )
        await server.startup()
        await server.before_start()
        await server.after_start()
        ready.set()
        await stop.wait()
        await server.before_stop()
        server.close()
        await server.wait_closed()
        await server.after_stop()
        rest = asyncio.all_tasks() - {asyncio.current_task()}  # connections that are kept open
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="session")
def serve() -> Callable[[Settings], AbstractContextManager[httpx.Client]]:
    """Start the API with settings: `with serve(settings) as client`."""
    return served


async def fill(url: str, key: str, documents: list[dict[str, Any]]) -> None:
    """Make the index of the cars as the indexer would, and put the documents in."""
    settings = json.loads((ROOT / "meilisearch-settings.json").read_text())[CARS.name]
    index = f"/indexes/{CARS.index}"
    async with Engine(url, key) as engine:
        tasks = [
            await engine.call("POST", "/indexes", json={"uid": CARS.index, "primaryKey": "id"}),
            await engine.call("PATCH", f"{index}/settings", json=settings),
            await engine.call("POST", f"{index}/documents", json=documents),
        ]
        for task in tasks:
            ended = await engine.wait(task["taskUid"])
            assert ended["status"] == "succeeded", ended


@pytest.fixture(scope="session")
def filled(
    run_server: Callable[[Program], Process],
    tmp_path_factory: pytest.TempPathFactory,
    documents: list[dict[str, Any]],
) -> tuple[str, str]:
    """URL and key of a search server of these tests' own that has the documents."""
    folder: Path = tmp_path_factory.mktemp("cars")
    key = master_key(folder / "key")
    program = replace(meililite(folder / "data", key), name="search-cars")
    url = run_server(program).program.address
    asyncio.run(fill(url, key, documents))
    return url, key


@pytest.fixture(scope="session")
def api(filled: tuple[str, str]) -> Iterator[httpx.Client]:
    """The API over the documents, with neither Postgres nor Valkey."""
    url, key = filled
    with served(Settings(meili_url=url, meili_master_key=key)) as client:
        yield client


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real Chromium."""
    with opened(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, api: httpx.Client, documents: list[dict[str, Any]]) -> Iterator[Browser]:
    """The page freshly opened, with all documents found; no fault may be left in the console."""
    browser.faults.clear()
    browser.open(f"{api.base_url}/", "#total")
    browser.until(f"document.querySelector('#total')?.textContent === '{len(documents)} cars'")
    yield browser
    assert browser.faults == []
