"""Reading kept pages again: what changes, and what must not."""

import asyncio

import pytest

from config.settings import load
from jobs import rows
from jobs.handlers import Context, Stopped
from scrapers.handlers import read_again
from scrapers.parsers import PARSERS, cars_com
from scrapers.parsers.pages import Detail, Page
from tests.scrapers.lot import vin


class Blind:
    """A parser that sees no price and no trim."""

    def parse_results(self, html: bytes, url: str) -> Page:
        page = cars_com.parse_results(html, url)
        for card in page.items:
            self._forget(card.values)
        return page

    def parse_detail(self, html: bytes, url: str) -> Detail:
        detail = cars_com.parse_detail(html, url)
        self._forget(detail.values)
        return detail

    def _forget(self, values: dict[str, str]) -> None:
        for name in ("price", "trim"):
            values.pop(name, None)


@pytest.fixture
async def blindly(lot, crawler, monkeypatch) -> dict:
    """A run over 12 cars whose parser missed what today's sees."""
    monkeypatch.setitem(PARSERS, "cars_com", Blind())
    lot.fill(12)
    run = await crawler.crawl()
    monkeypatch.setitem(PARSERS, "cars_com", cars_com)
    return run


async def reparse(pool, run: dict, stop: asyncio.Event | None = None) -> dict:
    await rows.enqueue(pool, "reparse", str(run["id"]))
    job = await rows.claim(pool, ["reparse"], "worker")
    assert job
    result = await read_again(job, Context(job, pool, load(), stop or asyncio.Event()))
    await rows.finish(pool, job, result)
    return result


async def test_what_todays_parser_sees_is_written_without_asking_the_site(
    pool, lot, crawler, blindly
):
    lot.asked.clear()
    result = await reparse(pool, blindly)
    assert (result["pages"], result["total"]) == (14, 14)
    assert (result["changed"], result["unchanged"], result["stale"]) == (12, 0, 0)
    assert lot.asked == []
    row = await pool.fetchrow("SELECT * FROM listings WHERE key = $1", vin(5))
    assert (row["price"], row["trim"], row["active"]) == (20_000, "EX", True)
    again = await reparse(pool, blindly)
    assert (again["changed"], again["unchanged"]) == (0, 12)


async def test_sightings_keep_their_time_and_a_price_has_that_of_its_page(pool, lot, blindly):
    await pool.execute("UPDATE pages SET fetched_at = '2026-01-02 03:04Z'")
    select = "SELECT external_id, last_seen_at, first_seen_at, run_id FROM offers ORDER BY id"
    before = await pool.fetch(select)
    await reparse(pool, blindly)
    assert await pool.fetch(select) == before
    dates = await pool.fetch(
        "SELECT DISTINCT to_char(at, 'MM-DD HH24:MI') FROM listing_price_history"
    )
    assert [tuple(row) for row in dates] == [("01-02 03:04",)]


async def test_after_it_the_next_crawl_has_nothing_to_read(pool, lot, crawler, blindly):
    await reparse(pool, blindly)
    lot.asked.clear()
    assert (await crawler.crawl())["unchanged"] == 12
    assert lot.details_asked() == []


async def test_what_has_gone_since_does_not_come_back(pool, lot, crawler, blindly):
    del lot.cars[0]
    await crawler.crawl()
    assert not await pool.fetchval("SELECT active FROM listings WHERE key = $1", vin(1))
    await reparse(pool, blindly)
    row = await pool.fetchrow("SELECT active, run_id FROM offers WHERE external_id = 'car-1'")
    assert not row["active"]
    assert not await pool.fetchval("SELECT active FROM listings WHERE key = $1", vin(1))


async def test_what_a_later_run_read_is_newer(pool, lot, crawler, blindly):
    lot.cars[1].price = 15_000
    await crawler.crawl()
    result = await reparse(pool, blindly)
    assert await pool.fetchval("SELECT price FROM listings WHERE key = $1", vin(2)) == 15_000
    assert (result["changed"], result["stale"]) == (11, 1)


async def test_what_a_later_run_could_read_of_a_card_only_is_newer(pool, lot, crawler):
    lot.fill(3)
    first = await crawler.crawl()
    lot.cars[1].price = 15_000
    lot.instead["/vehicledetail/car-2/"] = 403
    await crawler.crawl()
    result = await reparse(pool, first)
    assert result["stale"] == 1
    assert await pool.fetchval("SELECT price FROM listings WHERE key = $1", vin(2)) == 15_000


async def test_a_page_that_is_about_another_car_changes_nothing(pool, lot, crawler):
    lot.fill(3)
    lot.instead["/vehicledetail/car-1/"] = f"{lot.url}/vehicledetail/car-2/"
    result = await reparse(pool, await crawler.crawl())
    assert (result["failed"], result["problems"]) == (1, {"link/other_car": 1})
    assert await pool.fetchval("SELECT vin FROM offers WHERE external_id = 'car-1'") == vin(1)


async def test_a_page_that_says_nothing_changes_nothing(pool, lot, blindly, monkeypatch):
    class Mute(Blind):
        def parse_detail(self, html: bytes, url: str) -> Detail:
            return Detail(problems=["parse/not_our_page"])

    monkeypatch.setitem(PARSERS, "cars_com", Mute())
    before = await pool.fetch("SELECT * FROM offers ORDER BY id")
    result = await reparse(pool, blindly)
    assert (result["failed"], result["problems"]) == (12, {"parse/not_our_page": 12})
    assert await pool.fetch("SELECT * FROM offers ORDER BY id") == before


async def test_one_that_was_stopped_is_done_again_from_its_start(pool, lot, blindly, monkeypatch):
    monkeypatch.setattr("scrapers.sites.reparse.BATCH", 5)
    stop = asyncio.Event()
    stop.set()
    with pytest.raises(Stopped):
        await reparse(pool, blindly, stop)
    await pool.execute("UPDATE jobs SET state = 'done'")
    assert (await reparse(pool, blindly))["changed"] == 12
