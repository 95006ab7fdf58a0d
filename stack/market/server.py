"""The market's web server: what address shows which page."""

import asyncio
import signal
from collections import Counter
from contextlib import suppress
from socket import socket

from aiohttp import web

from stack.market import (
    control,
    crawler_pages,
    dealer_pages,
    detail_page,
    listing_pages,
    photos,
    search,
    shell,
    weather_control,
)
from stack.market.lot import Lot
from stack.market.traffic import Traffic
from stack.market.weather import Weather

TICK = 2.0  # real seconds between two moments of the market

MISSING = (
    '<div class="panel"><h1>Page not found</h1><p>There is nothing at this address.'
    ' <a href="/shopping/results/">See all cars</a>.</p></div>'
)


class Site:
    """The pages people see, and how often each kind was asked for."""

    def __init__(self, lot: Lot) -> None:
        self.lot = lot
        self.requests: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        """Every public address."""
        return [
            web.get("/", self.home),
            web.get("/robots.txt", self.robots),
            web.get("/sitemap.xml", self.sitemap_index),
            web.get("/sitemap/vehicles-{number:[0-9]{1,6}}.xml", self.sitemap_file),
            web.get("/shopping/results/", self.results),
            web.get("/vehicledetail/{uuid}/", self.detail),
            web.get("/photos/{uuid}/{number:[0-9]{1,2}}.svg", self.photo),
            web.get("/{anything:.*}", self.missing),
        ]

    async def home(self, request: web.Request) -> web.Response:
        self.requests["home"] += 1
        return _html(listing_pages.home(self.lot, search.read(request.query)))

    async def results(self, request: web.Request) -> web.Response:
        self.requests["results"] += 1
        return _html(listing_pages.results(self.lot, search.read(request.query)))

    async def detail(self, request: web.Request) -> web.Response:
        self.requests["detail"] += 1
        at = self.lot.find(request.match_info["uuid"])
        if at is None:
            return _missing(request)
        if not self.lot.alive[at]:
            return _html(detail_page.gone(self.lot, at))
        return _html(detail_page.live(self.lot, at))

    async def photo(self, request: web.Request) -> web.Response:
        self.requests["photo"] += 1
        at = self.lot.find(request.match_info["uuid"])
        number = int(request.match_info["number"])
        if at is None or not 1 <= number <= (car := self.lot.table.cars[at]).photos:
            return _missing(request)
        drawn = photos.draw(car.kind.body, car.exterior, number)
        return web.Response(body=drawn, content_type="image/svg+xml")

    async def robots(self, request: web.Request) -> web.Response:
        self.requests["robots"] += 1
        return web.Response(text=crawler_pages.robots(str(request.url.origin())))

    async def sitemap_index(self, request: web.Request) -> web.Response:
        self.requests["sitemap"] += 1
        index = crawler_pages.sitemap_index(self.lot, str(request.url.origin()))
        return web.Response(text=index, content_type="application/xml")

    async def sitemap_file(self, request: web.Request) -> web.Response:
        self.requests["sitemap"] += 1
        number = int(request.match_info["number"])
        file = crawler_pages.sitemap_file(self.lot, number, str(request.url.origin()))
        if file is None:
            return _missing(request)
        return web.Response(text=file, content_type="application/xml")

    async def missing(self, request: web.Request) -> web.Response:
        self.requests["missing"] += 1
        return _missing(request)


def _html(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


def _missing(request: web.Request) -> web.Response:
    return _html(shell.page("Page not found", MISSING, canonical=request.path), 404)


def application(lot: Lot, token: str) -> web.Application:
    """The market as an aiohttp application; `token` opens its controls."""
    site, weather, traffic = Site(lot), Weather(lot), Traffic()
    app = web.Application(
        client_max_size=64 * 1024, middlewares=[weather_control.middleware(weather, traffic)]
    )
    app.add_routes(control.routes(lot, token, site.requests))
    app.add_routes(weather_control.routes(weather, traffic, token))
    app.add_routes(dealer_pages.DealerPages(lot, site.requests).routes())
    app.add_routes(site.routes())
    return app


async def serve(lot: Lot, token: str, listening: socket) -> None:
    """Serve on a bound socket until SIGTERM or SIGINT."""
    runner = web.AppRunner(application(lot, token), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await web.SockSite(runner, listening).start()
        host, port = listening.getsockname()[:2]
        print(f"The demo market is open at http://{host}:{port}/", flush=True)
        await _let_time_pass(lot, stop)
    finally:
        await runner.cleanup()


async def _let_time_pass(lot: Lot, stop: asyncio.Event) -> None:
    """Turn the clock every few seconds; what it shows is on disk before."""
    loop = asyncio.get_running_loop()
    last = loop.time()
    while not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK):
                await stop.wait()
        now = loop.time()
        if lot.clock.tick(now - last):
            lot.refresh()
        last = now
