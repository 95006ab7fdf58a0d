"""The addresses of dealers' own sites and feeds."""

from collections import Counter
from hashlib import blake2b

from aiohttp import web

from stack.market import dealer_feeds, dealer_site
from stack.market.lot import Lot


class DealerPages:
    """What `/dealers/…` shows, and how often it was asked for."""

    def __init__(self, lot: Lot, requests: Counter[str]) -> None:
        self.lot, self.requests = lot, requests

    def routes(self) -> list[web.RouteDef]:
        """Every address of dealers' sites."""
        return [
            web.get("/dealers/{dealer:[0-9]+}/", self.results),
            web.get("/dealers/{dealer:[0-9]+}/cars/{uuid}/", self.detail),
            web.get("/dealers/{dealer:[0-9]+}/feeds/{name}", self.feed),
        ]

    async def results(self, request: web.Request) -> web.Response:
        self.requests["dealer results"] += 1
        page = request.query.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 0
        body = dealer_site.results(self.lot, self._dealer(request), number)
        return _html(body) if body else _none()

    async def detail(self, request: web.Request) -> web.Response:
        self.requests["dealer detail"] += 1
        at, dealer = self.lot.find(request.match_info["uuid"]), self._dealer(request)
        if at is None or self.lot.table.dealer[at] != dealer:
            return _none()
        show = dealer_site.live if self.lot.alive[at] else dealer_site.gone
        return _html(show(self.lot, at))

    async def feed(self, request: web.Request) -> web.Response:
        """A feed with its ETag; 304 for those who have it."""
        self.requests["feed"] += 1
        origin = str(request.url.origin())
        made = dealer_feeds.feed(
            self.lot, self._dealer(request), request.match_info["name"], origin
        )
        if made is None:
            return _none()
        text, media = made
        tag = f'"{blake2b(text.encode(), digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(text=text, content_type=media, headers={"ETag": tag})

    def _dealer(self, request: web.Request) -> int:
        """The dealer whose site it is; raises HTTPNotFound for none."""
        found = dealer_site.index_of(self.lot, request.match_info["dealer"])
        if found is None:
            raise web.HTTPNotFound
        return found


def _html(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/html", charset="utf-8")


def _none() -> web.Response:
    return web.Response(status=404, text="There is nothing at this address.")
