"""Turning the market by hand: time, prices and sales, for people and tests.

Only from this machine, and only with the token that the process was started with.
"""

import hmac
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address
from typing import Any

import orjson
from aiohttp import web

from stack.market import wording
from stack.market.generations import GENERATIONS
from stack.market.lot import Lot

LONGEST_TICK = 3_650.0  # days
FASTEST = 100_000.0  # market days in a real hour
DEAREST = 10_000_000  # dollars

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RefusedError(Exception):
    """A request that cannot be done; the message says what to do instead."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def guard(token: str) -> Callable[[Handler], Handler]:
    """Lets only those who have the token ask a handler. An empty token refuses everybody."""

    def guarded(handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                _admit(request, token)
                return await handler(request)
            except RefusedError as refused:
                return reply({"error": str(refused)}, refused.status)

        return answer

    return guarded


def routes(lot: Lot, token: str, requests: Counter[str]) -> list[web.RouteDef]:
    """The control routes."""
    control, guarded = Control(lot, requests), guard(token)
    return [
        web.get("/_market/status", guarded(control.status)),
        web.get("/_market/cars", guarded(control.cars)),
        web.post("/_market/pause", guarded(control.pause)),
        web.post("/_market/resume", guarded(control.resume)),
        web.post("/_market/rate", guarded(control.rate)),
        web.post("/_market/tick", guarded(control.tick)),
        web.post("/_market/generation", guarded(control.generation)),
        web.post("/_market/cars/{key}", guarded(control.car)),
    ]


def _admit(request: web.Request, token: str) -> None:
    if not request.remote or not ip_address(request.remote).is_loopback:
        raise RefusedError(403, "The market is controlled from its own machine only.")
    given = request.headers.get("Authorization", "").encode()
    if not token or not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise RefusedError(401, "Send the market's token: Authorization: Bearer TOKEN.")


class Control:
    """The handlers; each answers with the status after what it did."""

    def __init__(self, lot: Lot, requests: Counter[str]) -> None:
        self.lot = lot
        self.requests = requests
        self.clock = lot.clock

    async def status(self, _request: web.Request) -> web.Response:
        return reply(self._status())

    async def pause(self, _request: web.Request) -> web.Response:
        self.clock.pause(True)
        return reply(self._status())

    async def resume(self, _request: web.Request) -> web.Response:
        self.clock.pause(False)
        return reply(self._status())

    async def rate(self, request: web.Request) -> web.Response:
        self.clock.set_rate(number(await body_of(request), "days_per_hour", 0, FASTEST))
        return reply(self._status())

    async def tick(self, request: web.Request) -> web.Response:
        self.clock.advance(number(await body_of(request), "days", 0, LONGEST_TICK))
        self.lot.refresh()
        return reply(self._status())

    async def generation(self, request: web.Request) -> web.Response:
        """Write the cards as the site did at another time: {"generation": NAME}."""
        name = (await body_of(request)).get("generation")
        if name not in GENERATIONS:
            raise RefusedError(400, f"generation is one of {', '.join(GENERATIONS)}, not {name!r}.")
        self.lot.generation = str(name)
        return reply(self._status())

    async def car(self, request: web.Request) -> web.Response:
        """Set a price, or sell: {"price": dollars} or {"sold": true}."""
        body = await body_of(request)
        found = self.lot.named(request.match_info["key"])
        if not found:
            raise RefusedError(404, f"No live car has the VIN or id {request.match_info['key']}.")
        uuids = [car.uuid for car in found]
        if body.get("sold") is True:
            self.clock.sell(uuids)
        elif "price" in body:
            self.clock.reprice(uuids, int(number(body, "price", 1, DEAREST)))
        else:
            raise RefusedError(400, 'Say {"price": DOLLARS} or {"sold": true}.')
        self.lot.refresh()
        positions = [self.lot.table.position[uuid] for uuid in uuids]
        return reply({"cars": [truth(self.lot, at) for at in positions]})

    async def cars(self, request: web.Request) -> web.StreamResponse:
        """The truth about the cars on the lots, as JSON lines; `limit` bounds how many."""
        limit = request.query.get("limit", "")
        if limit and not (limit.isascii() and limit.isdigit()):
            raise RefusedError(400, f"limit is a whole number, not {limit!r}.")
        shown = self.lot.live[: int(limit)] if limit else self.lot.live
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        async for chunk in _lines(self.lot, shown.tolist()):
            await response.write(chunk)
        await response.write_eof()
        return response

    def _status(self) -> dict[str, Any]:
        now = self.clock.now
        return {
            "cars": len(self.lot.live),
            "dealers": len(self.lot.source.dealers.all),
            "day": round(now.day, 6),
            "date": wording.dated(now.day).isoformat(),
            "days_per_hour": now.rate,
            "paused": now.paused,
            "generation": self.lot.generation,
            "seed": self.lot.source.seed,
            "requests": dict(sorted(self.requests.items())),
        }


def truth(lot: Lot, at: int) -> dict[str, Any]:
    """What is so, whatever the pages make of it."""
    offered = wording.offer(lot, at)
    car, kind, dealer = offered.car, offered.car.kind, offered.dealer
    return {
        "uuid": car.uuid,
        "vin": car.vin,
        "live": bool(lot.alive[at]),
        "price": offered.price or None,
        "mileage": car.mileage,
        "year": kind.year,
        "make": kind.make,
        "model": kind.model,
        "trim": car.trim,
        "body": kind.body,
        "drive": kind.drive,
        "fuel": kind.fuel,
        "engine": kind.engine,
        "condition": wording.stock_type(car),
        "stock_number": car.stock_number,
        "dealer": dealer.id,
        "zip": dealer.place.zip,
        "lat": dealer.place.lat,
        "lng": dealer.place.lng,
    }


async def _lines(lot: Lot, positions: list[int], size: int = 500) -> AsyncIterator[bytes]:
    for start in range(0, len(positions), size):
        rows = [orjson.dumps(truth(lot, at)) for at in positions[start : start + size]]
        yield b"\n".join([*rows, b""])


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; raises RefusedError."""
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise RefusedError(400, f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise RefusedError(400, "The body is a JSON object.")
    return body


def number(body: dict[str, Any], name: str, least: float, most: float) -> float:
    """A number of a body; raises RefusedError."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise RefusedError(400, f"{name} is a number from {least:g} to {most:g}, not {value!r}.")
    return float(value)


def reply(data: dict[str, Any], status: int = 200) -> web.Response:
    """An answer in JSON."""
    return web.Response(
        body=orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE),
        status=status,
        content_type="application/json",
    )
