"""A small site of Cars.com's shape for tests, served over HTTP; it does what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import escape

import orjson
from aiohttp import web

from tests.scrapers.serving import serving

# Real VINs' form with right check digits, for as many cars as a test wants.
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {**{str(n): n for n in range(10)}, **dict(zip("ABCDEFGH", range(1, 9), strict=True))}


def vin(number: int) -> str:
    """A VIN of its own for each number, with the right check digit."""
    plain = f"1FA6D8CF0G{number:07d}"
    total = sum(_VALUES[c] * w for c, w in zip(plain, _WEIGHTS, strict=True))
    digit = "0123456789X"[total % 11]
    return plain[:8] + digit + plain[9:]


@dataclass
class Car:
    id: str
    vin: str | None
    price: int | None = 20_000
    dealer: str = "d1"
    trim: str = "EX"
    features: tuple[str, ...] = ("Heated Seats",)


@dataclass
class Lot:
    """The site: its cars in order, what it was asked, and how it misbehaves.

    `instead` maps a path to what is answered there: a status, a body, an address to go to, or a
    function that gives one of them, a whole answer, or None for the page itself. `robots` is a
    status or the file.
    """

    cars: list[Car] = field(default_factory=list)
    per_page: int = 10
    robots: int | str = 404
    asked: list[str] = field(default_factory=list)
    instead: dict[str, int | str | Callable[[], int | str | web.Response | None]] = field(
        default_factory=dict
    )
    delay: float = 0.0
    agents: set[str] = field(default_factory=set)
    conditions: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def fill(self, count: int, first: int = 1) -> list[Car]:
        self.cars += [Car(f"car-{n}", vin(n)) for n in range(first, first + count)]
        return self.cars

    def details_asked(self) -> list[str]:
        return [path for path in self.asked if path.startswith("/vehicledetail/")]

    @property
    def start_url(self) -> str:
        return f"{self.url}/shopping/results/"

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Lot"]:
        async with serving(self._answer) as self.url:
            yield self

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path_qs
        self.asked.append(path)
        self.agents.add(request.headers["User-Agent"])
        if "If-None-Match" in request.headers:
            self.conditions[path] = request.headers["If-None-Match"]
        await asyncio.sleep(self.delay)
        wanted = self.instead.get(path)
        said = wanted() if callable(wanted) else wanted
        if said is None:
            said = self._page(request)
        if isinstance(said, int):
            headers = {"Location": "/elsewhere"} if 300 <= said < 400 else {}
            return web.Response(status=said, headers=headers)
        if isinstance(said, web.Response):
            return said
        if said.startswith("http"):
            return web.Response(status=302, headers={"Location": said})
        return web.Response(text=said, content_type="text/html")

    def _page(self, request: web.Request) -> int | str:
        if request.path == "/robots.txt":
            return self.robots
        if request.path == "/shopping/results/":
            return self._results(int(request.query.get("page", "1")))
        if request.path.startswith("/vehicledetail/"):
            found = [car for car in self.cars if f"/vehicledetail/{car.id}/" == request.path]
            return _detail(found[0]) if found else '<p class="unlisted-notification">Sold.</p>'
        return 404

    def _results(self, number: int) -> str:
        shown = self.cars[(number - 1) * self.per_page : number * self.per_page]
        if not shown:
            return '<html><div class="no-results">No results</div></html>'
        more = len(self.cars) > number * self.per_page
        link = f'<a rel="next" href="?page={number + 1}">Next</a>' if more else ""
        return "<html>" + "".join(_card(car, number) for car in shown) + link + "</html>"


def _price(car: Car) -> str | None:
    return None if car.price is None else str(car.price)


def _card(car: Car, page: int) -> str:
    data = {
        "listingId": car.id,
        "vin": car.vin,
        "year": "2016",
        "make": "Ford",
        "model": "Mustang",
        "trim": car.trim,
        "price": _price(car),
        "mileage": "41210",
        "stockType": "Used",
        "exteriorColor": "Red",
        "seller": {"customerId": car.dealer, "dealerName": f"Dealer {car.dealer}", "zip": "60601"},
        "metadata": {"page_number": page},
    }
    return f'<fuse-card data-vehicle-details="{escape(orjson.dumps(data).decode())}"></fuse-card>'


def _detail(car: Car) -> str:
    data = {
        "vin": car.vin,
        "year": "2016",
        "make": "Ford",
        "model": "Mustang",
        "trim": car.trim,
        "price": _price(car),
        "mileage": "41210",
        "stock_type": "Used",
        "customer_id": car.dealer,
        "dealer_name": f"Dealer {car.dealer}",
    }
    features = "".join(f"<li>{escape(feature)}</li>" for feature in car.features)
    return (
        f'<html><h1>2016 Ford Mustang</h1><ul class="vehicle-features-list">{features}</ul>'
        f'<script id="initial-activity-data">{orjson.dumps(data).decode()}</script></html>'
    )
