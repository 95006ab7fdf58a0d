"""Crawls of the demo market in bad weather: what the run says, that the rows are right, and that
nobody was hammered.
"""

from contextlib import suppress
from typing import Any

import pytest

from scrapers.fetching import fetcher as fetching
from scrapers.runs.verdict import CrawlFailed
from scrapers.sites.route import MOST_STALE
from scrapers.sources import breaker
from scrapers.sources.breaker import SourcePaused
from stack.market import weather as weathers
from stack.market.weather import WEATHERS
from tests.scrapers.market import Market, open_market

CARS = 40
LISTS = 3  # pages of results with so many cars
READERS = 8  # pages that are under way at once
ROBOTS = 1
ATTEMPTS = 4
FIELDS = ("vin", "price", "mileage", "year", "make", "model")


@pytest.fixture
async def market(tmp_path, pool, crawler, monkeypatch):
    """The site that the crawler's source is at; what would take long takes a moment."""
    monkeypatch.setattr(fetching, "BODY_LIMIT", 1_000_000)
    monkeypatch.setattr(weathers, "RETRY_AFTER", 1)
    async with open_market(tmp_path / "market", CARS) as market:
        await pool.execute("UPDATE sources SET start_url = $1", market.start_url)
        yield market


async def outcome(pool, crawler) -> dict[str, Any]:
    """The row of the crawl's run, however it ended."""
    with suppress(CrawlFailed):  # what it says stands in the run
        await crawler.crawl()
    row = await pool.fetchrow("SELECT * FROM runs ORDER BY id DESC LIMIT 1")
    return dict(row)


async def stored(pool) -> dict[str, dict[str, Any]]:
    """The live offers as they are stored, by their id."""
    rows = await pool.fetch("SELECT * FROM offers WHERE active")
    return {row["external_id"]: {name: row[name] for name in FIELDS} for row in rows}


def true(market: Market) -> dict[str, dict[str, Any]]:
    return {uuid: {name: car[name] for name in FIELDS} for uuid, car in market.cars.items()}


async def is_right(pool, market: Market) -> bool:
    assert await stored(pool) == true(market)
    return True


async def test_in_clear_weather_all_is_well(pool, market, crawler):
    run = await outcome(pool, crawler)
    assert (run["state"], run["problems"], run["items"]) == ("done", {}, len(market.cars))
    assert await is_right(pool, market)
    assert (await market.requests())["total"] == ROBOTS + LISTS + len(market.cars)


FAILING_LISTS = [
    ("reset", "fetch/broken", "the answer broke off", ROBOTS + ATTEMPTS),
    ("errors", "fetch/500", "the site answered 500", ROBOTS + ATTEMPTS),
    ("down", "fetch/503", "the site answered 503", ROBOTS + ATTEMPTS),
    ("truncated", "fetch/broken", "its gzip data breaks off", ROBOTS + ATTEMPTS),
    ("loop", "fetch/redirects", "More than 5 redirects", ROBOTS + 6),
    ("private", "fetch/other_site", "leads to another site: http://169.254.169.254", ROBOTS + 1),
    ("markup", "parse/not_our_page", "is no page of results", ROBOTS + 1),
    ("robots", "fetch/robots", "is not to be had", ATTEMPTS),
]


@pytest.mark.parametrize(("name", "code", "told", "most"), FAILING_LISTS)
async def test_a_list_that_cannot_be_read_fails_the_run_and_takes_nothing_away(
    pool, market, crawler, no_backoff, name, code, told, most
):
    await outcome(pool, crawler)
    await market.turn(name)
    run = await outcome(pool, crawler)
    assert (run["state"], run["problems"], run["gone"]) == ("failed", {code: 1}, 0)
    assert told in run["error"]
    assert (await market.requests())["total"] == most
    assert await is_right(pool, market)


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("challenge", "fetch/blocked", "is answered with a block page of Cloudflare."),
        ("refused", "fetch/403", "answered 403: the site does not want us."),
    ],
)
async def test_a_site_that_blocks_us_is_left_alone(pool, market, crawler, name, code, told):
    await outcome(pool, crawler)
    await market.turn(name)
    run = await outcome(pool, crawler)
    assert (run["state"], run["problems"]) == ("blocked", {code: 1})
    assert told in run["error"]
    with pytest.raises(SourcePaused, match=told):
        await crawler.crawl()
    assert (await market.requests())["total"] == ROBOTS + 1
    assert await is_right(pool, market)
    await market.turn("clear")
    await breaker.resume(pool, "lot")
    assert (await outcome(pool, crawler))["state"] == "done"


@pytest.mark.parametrize(
    ("name", "code", "most"),
    [
        ("drip", "fetch/timeout", 5 + READERS),
        ("huge", "fetch/too_large", 20 + READERS),
        ("bomb", "fetch/too_large", 20 + READERS),
    ],
)
async def test_pages_that_cannot_be_had_end_the_run_soon(
    pool, market, crawler, no_backoff, monkeypatch, name, code, most
):
    if name == "drip":
        monkeypatch.setattr(fetching, "WHOLE", 3.0)
        monkeypatch.setattr(fetching, "ATTEMPTS", 1)
    await market.turn(name)
    run = await outcome(pool, crawler)
    assert (run["state"], set(run["problems"])) == ("failed", {code})
    assert "pages in a row could not be read" in run["error"]
    requests = await market.requests()
    assert requests["total"] <= ROBOTS + LISTS + most
    assert requests["at_once"] <= READERS
    known = await stored(pool)  # what their cards say
    assert known.items() <= true(market).items()
    await market.turn("clear")
    assert (await outcome(pool, crawler))["state"] == "done"
    assert await is_right(pool, market)


@pytest.mark.parametrize("name", ["huge", "bomb", "truncated", "errors", "reset"])
async def test_some_pages_that_cannot_be_had_cost_only_themselves(
    pool, market, crawler, no_backoff, name
):
    await outcome(pool, crawler)
    await pool.execute("UPDATE offers SET card_digest = NULL")  # so that all are read again
    await market.turn(name, share=0.1)
    run = await outcome(pool, crawler)
    assert (run["state"], run["items"], run["gone"]) == ("done", len(market.cars), 0)
    assert await is_right(pool, market)


async def test_a_list_without_end_is_left_soon(pool, market, crawler):
    await market.turn("endless")
    run = await outcome(pool, crawler)
    assert (run["state"], run["items"]) == ("failed", len(market.cars))
    assert "The list of offers has no end" in run["error"]
    assert (await market.requests())["total"] == ROBOTS + LISTS + MOST_STALE + len(market.cars)
    assert await is_right(pool, market)


async def test_who_is_busy_gets_the_time_that_it_asks_for(pool, market, crawler, no_backoff):
    await market.turn("busy", share=0.1)
    run = await outcome(pool, crawler)
    assert (run["state"], run["problems"]) == ("done", {})
    assert await is_right(pool, market)
    requests = await market.requests()
    assert requests["statuses"]["429"] >= 2
    assert requests["longest_gap"] >= 0.7  # those that were under way may come a little later


async def test_a_wrong_encoding_loses_no_car(pool, market, crawler):
    await market.turn("charset")
    assert (await outcome(pool, crawler))["state"] == "done"
    assert await is_right(pool, market)


async def test_one_vin_with_five_prices_is_one_listing_with_five_offers(pool, market, crawler):
    await market.turn("same-vin")
    run = await outcome(pool, crawler)
    assert run["state"] == "done"
    first, *others = [car for _, car in zip(range(5), market.cars.values(), strict=False)]
    wanted = true(market)
    for other in others:
        wanted[other["uuid"]]["vin"] = first["vin"]
    assert await stored(pool) == wanted
    (listing,) = await pool.fetch("SELECT * FROM listings WHERE vin = $1", first["vin"])
    assert (listing["offers"], listing["active"]) == (5, True)
    assert listing["price"] in {car["price"] for car in (first, *others)}
    twice = len(market.cars) - len({car["vin"] for car in market.cars.values()})
    live = await pool.fetchval("SELECT count(*) FROM listings WHERE active")
    assert live == len(market.cars) - twice - len(others)


async def test_emoji_are_kept_and_the_markup_around_words_is_not(pool, market, crawler):
    await outcome(pool, crawler)
    await market.turn("graffiti")
    assert (await outcome(pool, crawler))["state"] == "done"
    assert await is_right(pool, market)
    names = [row["name"] for row in await pool.fetch("SELECT name FROM dealers")]
    assert names
    assert all("\U0001f697 alert('x')" in name for name in names)
    assert not any("<" in name for name in names)
    assert not any("\u202e" in name for name in names)


async def test_with_three_answers_in_a_hundred_failing_more_than_95_pages_are_had(
    pool, market, crawler, no_backoff
):
    had = tried = 0
    for seed in range(3):
        await pool.execute("UPDATE offers SET card_digest = NULL")
        await market.turn("storm", seed=seed)
        run = await outcome(pool, crawler)
        assert run["state"] == "done"
        had += run["items"] - run["failed"]
        tried += len(market.cars)
    assert had > 0.95 * tried
    assert await is_right(pool, market)


def test_each_weather_has_its_test():
    tested = {name for name, *_ in FAILING_LISTS} | {"challenge", "refused", "drip", "huge", "bomb"}
    assert set(WEATHERS) - tested == {
        *("clear", "busy", "endless", "charset", "same-vin", "graffiti", "storm")
    }
