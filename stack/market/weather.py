"""Bad weather: how the demo market misbehaves when it is told to, as sites do.

A weather is a name, the share of answers that it meets, and a seed, by which the same requests meet
the same troubles whenever they come.
"""

import asyncio
import random
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from aiohttp import web

from stack.market.lot import Lot

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
Trouble = Callable[["Weather", web.Request, Page], Awaitable[web.StreamResponse]]

MANY = 10 * 1024**3  # bytes of a body without end
PIECE = 1024 * 1024
MOST_ADDRESSES = 100_000  # whose requests are counted
DRIP_SECONDS = 0.2  # between two bytes
DRIPS = 3_000
RETRY_AFTER = 2  # seconds
PRIVATE = "http://169.254.169.254/latest/meta-data/"  # where clouds keep their machines' secrets
SAME = 5  # cars that have one VIN, each at its own price
SCRIPT = "\U0001f697 <script>alert('x')</script> \u202e\u00e9"

CHALLENGE = b"""<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"></head><body><div class="main-wrapper"><noscript>
Enable JavaScript and cookies to continue</noscript></div><script>(function(){window._cf_chl_opt=
{cvId:'3',cType:'managed'};var a=document.createElement('script');
a.src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1';})();</script></body></html>"""


class UnknownWeatherError(Exception):
    """A name that no weather has; the message says which there are."""


@dataclass
class Weather:
    """What the market does to its answers now; a market has one."""

    lot: Lot
    name: str = "clear"
    share: float = 1.0
    seed: int = 0
    _asked: Counter[str] = field(default_factory=Counter, repr=False)

    def turn(self, name: str, share: float | None = None, seed: int = 0) -> None:
        """Change it. Raises UnknownWeatherError."""
        if name not in WEATHERS:
            raise UnknownWeatherError(
                f"There is no weather {name}; there are: {', '.join(WEATHERS)}."
            )
        usual = WEATHERS[name].share
        self.name, self.share, self.seed = name, usual if share is None else share, seed
        self._asked.clear()

    def told(self) -> dict[str, Any]:
        return {
            "weather": self.name,
            "share": self.share,
            "seed": self.seed,
            "there_are": {name: kind.meaning for name, kind in WEATHERS.items()},
        }

    async def answer(self, request: web.Request, page: Page) -> web.StreamResponse:
        """The page, in this weather."""
        kind = WEATHERS[self.name]
        if not kind.path.search(request.path):
            return await page(request)
        address = request.path_qs
        if address in self._asked or len(self._asked) < MOST_ADDRESSES:
            self._asked[address] += 1
        if self._luck(request, "share").random() >= self.share:
            return await page(request)
        return await kind.trouble(self, request, page)

    def pick(self, request: web.Request, *troubles: Trouble) -> Trouble:
        return self._luck(request, "kind").choice(troubles)

    def _luck(self, request: web.Request, of: str) -> random.Random:
        """The same for the n-th request of an address, whatever else was asked between."""
        return random.Random(f"{self.seed} {of} {request.path_qs} {self._asked[request.path_qs]}")


async def _clear(_weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    return await page(request)


async def _drip(_weather: Weather, request: web.Request, _page: Page) -> web.StreamResponse:
    response = await _begin(request)
    for _ in range(DRIPS):
        await response.write(b" ")
        await asyncio.sleep(DRIP_SECONDS)
    return response


async def _reset(_weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    """Half of the page, and then nothing."""
    body = await _body(request, page)
    response = await _begin(request, {"Content-Length": str(len(body))})
    await response.write(body[: len(body) // 2])
    if request.transport:
        request.transport.abort()
    return response


async def _errors(_weather: Weather, _request: web.Request, _page: Page) -> web.StreamResponse:
    return web.Response(status=500, text="Internal Server Error")


async def _busy(_weather: Weather, _request: web.Request, _page: Page) -> web.StreamResponse:
    return web.Response(status=429, headers={"Retry-After": str(RETRY_AFTER)})


async def _down(_weather: Weather, _request: web.Request, _page: Page) -> web.StreamResponse:
    return web.Response(status=503, text="Service Unavailable")


async def _truncated(_weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    """A compressed page of which the second half is missing, though its length is right."""
    packed = zlib.compress(await _body(request, page), wbits=zlib.MAX_WBITS | 16)
    return web.Response(
        body=packed[: len(packed) // 2],
        headers={"Content-Encoding": "gzip"},
        content_type="text/html",
    )


async def _huge(_weather: Weather, request: web.Request, _page: Page) -> web.StreamResponse:
    response = await _begin(request)
    zeros = bytes(PIECE)
    for _ in range(MANY // PIECE):
        await response.write(zeros)
    return response


async def _bomb(_weather: Weather, request: web.Request, _page: Page) -> web.StreamResponse:
    response = await _begin(request, {"Content-Encoding": "gzip"})
    async for part in _packed_zeros():
        await response.write(part)
    return response


async def _packed_zeros() -> AsyncIterator[bytes]:
    """Ten gigabytes of zeros in ten megabytes of gzip.

    After a full flush every piece is packed to the same bytes, so it is packed only once.
    """
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    yield packer.compress(bytes(PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(MANY // PIECE - 1):
        yield again


async def _endless(_weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    """Each page of results, also past the last, has cars and leads to a next one."""
    number = int(request.query.get("page", "1"))
    shown = await _body(request, page)
    if b"data-vehicle-details" not in shown:
        shown = await _body(request.clone(rel_url=request.rel_url.update_query(page=1)), page)
    following = request.rel_url.update_query(page=number + 1)
    shown = re.sub(rb'<a rel="next".*?</a>', b"", shown)
    link = f'<a rel="next" href="{escape(str(following))}">Next</a></body>'.encode()
    return _html(shown.replace(b"</body>", link))


async def _loop(_weather: Weather, request: web.Request, _page: Page) -> web.StreamResponse:
    turn = int(request.query.get("turn", "0")) + 1
    address = str(request.rel_url.update_query(turn=turn % 3))
    return web.Response(status=302, headers={"Location": address})


async def _private(_weather: Weather, _request: web.Request, _page: Page) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": PRIVATE})


async def _charset(_weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    """A page in another encoding than its header and its head say."""
    text = (await _body(request, page)).decode()
    return _html(text.replace(" dealer", " d\u00e9aler").encode("cp1252", "xmlcharrefreplace"))


async def _markup(_weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    """The site was rebuilt: the same pages under other names."""
    shown = await _body(request, page)
    for old, new in (
        (b"fuse-card", b"vehicle-tile"),
        (b"data-vehicle-details", b"data-tile"),
        (b"data-card-link", b"data-tile-link"),
        (b"initial-activity-data", b"page-state"),
        (b"CarsWeb.VehicleDetailController.show", b"page-props"),
        (b"basics-entry", b"fact"),
    ):
        shown = shown.replace(old, new)
    return _html(shown)


async def _challenge(_weather: Weather, _request: web.Request, _page: Page) -> web.StreamResponse:
    headers = {"Server": "cloudflare", "Cf-Mitigated": "challenge"}
    return web.Response(body=CHALLENGE, status=403, content_type="text/html", headers=headers)


async def _refused(_weather: Weather, _request: web.Request, _page: Page) -> web.StreamResponse:
    return web.Response(status=403, text="Forbidden")


async def _same_vin(weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    """The first cars of the lot all have the VIN of the first, each at its own price."""
    shown = await _body(request, page)
    cars = [weather.lot.table.cars[int(at)] for at in weather.lot.live[:SAME]]
    for car in cars[1:]:
        shown = shown.replace(car.vin.encode(), cars[0].vin.encode())
    return _html(shown)


async def _graffiti(_weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    """Emoji, scripts and marks that turn text around, in what dealers write."""
    shown = (await _body(request, page)).decode()
    in_script = SCRIPT.replace("<", "\\u003c").replace('"', '\\"')
    shown = re.sub(r'("dealer_name":")', lambda found: found[1] + in_script, shown)
    shown = re.sub(
        r"((?:&#34;|&quot;)dealerName(?:&#34;|&quot;):(?:&#34;|&quot;))",
        lambda found: found[1] + escape(SCRIPT),
        shown,
    )
    shown = shown.replace('vehicle-features-list">', f'vehicle-features-list"><li>{escape(SCRIPT)}')
    return _html(shown.encode())


async def _storm(weather: Weather, request: web.Request, page: Page) -> web.StreamResponse:
    trouble = weather.pick(request, _errors, _reset, _truncated, _down)
    return await trouble(weather, request, page)


async def _begin(request: web.Request, headers: dict[str, str] | None = None) -> web.StreamResponse:
    """An HTML answer whose body follows."""
    response = web.StreamResponse(headers=headers)
    response.content_type = "text/html"
    await response.prepare(request)
    return response


async def _body(request: web.Request, page: Page) -> bytes:
    response = await page(request)
    assert isinstance(response, web.Response)
    assert isinstance(response.body, bytes)
    return response.body


def _html(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/html", charset="utf-8")


@dataclass(frozen=True)
class Kind:
    """A weather that can be had: in words, what it does, to which paths, and how often."""

    meaning: str
    trouble: Trouble
    path: re.Pattern[str] = re.compile(r"^/(shopping/results|vehicledetail)/")
    share: float = 1.0


_LIST = re.compile(r"^/shopping/results/")
_CARS = re.compile(r"^/vehicledetail/")
_ROBOTS = re.compile(r"^/robots\.txt$")

WEATHERS = {
    "clear": Kind("all is well", _clear),
    "drip": Kind("a byte at a time", _drip, _CARS),
    "reset": Kind("half of a page, then the connection is gone", _reset),
    "errors": Kind("500", _errors),
    "busy": Kind(f"429 with Retry-After: {RETRY_AFTER}", _busy, share=0.1),
    "down": Kind("503", _down),
    "truncated": Kind("gzip that breaks off", _truncated),
    "huge": Kind("10 GB of zeros", _huge, _CARS),
    "bomb": Kind("10 GB of zeros in 10 MB of gzip", _bomb, _CARS),
    "endless": Kind("there is always a next page", _endless, _LIST),
    "loop": Kind("redirects in a circle", _loop),
    "private": Kind("redirects to a private address", _private),
    "charset": Kind("an encoding that is not the one it says", _charset),
    "markup": Kind("the site was rebuilt", _markup),
    "challenge": Kind("a challenge page as Cloudflare's", _challenge),
    "refused": Kind("403", _refused),
    "robots": Kind("robots.txt answers 503", _down, _ROBOTS),
    "same-vin": Kind("five cars with one VIN and five prices", _same_vin),
    "graffiti": Kind("emoji and scripts in fields", _graffiti),
    "storm": Kind("500, 503, resets and broken gzip at random", _storm, share=0.03),
}
