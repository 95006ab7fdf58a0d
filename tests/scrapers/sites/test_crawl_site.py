"""Crawls of a site that has rules, moves, leads elsewhere or wants to be left alone."""

import asyncio

import pytest
from aiohttp import web

from scrapers.runs.verdict import CrawlFailed
from scrapers.sites.crawl import READERS
from tests.scrapers.figures import live, numbers
from tests.scrapers.lot import Lot, vin


async def test_a_site_that_moved_is_read_anew_and_its_old_address_is_left_alone(pool, lot, crawler):
    lot.fill(60)
    await crawler.crawl()
    lot.asked.clear()
    async with Lot(lot.cars[:35]).open() as moved:
        await pool.execute("UPDATE sources SET start_url = $1", moved.start_url)
        result = await crawler.crawl()
    assert result["state"] == "done"
    assert numbers(result) == {"items": 60, "changed": 35, "gone": 25}
    assert lot.asked == []
    urls = await pool.fetch("SELECT url FROM listings WHERE active")
    assert [row["url"].startswith(moved.url) for row in urls] == [True] * 35


async def test_a_card_that_leads_to_another_site_is_not_followed(pool, lot, crawler):
    lot.fill(2)
    await crawler.crawl()
    async with Lot(lot.cars).open() as other:
        lot.instead["/shopping/results/"] = "".join(
            f"""<fuse-card data-vehicle-details='{{"listingId":"{name}","make":"Ford"}}'>
            <a data-card-link href="{other.url}/vehicledetail/car-1/">Ford</a></fuse-card>"""
            for name in ("car-1", "car-2", "car-3")
        )
        result = await crawler.crawl()
    assert other.asked == []
    assert numbers(result) == {"items": 3, "failed": 3}
    assert result["problems"] == {"link/other_site": 3}
    urls = await pool.fetch("SELECT url FROM listings WHERE active")
    assert sorted(row["url"] for row in urls) == [
        f"{lot.url}/vehicledetail/car-1/",
        f"{lot.url}/vehicledetail/car-2/",
    ]


async def test_sold_cars_whose_pages_lead_to_another_site_are_gone(pool, lot, crawler):
    lot.fill(60)
    await crawler.crawl()
    async with Lot().open() as other:
        for car in lot.cars[35:]:
            lot.instead[f"/vehicledetail/{car.id}/"] = f"{other.url}/"
        del lot.cars[35:]
        result = await crawler.crawl()
    assert other.asked == []
    assert (result["state"], result["gone"]) == ("done", 25)


async def test_a_sold_car_whose_page_leads_to_another_car_is_gone(pool, lot, crawler):
    lot.fill(6)
    await crawler.crawl()
    del lot.cars[0]
    lot.instead["/vehicledetail/car-1/"] = f"{lot.url}/vehicledetail/car-2/"
    result = await crawler.crawl()
    assert (result["state"], result["gone"], result["problems"]) == ("done", 1, {})
    assert await live(pool) == 5


async def test_a_page_that_is_about_another_car_says_nothing_of_this_one(pool, lot, crawler):
    lot.fill(3)
    lot.cars[1].trim = "GT"
    lot.instead["/vehicledetail/car-1/"] = f"{lot.url}/vehicledetail/car-2/"
    result = await crawler.crawl()
    assert (result["state"], result["problems"]) == ("done", {"link/other_car": 1})
    found = await pool.fetch("SELECT vin, trim, detail_at FROM offers ORDER BY external_id")
    assert [(row["vin"], row["trim"]) for row in found] == [
        (vin(1), "EX"),
        (vin(2), "GT"),
        (vin(3), "EX"),
    ]
    assert [row["detail_at"] is None for row in found] == [True, False, False]
    del lot.instead["/vehicledetail/car-1/"]
    assert (await crawler.crawl())["problems"] == {}
    assert await pool.fetchval("SELECT count(*) FROM offers WHERE detail_at IS NULL") == 0


async def test_a_next_page_on_another_site_is_not_followed(pool, lot, crawler):
    lot.fill(1)
    lot.instead["/shopping/results/"] = (
        '<fuse-card data-vehicle-details=\'{"listingId":"car-1","make":"Ford"}\'></fuse-card>'
        "<a rel=next href='http://127.0.0.1:9/'>Next</a>"
    )
    result = await crawler.crawl()
    assert "another site" in result["error"]


async def test_a_site_that_asks_for_an_hour_gets_it(pool, lot, crawler, no_backoff):
    lot.fill(60)

    def busy() -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "3600"})

    for car in lot.cars:
        lot.instead[f"/vehicledetail/{car.id}/"] = busy
    with pytest.raises(CrawlFailed, match="asks to be left alone for 3600 s") as error:
        await crawler.crawl()
    assert len(lot.details_asked()) <= READERS
    assert error.value.wait == pytest.approx(3600, abs=10)
    run = await pool.fetchrow("SELECT state, error FROM runs")
    assert (run["state"], "left alone" in run["error"]) == ("failed", True)
    due = await pool.fetchval("SELECT next_run_at - now() FROM sources")
    assert due.total_seconds() > 3500


async def test_a_crawl_that_may_be_asked_only_every_ten_minutes_ends(lot, crawler):
    lot.fill(5)
    lot.robots = "User-agent: *\nCrawl-delay: 600\n"
    async with asyncio.timeout(5):
        result = await crawler.crawl()
    assert (result["state"], result["problems"]) == ("failed", {"fetch/crawl_delay": 1})
    assert "600 s between two requests" in result["error"]


async def test_robots_that_refuse_the_list_end_the_run(pool, lot, crawler):
    lot.fill(5)
    lot.robots = "User-agent: *\nDisallow: /shopping/\n"
    result = await crawler.crawl()
    assert (result["state"], result["problems"]) == ("failed", {"fetch/robots": 1})
    assert lot.asked == ["/robots.txt"]


async def test_a_site_that_is_away_fails_the_run_for_another_try(pool, lot, crawler, no_backoff):
    lot.fill(5)
    await crawler.crawl()
    lot.instead["/shopping/results/"] = 503
    with pytest.raises(CrawlFailed, match="503"):
        await crawler.crawl()
    run = await pool.fetchrow("SELECT * FROM runs ORDER BY id DESC LIMIT 1")
    assert (run["state"], run["problems"]) == ("failed", {"fetch/503": 1})
    assert await live(pool) == 5


CLOUDFLARE = "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
DATADOME = "<title>lot</title><script src=https://ct.captcha-delivery.com/c.js></script>"


@pytest.mark.parametrize(("page", "who"), [(CLOUDFLARE, "Cloudflare"), (DATADOME, "DataDome")])
@pytest.mark.parametrize("where", ["list", "cars", "sold cars", "robots"])
async def test_a_block_page_blocks_wherever_it_is_also_as_200(pool, lot, crawler, page, who, where):
    lot.fill(60)
    await crawler.crawl()
    if where == "list":
        lot.instead["/shopping/results/"] = page
    elif where == "robots":
        lot.robots = page
    for car in lot.cars[30:] if "cars" in where else ():
        lot.instead[f"/vehicledetail/{car.id}/"] = page
        car.price = 9
    if where == "sold cars":
        del lot.cars[30:]
    lot.asked.clear()
    result = await crawler.crawl()
    assert (result["state"], result["gone"]) == ("blocked", 0)
    assert f"block page of {who}" in result["error"]
    assert result["problems"]["fetch/blocked"] <= READERS
    assert len(lot.details_asked()) <= READERS
    assert await live(pool) == 60


async def test_a_good_page_with_a_challenge_s_script_on_it_is_a_good_page(lot, crawler):
    lot.fill(1)
    page = lot._results(1).replace("<html>", "<html><script src=/cdn-cgi/challenge-platform/x.js>")
    lot.instead["/shopping/results/"] = page.replace("x.js>", "x.js></script>")
    result = await crawler.crawl()
    assert (result["state"], result["items"]) == ("done", 1)
