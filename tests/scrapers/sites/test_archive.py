"""Pages that are kept, and pages that are as they were."""

import zlib
from collections import Counter

import pytest
from aiohttp import web

from scrapers.parsers import PARSERS, cars_com
from scrapers.parsers.pages import Card, Detail
from scrapers.sites import archive
from scrapers.sites.archive import digest, storable
from tests.scrapers.lot import vin


class Counting:
    """A parser that counts what it parses."""

    def __init__(self) -> None:
        self.parsed: Counter[str] = Counter()

    def parse_results(self, html: bytes, url: str):
        self.parsed["list"] += 1
        return cars_com.parse_results(html, url)

    def parse_detail(self, html: bytes, url: str):
        self.parsed["detail"] += 1
        return cars_com.parse_detail(html, url)


@pytest.fixture
def parser(monkeypatch) -> Counting:
    counting = Counting()
    monkeypatch.setitem(PARSERS, "cars_com", counting)
    return counting


async def test_a_run_keeps_its_pages_as_they_came(pool, lot, crawler):
    lot.fill(12)
    run = await crawler.crawl()
    pages = await pool.fetch("SELECT * FROM pages WHERE run_id = $1 ORDER BY id", run["id"])
    assert Counter(page["external_id"] is None for page in pages) == {True: 2, False: 12}
    for page in pages:
        body = zlib.decompress(page["body"])
        assert b"Mustang" in body
        assert (page["hash"], page["size"]) == (digest(body), len(page["body"]))
    offer = next(page for page in pages if page["external_id"] == "car-3")
    assert (offer["url"], offer["status"]) == (f"{lot.url}/vehicledetail/car-3/", 200)
    assert Card(**offer["card"]).values["vin"] == vin(3)
    assert Detail(**offer["said"]).features == ["Heated Seats"]


async def test_a_page_with_the_same_content_is_not_parsed_and_not_kept_again(
    pool, lot, crawler, parser
):
    lot.fill(12)
    await crawler.crawl()
    parser.parsed.clear()
    before = await pool.fetchval("SELECT count(*) FROM pages")
    result = await crawler.crawl()
    assert parser.parsed == {}
    assert (result["pages"], result["unmodified"], result["unchanged"]) == (2, 2, 12)
    assert await pool.fetchval("SELECT count(*) FROM pages") == before


async def test_a_card_that_changed_is_joined_with_its_page_that_did_not(pool, lot, crawler, parser):
    lot.fill(3)
    await crawler.crawl()
    page = await pool.fetchval("SELECT body FROM pages WHERE external_id = 'car-2'")
    lot.instead["/vehicledetail/car-2/"] = zlib.decompress(page).decode()
    lot.cars[1].dealer = "d2"
    lot.cars[1].price = 18_000
    parser.parsed.clear()
    result = await crawler.crawl()
    assert parser.parsed == {"list": 1}
    assert (result["unmodified"], result["state"]) == (1, "done")
    row = await pool.fetchrow("SELECT * FROM offers WHERE external_id = 'car-2'")
    assert (row["price"], row["features"]) == (20_000, ["Heated Seats"])
    card = await pool.fetchval("SELECT card FROM pages WHERE external_id = 'car-2'")
    assert card["digest"] == row["card_digest"]


async def test_a_site_that_knows_our_copy_need_not_send_it(pool, lot, crawler):
    lot.fill(3)
    await crawler.crawl()
    await pool.execute("UPDATE pages SET etag = '\"1\"'")
    lot.instead["/shopping/results/"] = lambda: web.Response(status=304)
    result = await crawler.crawl()
    assert (result["state"], result["unmodified"], result["unchanged"]) == ("done", 1, 3)
    assert result["bytes"] == 0
    assert lot.conditions["/shopping/results/"] == '"1"'


async def test_a_new_parser_reads_the_copy_of_a_page_that_did_not_change(
    pool, lot, crawler, parser, monkeypatch
):
    lot.fill(3)
    await crawler.crawl()
    parser.parsed.clear()
    monkeypatch.setattr(archive, "_code", lambda: "tomorrow's")
    assert (await crawler.crawl())["unmodified"] == 1
    assert parser.parsed == {"list": 1}
    assert (await crawler.crawl())["unmodified"] == 1
    assert parser.parsed == {"list": 1}


async def test_a_sold_car_is_noticed_though_its_list_page_did_not_change(pool, lot, crawler):
    lot.fill(12)
    await crawler.crawl()
    lot.instead["/vehicledetail/car-2/"] = "<p class='unlisted-notification'>Sold.</p>"
    lot.cars[1].price = 1
    assert (await crawler.crawl())["gone"] == 1


async def test_text_that_the_database_has_no_place_for_keeps_no_page_out(pool, lot, crawler):
    lot.fill(1)
    lot.cars[0].features = ("Bell\0Boy",)
    lot.instead["/vehicledetail/car-1/"] = (
        '<html><h1>Ford</h1><script id="initial-activity-data">'
        '{"make": "Ford", "trim": "E\\u0000X \\ud83d", "model": "Mustang"}</script></html>'
    )
    result = await crawler.crawl()
    assert (result["state"], result["items"]) == ("done", 1)
    assert await pool.fetchval("SELECT count(*) FROM pages") == 2


def test_what_can_be_stored_is_left_as_it_is():
    detail = Detail(values={"trim": "back\\u0000slash"})
    assert storable(Detail(values={"trim": "E\0X", "make": "\ud83d"}))["values"] == {
        "trim": "EX",
        "make": "?",
    }
    assert storable(Detail(values={"trim": "EX"})) == Detail(values={"trim": "EX"})
    assert storable(detail)["values"] == {"trim": "back\\u0000slash"}
