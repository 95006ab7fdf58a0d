"""Crawls of a small site over HTTP into a real Postgres."""

import asyncio

import asyncpg
import pytest

from jobs.handlers import Stopped
from scrapers.runs.verdict import CrawlFailed
from tests.scrapers.figures import live, numbers
from tests.scrapers.lot import Car, vin

ROBOTS = "User-agent: *\nDisallow: /vehicledetail/car-2/\n"


async def outbox(pool) -> int:
    return await pool.fetchval("SELECT count(*) FROM outbox")


async def test_every_car_of_every_page_becomes_a_listing(pool, lot, crawler):
    lot.fill(25)
    result = await crawler.crawl()
    assert result["state"] == "done"
    assert numbers(result) == {"items": 25, "new": 25}
    assert result["pages"] == 3 + 25
    assert result["bytes"] > 0
    assert await live(pool) == 25
    row = await pool.fetchrow("SELECT * FROM listings WHERE key = $1", vin(7))
    assert (row["make"], row["price"], row["features"]) == ("Ford", 20_000, ["Heated Seats"])
    dealers = await pool.fetch("SELECT * FROM dealers")
    assert [(d["external_id"], d["name"], d["zip"]) for d in dealers] == [
        ("d1", "Dealer d1", "60601")
    ]
    assert 41.8 < dealers[0]["lat"] < 42


async def test_an_unchanged_sighting_writes_no_listing_and_no_outbox(pool, lot, crawler):
    lot.fill(12)
    await crawler.crawl()
    before = await outbox(pool), await pool.fetch("SELECT xmin, * FROM listings ORDER BY key")
    seen_at = await pool.fetchval("SELECT min(last_seen_at) FROM offers")
    lot.asked.clear()
    result = await crawler.crawl()
    assert numbers(result) == {"items": 12, "unchanged": 12}
    assert (
        await outbox(pool),
        await pool.fetch("SELECT xmin, * FROM listings ORDER BY key"),
    ) == before
    assert lot.details_asked() == []
    assert await pool.fetchval("SELECT min(last_seen_at) FROM offers") > seen_at


async def test_a_changed_price_is_read_listed_and_kept_in_the_history(pool, lot, crawler):
    lot.fill(12)
    await crawler.crawl()
    lot.cars[4].price = 18_500
    lot.asked.clear()
    result = await crawler.crawl()
    assert numbers(result) == {"items": 12, "changed": 1, "unchanged": 11}
    assert lot.details_asked() == ["/vehicledetail/car-5/"]
    row = await pool.fetchrow("SELECT * FROM listings WHERE key = $1", vin(5))
    assert (row["price"], row["price_drop"]) == (18_500, 1_500)
    history = await pool.fetch(
        "SELECT price FROM listing_price_history WHERE listing_key = $1 ORDER BY id", vin(5)
    )
    assert [h["price"] for h in history] == [20_000, 18_500]


async def test_a_car_with_a_very_long_id_is_known_again_and_goes(pool, lot, crawler):
    lot.cars = [Car(f"{'x' * 250}-{number}", vin(number)) for number in range(3)]
    await crawler.crawl()
    lot.asked.clear()
    assert numbers(await crawler.crawl()) == {"items": 3, "unchanged": 3}
    assert lot.details_asked() == []
    lot.cars[0].price = 5
    lot.instead[f"/vehicledetail/{lot.cars[0].id}/"] = 404
    assert numbers(await crawler.crawl()) == {"items": 3, "unchanged": 2, "gone": 1}


async def test_a_sold_car_goes_inactive_and_stays_in_the_table(pool, lot, crawler):
    lot.fill(12)
    await crawler.crawl()
    del lot.cars[3]
    result = await crawler.crawl()
    assert numbers(result) == {"items": 12, "unchanged": 11, "gone": 1}
    assert await pool.fetchval("SELECT active FROM listings WHERE key = $1", vin(4)) is False
    assert await live(pool) == 11


async def test_a_car_that_comes_back_is_live_again(pool, lot, crawler):
    cars = lot.fill(12)
    await crawler.crawl()
    sold = cars.pop(3)
    await crawler.crawl()
    cars.append(sold)
    assert numbers(await crawler.crawl())["changed"] == 1
    assert await live(pool) == 12


async def test_a_car_that_the_list_skipped_is_looked_for_on_its_own_page(pool, lot, crawler):
    lot.fill(12)
    await crawler.crawl()
    lot.instead["/shopping/results/?page=2"] = "<div class='no-results'></div>"
    lot.asked.clear()
    result = await crawler.crawl()
    assert numbers(result) == {"items": 12, "unchanged": 12}
    assert len(lot.details_asked()) == 2
    assert await live(pool) == 12


async def test_a_page_that_cannot_be_had_keeps_an_unseen_car(pool, lot, crawler):
    lot.fill(12)
    await crawler.crawl()
    del lot.cars[3]
    lot.instead["/vehicledetail/car-4/"] = 403
    result = await crawler.crawl()
    assert result["state"] == "done"
    assert result["problems"] == {"fetch/403": 1}
    assert await live(pool) == 12


async def test_a_site_that_refuses_while_unseen_cars_are_looked_for_keeps_them(pool, lot, crawler):
    lot.fill(60)
    await crawler.crawl()
    for car in lot.cars[30:]:
        lot.instead[f"/vehicledetail/{car.id}/"] = 403
    del lot.cars[30:]
    result = await crawler.crawl()
    assert result["state"] == "blocked"
    assert "5 pages in a row could not be read" in result["error"]
    assert await live(pool) == 60
    assert len(lot.details_asked()) < 60 + 5 + 8


async def test_a_database_that_fails_ends_the_crawl_with_its_own_error(pool, lot, crawler):
    lot.fill(12)
    await pool.execute("ALTER TABLE offers RENAME COLUMN card_digest TO other")
    try:
        with pytest.raises(asyncpg.UndefinedColumnError):
            await crawler.crawl()
    finally:
        await pool.execute("ALTER TABLE offers RENAME COLUMN other TO card_digest")


async def test_a_card_that_outlives_its_page_does_not_bring_the_car_back(pool, lot, crawler):
    lot.fill(3)
    await crawler.crawl()
    lot.instead["/vehicledetail/car-2/"] = "<p class='unlisted-notification'>Sold.</p>"
    lot.cars[1].price = 19_000
    assert numbers(await crawler.crawl()) == {"items": 3, "unchanged": 2, "gone": 1}
    assert numbers(await crawler.crawl()) == {"items": 3, "unchanged": 2}
    assert await live(pool) == 2


async def test_one_car_at_two_dealers_is_one_listing_with_two_offers(pool, lot, crawler):
    lot.cars = [Car("a", vin(1), 21_000, "d1"), Car("b", vin(1), 20_500, "d2")]
    await crawler.crawl()
    row = await pool.fetchrow("SELECT * FROM listings")
    assert (row["key"], row["offers"], row["price"]) == (vin(1), 2, 20_500)


async def test_cards_shown_on_two_pages_count_once(pool, lot, crawler):
    lot.fill(10)
    lot.cars += lot.cars[5:]
    result = await crawler.crawl()
    assert numbers(result) == {"items": 10, "new": 10}
    assert len(lot.details_asked()) == 10


async def test_far_fewer_cars_are_suspicious_and_everything_stays(pool, lot, crawler):
    lot.fill(20)
    await crawler.crawl()
    del lot.cars[9:]
    result = await crawler.crawl()
    assert result["state"] == "suspicious"
    assert "20 offers that were live only 9" in result["error"]
    assert await live(pool) == 20


async def test_an_empty_lot_that_was_full_is_suspicious(pool, lot, crawler):
    lot.fill(5)
    await crawler.crawl()
    lot.cars.clear()
    assert (await crawler.crawl())["state"] == "suspicious"
    assert await live(pool) == 5


async def test_a_lot_that_was_always_empty_is_fine(lot, crawler):
    assert (await crawler.crawl())["state"] == "done"


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("<title>Just a moment...</title>", "parse/challenge"),
        ("<h1>We will be back</h1>", "parse/not_our_page"),
        (404, "fetch/404"),
    ],
)
async def test_a_page_that_is_not_ours_is_no_empty_lot(pool, lot, crawler, page, problem):
    lot.fill(15)
    await crawler.crawl()
    lot.instead["/shopping/results/?page=2"] = page
    result = await crawler.crawl()
    assert result["state"] == "failed"
    assert result["problems"] == {problem: 1}
    assert await live(pool) == 15


async def test_a_card_that_cannot_be_read_takes_nothing_out_of_search(pool, lot, crawler):
    lot.fill(5)
    await crawler.crawl()
    lot.instead["/shopping/results/"] = (
        "<fuse-card data-vehicle-details='{'></fuse-card>"
        '<fuse-card data-vehicle-details=\'{"listingId":"car-1","make":"Ford"}\'></fuse-card>'
    )
    result = await crawler.crawl()
    assert result["state"] == "suspicious"
    assert await live(pool) == 5


async def test_one_card_that_cannot_be_read_keeps_no_sold_car(pool, lot, crawler):
    lot.fill(30)
    lot.per_page = 30
    lot.cars[0].id = ""
    result = await crawler.crawl()
    assert result["problems"] == {"parse/card_unreadable": 1}
    del lot.cars[3]
    result = await crawler.crawl()
    assert (result["state"], result["gone"]) == ("done", 1)
    assert await live(pool) == 28


async def test_robots_that_refuse_a_page_leave_what_the_card_says(pool, lot, crawler):
    lot.fill(3)
    lot.robots = ROBOTS
    result = await crawler.crawl()
    assert numbers(result) == {"items": 3, "new": 3, "failed": 1}
    assert "/vehicledetail/car-2/" not in lot.asked
    assert await live(pool) == 3


async def test_a_detail_that_failed_is_read_at_the_next_visit(pool, lot, crawler):
    lot.fill(3)
    lot.instead["/vehicledetail/car-2/"] = 403
    result = await crawler.crawl()
    assert result["problems"] == {"fetch/403": 1}
    lot.instead.clear()
    assert numbers(await crawler.crawl()) == {"items": 3, "changed": 1, "unchanged": 2}
    features = await pool.fetchval("SELECT features FROM listings WHERE key = $1", vin(2))
    assert features == ["Heated Seats"]


async def test_a_price_is_believed_though_the_detail_failed_and_the_rest_stays(pool, lot, crawler):
    lot.fill(3)
    await crawler.crawl()
    lot.cars[1].price = 17_000
    lot.instead["/vehicledetail/car-2/"] = 403
    await crawler.crawl()
    row = await pool.fetchrow("SELECT price, features FROM listings WHERE key = $1", vin(2))
    assert (row["price"], row["features"]) == (17_000, ["Heated Seats"])
    lot.asked.clear()
    await crawler.crawl()
    assert lot.details_asked() == ["/vehicledetail/car-2/"]


async def test_a_refused_car_is_counted_and_not_fetched(pool, lot, crawler):
    lot.fill(3)
    lot.cars.append(Car("odd", "TOO-SHORT"))
    result = await crawler.crawl()
    assert numbers(result) == {"items": 4, "new": 3, "failed": 1}
    assert result["problems"] == {"vin/form": 1}
    assert "/vehicledetail/odd/" not in lot.asked


async def test_twenty_bad_pages_in_a_row_end_the_crawl(pool, lot, crawler):
    lot.fill(200)
    for car in lot.cars:
        lot.instead[f"/vehicledetail/{car.id}/"] = "<h1>Oops</h1>"
    with pytest.raises(CrawlFailed, match="20 pages in a row"):
        await crawler.crawl()
    assert len(lot.details_asked()) < 40


async def test_a_list_that_goes_round_in_circles_ends(pool, lot, crawler):
    lot.fill(30)
    lot.instead["/shopping/results/?page=3"] = (
        '<fuse-card data-vehicle-details=\'{"listingId":"car-1","make":"Ford"}\'></fuse-card>'
        "<a rel=next href='?page=2'>Next</a>"
    )
    result = await crawler.crawl()
    assert result["state"] == "failed"
    assert "no end" in result["error"]


async def test_a_killed_crawl_goes_on_with_its_run_and_fetches_what_is_missing(
    pool, lot, crawler, monkeypatch
):
    monkeypatch.setattr("scrapers.sites.writer.BATCH", 10)
    lot.fill(60)
    job = await crawler.job()
    task = asyncio.create_task(crawler.crawl(job))
    lot.instead["/vehicledetail/car-50/"] = task.cancel
    await asyncio.gather(task, return_exceptions=True)
    stored = await pool.fetchval("SELECT count(*) FROM offers")
    assert 0 < stored < 60
    run_id = await pool.fetchval("SELECT id FROM runs")
    lot.asked.clear()
    lot.instead.clear()
    result = await crawler.crawl(job)
    assert result["id"] == run_id
    assert numbers(result) == {"items": 60, "new": 60}
    assert len(lot.details_asked()) == 60 - stored
    assert await live(pool) == 60


async def test_a_crawl_that_is_asked_to_stop_writes_what_it_has_read(pool, lot, crawler):
    lot.fill(60)
    job = await crawler.job()
    lot.instead["/vehicledetail/car-15/"] = crawler.stop.set
    with pytest.raises(Stopped):
        await crawler.crawl(job)
    stored = await pool.fetchval("SELECT count(*) FROM offers")
    assert stored == len(lot.details_asked())
    assert await pool.fetchval("SELECT state FROM runs") == "running"
    crawler.stop.clear()
    assert numbers(await crawler.crawl(job)) == {"items": 60, "new": 60}


async def test_progress_is_told_while_it_goes(lot, crawler):
    lot.fill(5)
    await crawler.crawl()
    assert crawler.progress["items"] == 5


async def test_the_site_is_told_who_asks(lot, crawler):
    lot.fill(1)
    await crawler.crawl()
    assert lot.agents == {"Showroom/0.1 (+mailto:tester@example.org)"}


async def test_another_source_keeps_its_own_cars(pool, lot, crawler, add_source):
    await add_source("twin", lot.start_url, precedence=10)
    lot.fill(4)
    await crawler.crawl()
    await crawler.crawl(source="twin")
    assert await pool.fetchval("SELECT count(*) FROM offers") == 8
    rows = await pool.fetch("SELECT DISTINCT source, offers FROM listings")
    assert [tuple(row) for row in rows] == [("twin", 2)]
