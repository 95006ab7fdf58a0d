"""Crawls by recipes: sitemaps, lists that only link, lists that say all."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.scrapers.conftest import Crawler
from tests.scrapers.lot import Lot, vin
from tests.scrapers.serving import serving

SITEMAP = "list: {sitemap: /cars/}\ndetail: {jsonld: true}\n"
LINKS = "list: {items: li, fields: {url: a}}\ndetail: {jsonld: true}\n"
COMPLETE = "list:\n  items: li\n  fields: {url: a, title: a, price: b}\n  empty: p\n"


@dataclass
class Shop:
    """A small site: its cars by number with the day of their last change, and what was asked."""

    cars: dict[int, str | None] = field(default_factory=dict)
    prices: dict[int, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    depth: int = 1
    url: str = ""

    async def serve(self, request: web.Request) -> web.Response:
        path = request.path
        self.asked.append(path)
        if path.startswith("/cars/"):
            return self._car(int(path.rpartition("/")[2]))
        if path.startswith("/index"):
            return self._index(int(path.removeprefix("/index").partition(".")[0]))
        if path == "/cars.xml.gz":
            body = gzip.compress(self._urls().encode())
            return web.Response(body=body, content_type="application/gzip")
        if path == "/list":
            return web.Response(text=self._list(), content_type="text/html")
        return web.Response(status=404)

    def details(self) -> list[str]:
        found = sorted(path for path in self.asked if path.startswith("/cars/"))
        self.asked.clear()
        return found

    def _car(self, number: int) -> web.Response:
        if number not in self.cars:
            return web.Response(status=404)
        price = self.prices.get(number, 9_000)
        data = {"@type": "Car", "name": "2019 Kia Rio", "vehicleIdentificationNumber": vin(number)}
        data["offers"] = {"price": price, "priceCurrency": "USD"}
        text = f'<script type="application/ld+json">{json.dumps(data)}</script>'
        return web.Response(text=text, content_type="text/html")

    def _index(self, level: int) -> web.Response:
        file = f"/index{level + 1}.xml" if level < self.depth else "/cars.xml.gz"
        text = f"<sitemapindex><sitemap><loc>{self.url}{file}</loc></sitemap></sitemapindex>"
        return web.Response(text=text, content_type="application/xml")

    def _urls(self) -> str:
        entries = "".join(
            f"<url><loc>{self.url}/cars/{number}</loc>"
            + (f"<lastmod>{day}</lastmod></url>" if day else "</url>")
            for number, day in self.cars.items()
        )
        return f"<urlset>{entries}<url><loc>{self.url}/about</loc></url></urlset>"

    def _list(self) -> str:
        if not self.cars:
            return "<p>Nothing</p>"
        return "<i>dana@cars.example</i>" + "".join(
            f'<li><a href="/cars/{n}">2019 Kia Rio {n}</a><b>${self.prices.get(n, 9_000)}</b></li>'
            for n in self.cars
        )


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    async with serving(shop.serve) as shop.url:
        yield shop


@pytest.fixture
def crawler(pool) -> Crawler:
    return Crawler(pool, Lot())


async def live(pool) -> set[int]:
    prices = await pool.fetch("SELECT external_id FROM offers WHERE active")
    return {int(row["external_id"].rpartition("/")[2]) for row in prices}


async def test_a_sitemap_leads_to_pages_and_those_that_did_not_change_are_not_read(
    pool, shop, crawler, add_source
):
    shop.cars = {1: "2026-11-01", 2: "2026-11-01", 3: None, 4: "2026-11-01"}
    await add_source("shop", shop.url + "/index1.xml", parser="recipe", recipe=SITEMAP)
    result = await crawler.crawl(source="shop")
    assert (result["state"], result["new"], result["failed"]) == ("done", 4, 0)
    assert shop.details() == ["/cars/1", "/cars/2", "/cars/3", "/cars/4"]
    shop.cars |= {2: "2026-11-02"}
    del shop.cars[4]
    shop.prices = {1: 1, 2: 8_000, 3: 7_000}
    result = await crawler.crawl(source="shop")
    assert (result["changed"], result["unchanged"], result["gone"]) == (2, 1, 1)
    assert shop.details() == ["/cars/2", "/cars/3", "/cars/4"]
    assert await live(pool) == {1, 2, 3}


async def test_sitemaps_that_lead_ever_deeper_are_left(shop, crawler, add_source):
    shop.cars, shop.depth = {1: None}, 100
    await add_source("shop", shop.url + "/index1.xml", parser="recipe", recipe=SITEMAP)
    result = await crawler.crawl(source="shop")
    assert result["state"] == "failed"
    assert "one index too deep" in result["error"]
    assert len([path for path in shop.asked if path.startswith("/index")]) == 4


async def test_a_list_that_only_links_has_its_pages_read_at_every_visit(shop, crawler, add_source):
    shop.cars = {1: None, 2: None}
    await add_source("shop", shop.url + "/list", parser="recipe", recipe=LINKS)
    assert (await crawler.crawl(source="shop"))["new"] == 2
    shop.details()
    shop.prices = {2: 5}
    result = await crawler.crawl(source="shop")
    assert (result["changed"], result["unchanged"]) == (1, 1)
    assert shop.details() == ["/cars/1", "/cars/2"]


async def test_of_a_list_that_says_all_no_page_is_read(pool, shop, crawler, add_source):
    shop.cars = dict.fromkeys((1, 2, 3))
    await add_source("shop", shop.url + "/list", parser="recipe", recipe=COMPLETE)
    result = await crawler.crawl(source="shop")
    assert (result["state"], result["new"], result["failed"]) == ("done", 3, 0)
    assert shop.details() == []
    shop.prices = {1: 5}
    result = await crawler.crawl(source="shop")
    assert (result["changed"], result["unchanged"], result["gone"]) == (1, 2, 0)
    assert shop.details() == []
    assert await pool.fetchval("SELECT price FROM offers WHERE url LIKE '%/cars/1'") == 5


@pytest.mark.parametrize("fields", ["{url: a, title: a, price: b}", "{title: a, price: b}"])
async def test_without_pages_of_their_own_offers_are_gone_that_two_healthy_runs_did_not_see(
    pool, shop, crawler, add_source, fields
):
    shop.cars = dict.fromkeys((1, 2, 3, 4))
    recipe = f"list: {{items: li, fields: {fields}, empty: p}}"
    await add_source("shop", shop.url + "/list", parser="recipe", recipe=recipe)
    await crawler.crawl(source="shop")

    async def crawled(*shown: int) -> tuple[str, int, int]:
        """How a crawl ends that sees these cars, how many are gone, how many are live."""
        shop.cars = dict.fromkeys(shown)
        result = await crawler.crawl(source="shop")
        live = await pool.fetchval("SELECT count(*) FROM offers WHERE active")
        return result["state"], result["gone"], live

    assert await crawled(1, 2, 3) == ("done", 0, 4)  # the page shows one fewer
    assert await crawled(1, 2, 4) == ("done", 0, 4)  # and another one
    assert await crawled(1) == ("suspicious", 0, 4)  # which says nothing of what it did not see
    assert await crawled(1, 2, 3) == ("done", 0, 4)
    assert await crawled(1, 2, 3) == ("done", 1, 3)
    assert await crawled(1, 2, 3, 4) == ("done", 0, 4)
    assert shop.details() == []


async def test_a_page_is_kept_without_what_is_personal(pool, shop, crawler, add_source):
    shop.cars = {1: None}
    await add_source("shop", shop.url + "/list", parser="recipe", recipe=COMPLETE)
    await crawler.crawl(source="shop")
    kept = zlib.decompress(await pool.fetchval("SELECT body FROM pages"))
    assert b"2019 Kia Rio" in kept
    assert b"dana@" not in kept


async def test_a_recipe_that_reads_nothing_any_more_takes_nothing_out(
    pool, shop, crawler, add_source
):
    shop.cars = dict.fromkeys((1, 2))
    await add_source("shop", shop.url + "/list", parser="recipe", recipe=COMPLETE)
    await crawler.crawl(source="shop")
    await pool.execute("UPDATE sources SET recipe = replace(recipe, 'items: li', 'items: article')")
    result = await crawler.crawl(source="shop")
    assert result["state"] == "failed"
    assert "parse/not_our_page" in result["error"]
    assert await live(pool) == {1, 2}
