"""Feeds as sources: conditional, whole or nothing, and what they no longer have departs."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from config.settings import load
from jobs import rows
from jobs.decisions import accept
from jobs.handlers import Context, Stopped
from scrapers.feeds import loading
from scrapers.handlers import retire_source
from scrapers.runs import retirement
from scrapers.runs.verdict import CrawlFailed
from scrapers.sources.rows import SourcesError, one, parser_of
from tests.scrapers.conftest import Crawler
from tests.scrapers.figures import live, numbers
from tests.scrapers.lot import Lot, vin
from tests.scrapers.serving import serving
from tests.scrapers.vins.service import Service, unheard


@dataclass
class Feed:
    """A feed's site: what it says of each car, and how it misbehaves."""

    cars: dict[int, int] = field(default_factory=dict)  # number → price
    tag: str | None = None
    answer: int | bytes | None = None
    asked: int = 0
    url: str = ""

    def text(self) -> str:
        rows = (f"{vin(n)},Ford,Mustang,2016,{price}\n" for n, price in self.cars.items())
        return "vin,make,model,year,price\n" + "".join(rows)

    async def serve(self, request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        self.asked += 1
        if isinstance(self.answer, int):
            return web.Response(status=self.answer)
        if self.tag and request.headers.get("If-None-Match") == self.tag:
            return web.Response(status=304, headers={"ETag": self.tag})
        body = self.text().encode() if self.answer is None else self.answer
        return web.Response(body=body, headers={"ETag": self.tag} if self.tag else {})


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    feed = Feed({n: 20_000 + n for n in range(1, 31)})
    async with serving(feed.serve) as url:
        feed.url = f"{url}/lot.csv"
        yield feed


@pytest.fixture
async def crawler(pool, feed, add_source, tmp_path, monkeypatch) -> Crawler:
    monkeypatch.setenv("SHOWROOM_HOME", str(tmp_path))
    await add_source("stock", feed.url, parser="feed")
    return Crawler(pool, Lot())


COUNTED = ("state", "read", "filled", "problems")


async def test_a_feed_is_read_and_what_it_no_longer_has_is_taken_out(pool, feed, crawler):
    result = await crawler.crawl(source="stock")
    assert (result["state"], numbers(result)) == ("done", {"items": 30, "new": 30})
    del feed.cars[7]
    feed.cars |= {8: 1, 31: 5}
    result = await crawler.crawl(source="stock")
    assert result["state"] == "done"
    assert numbers(result) == {"items": 30, "new": 1, "changed": 1, "unchanged": 28, "gone": 1}
    assert await live(pool) == 30
    gone = "SELECT active FROM listings WHERE vin = $1"
    assert await pool.fetchval(gone, vin(7)) is False
    assert await pool.fetchval("SELECT filled ->> 'price' FROM runs ORDER BY id DESC") == "30"


async def test_cars_that_are_not_available_leave_search_as_if_they_were_not_in_the_feed(
    pool, feed, crawler
):
    await crawler.crawl(source="stock")

    async def crawled(unavailable: int) -> dict:
        rows = [
            f"{vin(n)},Ford,Mustang,2016,9000,{'NOT_' * (n <= unavailable)}AVAILABLE\n"
            for n in feed.cars
        ]
        feed.answer = ("vin,make,model,year,price,availability\n" + "".join(rows)).encode()
        return await crawler.crawl(source="stock")

    held = await crawled(20)
    assert (held["state"], held["gone"], await live(pool)) == ("suspicious", 0, 30)
    done = await crawled(5)
    assert (done["state"], done["gone"], await live(pool)) == ("done", 5, 25)


class StopsAfterSome(dict):
    """A job's progress that has it stopped as soon as something was written."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.stop = stop

    def update(self, **numbers: int) -> None:
        self.stop.set()


async def test_a_read_that_was_interrupted_counts_each_row_once(
    pool, feed, crawler, add_source, monkeypatch
):
    monkeypatch.setattr(loading, "BATCH", 10)
    feed.answer = feed.text().replace("Mustang,2016", "Mustang,2016,extra", 1).encode()
    await add_source("whole", feed.url, parser="feed")
    whole = await crawler.crawl(source="whole")
    assert numbers(whole) == {"items": 30, "new": 29, "failed": 1}
    job = await crawler.job("stock")
    crawler.progress = StopsAfterSome(crawler.stop)
    with pytest.raises(Stopped):
        await crawler.crawl(job)
    assert 0 < await pool.fetchval("SELECT items FROM runs WHERE source = 'stock'") < 30
    crawler.stop.clear()
    crawler.progress = {}
    again = await crawler.crawl(job)
    assert numbers(again) == numbers(whole)
    assert [again[of] for of in COUNTED] == [whole[of] for of in COUNTED]
    assert again["pages"] == 2


async def test_a_feed_that_did_not_change_is_not_read_again(pool, feed, crawler):
    feed.tag = '"one"'
    await crawler.crawl(source="stock")
    result = await crawler.crawl(source="stock")
    assert (result["state"], result["unmodified"], numbers(result)) == ("done", 1, {})
    assert await live(pool) == 30
    feed.tag = None  # of a server without validators the content tells
    assert (await crawler.crawl(source="stock"))["unmodified"] == 1
    feed.cars[1] = 5
    assert numbers(await crawler.crawl(source="stock")) == {
        "items": 30,
        "changed": 1,
        "unchanged": 29,
    }


async def test_a_feed_with_far_fewer_cars_is_held_and_read_again(pool, feed, crawler):
    feed.tag = '"one"'
    await crawler.crawl(source="stock")
    feed.tag, all_cars = '"two"', feed.cars
    feed.cars = {1: 1}
    for _ in range(2):  # the second is not answered with `not modified`: nothing was settled
        result = await crawler.crawl(source="stock")
        assert result["state"] == "suspicious"
        assert await live(pool) == 30
    feed.cars = all_cars
    feed.tag = '"three"'
    assert (await crawler.crawl(source="stock"))["state"] == "done"
    assert await live(pool) == 30


async def test_a_feed_that_returns_to_an_earlier_file_is_read_again(pool, feed, crawler):
    feed.tag = '"one"'
    await crawler.crawl(source="stock")
    feed.tag, all_cars = '"two"', feed.cars
    feed.cars = {1: 1}
    held = await crawler.crawl(source="stock")
    await pool.execute("UPDATE runs SET state = 'done' WHERE id = $1", held["id"])  # as accepted
    await pool.execute("UPDATE offers SET active = false WHERE run_id <> $1", held["id"])
    feed.tag, feed.cars = '"one"', all_cars
    result = await crawler.crawl(source="stock")
    assert numbers(result) == {"items": 30, "changed": 30}
    assert await live(pool) == 30


async def test_a_car_whose_row_cannot_be_understood_stays(pool, feed, crawler):
    rows = [f"{n},{vin(n)},Ford,Mustang,{9_000 + n}\n" for n in range(1, 31)]
    head = "id,vin,make,model,price\n"
    feed.answer = (head + "".join(rows)).encode()
    await crawler.crawl(source="stock")
    rows[6] = "7,no VIN at all,Ford,Mustang,5\n"
    feed.answer = (head + "".join(rows[:-1])).encode()
    result = await crawler.crawl(source="stock")
    assert result["state"] == "done"
    assert numbers(result) == {"items": 29, "unchanged": 28, "failed": 1, "gone": 1}
    seventh = "SELECT active, price FROM offers WHERE external_id = '7'"
    assert tuple(await pool.fetchrow(seventh)) == (True, 9_007)


@pytest.mark.parametrize("dealer", ["Smith &amp; Sons", "A" * 210])
async def test_it_stays_also_where_its_key_is_not_kept_as_it_is(pool, feed, crawler, dealer):
    rows = [f"{dealer},s{n},Ford,Mustang,{9_000 + n}\n" for n in range(1, 31)]
    head = "dealer_name,stock_number,make,model,price\n"
    feed.answer = (head + "".join(rows)).encode()
    await crawler.crawl(source="stock")
    rows[6] = f"{dealer},s7,,,5\n"  # nothing says which car it is
    feed.answer = (head + "".join(rows[:-1])).encode()
    assert numbers(await crawler.crawl(source="stock"))["gone"] == 1
    assert await pool.fetchval("SELECT active FROM offers WHERE stock_number = 's7'")


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (404, "failed", "answered 404"),
        (403, "blocked", "does not want us"),
        (b"<!DOCTYPE html><h1>Maintenance</h1>", "failed", "a page of HTML"),
        (b"", "failed", "is empty"),
        (gzip.compress(b"vin,make\n" * 1000, mtime=0)[:40], "failed", "lot.csv"),
    ],
    ids=("missing", "refused", "page", "empty", "damaged"),
)
async def test_a_feed_that_is_none_takes_nothing_out(pool, feed, crawler, answer, state, words):
    await crawler.crawl(source="stock")
    feed.answer = answer
    result = await crawler.crawl(source="stock")
    assert (result["state"], result["gone"]) == (state, 0)
    assert words in result["error"]
    assert await live(pool) == 30


async def test_a_feed_that_breaks_off_after_most_rows_takes_nothing_out(pool, feed, crawler):
    feed.cars = dict.fromkeys(range(1, 101), 9_000)
    await crawler.crawl(source="stock")
    del feed.cars[100]
    feed.answer = (feed.text() + "x" * 5_000_000).encode()  # no table has such a line
    result = await crawler.crawl(source="stock")
    assert (result["state"], result["items"]) == ("failed", 99)
    assert await live(pool) == 100


async def test_a_file_that_was_cut_short_at_the_end_of_a_line_holds_the_run(pool, feed, crawler):
    await crawler.crawl(source="stock")
    feed.cars = dict.fromkeys(range(1, 24), 9_000)
    result = await crawler.crawl(source="stock")
    assert result["state"] == "suspicious"
    assert "Of 30 offers that were live only 23 were seen" in result["error"]
    assert await live(pool) == 30


async def test_a_row_that_cannot_be_read_may_be_the_car_that_is_missing(pool, feed, crawler):
    await crawler.crawl(source="stock")
    feed.answer = feed.text().replace("Mustang,2016", "Mustang,2016,extra", 1).encode()
    result = await crawler.crawl(source="stock")
    assert (result["state"], result["failed"], result["gone"]) == ("done", 1, 0)
    assert await live(pool) == 30


async def test_a_site_that_is_away_is_tried_later(pool, feed, crawler, no_backoff):
    feed.answer = 503
    with pytest.raises(CrawlFailed):
        await crawler.crawl(source="stock")
    assert await pool.fetchval("SELECT problems FROM runs") == {"fetch/503": 1}


async def test_rows_that_cannot_be_read_hold_the_run(pool, feed, crawler, tmp_path):
    await crawler.crawl(source="stock")
    feed.answer = feed.text().replace("Mustang,2016", "Mustang,2016,extra", 4).encode()
    result = await crawler.crawl(source="stock")
    assert (result["state"], result["failed"]) == ("suspicious", 4)
    assert "4 of 30" in result["error"]
    assert await live(pool) == 30
    assert list((tmp_path / "imports").glob("stock-*-refused.csv"))


async def test_rows_that_somebody_has_accepted_to_be_refused_hold_no_later_run(pool, feed, crawler):
    await crawler.crawl(source="stock")

    def refuse(count: int) -> None:
        feed.cars[30] += 1  # it is another file each time
        feed.answer = feed.text().replace("Mustang,2016", "Mustang,2016,extra", count).encode()

    refuse(4)
    held = await crawler.crawl(source="stock")
    assert held["state"] == "suspicious"
    await accept(pool, held["id"])
    refuse(4)
    assert (await crawler.crawl(source="stock"))["state"] == "done"
    refuse(7)
    worse = await crawler.crawl(source="stock")
    assert (worse["state"], worse["error"][:7]) == ("suspicious", "7 of 30")


async def test_a_file_is_a_feed_too(pool, feed, crawler, add_source, tmp_path: Path):
    path = tmp_path / "lot.csv"
    path.write_text(feed.text())
    await add_source("file", str(path), parser="feed")
    assert numbers(await crawler.crawl(source="file")) == {"items": 30, "new": 30}
    path.unlink()
    result = await crawler.crawl(source="file")
    assert (result["state"], result["error"]) == ("failed", f"There is no file {path}.")
    assert await live(pool) == 30


async def test_nhtsa_s_service_is_asked_for_vins_that_the_tables_do_not_know(
    pool, feed, crawler, monkeypatch
):
    await pool.execute("DELETE FROM vin_answers")
    feed.answer = f"vin,price\n{unheard(1)},9000\n".encode()
    async with Service().open() as service:
        monkeypatch.setenv("SHOWROOM_VPIC_URL", service.url)
        result = await crawler.crawl(source="stock")
    assert numbers(result) == {"items": 1, "new": 1}
    assert service.asked == [[unheard(1)]]
    assert await pool.fetchval("SELECT make FROM offers") == "Ford"


async def test_a_feed_has_no_pages_to_read_again(pool, crawler):
    with pytest.raises(SourcesError, match="is a feed"):
        parser_of(await one(pool, "stock"))


async def test_a_retired_feed_that_comes_back_is_read_though_it_did_not_change(pool, feed, crawler):
    feed.tag = '"1"'
    await crawler.crawl(source="stock")
    await retirement.ask(pool, "stock")
    job = await rows.claim(pool, ["retire"], "worker")
    await retire_source(job, Context(job, pool, load(), asyncio.Event()))
    assert await live(pool) == 0
    await pool.execute("UPDATE sources SET enabled = true")
    assert (await crawler.crawl(source="stock"))["state"] == "done"
    assert await live(pool) == 30
