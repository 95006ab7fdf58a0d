"""Drift: which fields fell, and crawls of a lot that loses one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import OfferRow
from jobs import reports
from scrapers.runs import rows as runs
from scrapers.runs.drift import Shares, Watch, usual
from scrapers.runs.rows import Tally
from tests.scrapers.lot import vin

COUNTS = st.integers(0, 5_000)


def shares(read: int, **filled: int) -> Shares:
    return Shares(read, Counter(filled))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (shares(100, price=98), []),
        (shares(100, price=85), []),
        (shares(100, price=60), ["price on 60% of the items (usually 98%)"]),
        (shares(100), ["price on 0% of the items (usually 98%)"]),
        (shares(19), []),  # too few to say anything
    ],
)
def test_a_share_that_falls_is_told(now, told):
    assert [str(fall) for fall in now.falls(shares(200, price=196))] == told


def test_a_field_that_is_rare_or_falls_by_chance_is_not():
    assert shares(100).falls(shares(1_000, trim=90)) == []
    assert shares(20, trim=7).falls(shares(1_000, trim=500)) == []


def test_half_of_what_is_usual_is_a_loss():
    told = shares(1_000, price=510, vin=450).falls(shares(1_000, price=1_000, vin=1_000))
    assert [(fall.field, fall.is_loss) for fall in told] == [("vin", True), ("price", False)]


@given(COUNTS, COUNTS, COUNTS)
def test_what_rises_or_stays_never_falls(read, some, more):
    before, now = sorted((min(some, read), min(more, read)))
    assert shares(read, price=now).falls(shares(read, price=before)) == []


async def ended(pool, state: str, job: int, price: int) -> int:
    run = await runs.begin(pool, "lot", job)
    await runs.add(pool, run, Tally(read=100, filled=Counter(price=price)))
    await runs.finish(pool, run, state)
    return run.id


async def test_the_first_that_lack_something_wait_until_enough_were_read(pool, add_source):
    await add_source("lot")
    watch = Watch(shares(100, price=100, make=100), Shares())
    lacking = [OfferRow(source="lot", external_id=str(n), make="Ford") for n in range(19)]
    whole = OfferRow(source="lot", external_id="whole", make="Ford", price=1)
    for row in lacking[:10]:
        assert await watch.look(pool, [row], last=False) == ([], shares(1, make=1))
    assert (await watch.look(pool, [whole], last=False))[0] == [whole]
    assert (await watch.look(pool, lacking[10:], last=False))[0] == lacking
    assert [str(fall) for fall in watch.falls] == ["price on 5% of the items (usually 100%)"]


async def test_nothing_waits_behind_the_last(pool, add_source):
    await add_source("lot")
    watch = Watch(shares(100, price=100), Shares())
    lacking = OfferRow(source="lot", external_id="1", make="Ford")
    assert (await watch.look(pool, [lacking], last=False))[0] == []
    assert (await watch.look(pool, [], last=True))[0] == [lacking]


async def test_healthy_runs_say_what_is_usual_and_an_accepted_one_starts_anew(pool, add_source):
    await add_source("lot")
    for job, (state, price) in enumerate([("done", 90), ("failed", 0), ("done", 100)]):
        number = await ended(pool, state, job, price)
    now = await runs.begin(pool, "lot", 9)
    assert await usual(pool, now) == shares(200, price=190)
    await pool.execute("UPDATE runs SET settled_at = now() WHERE id = $1", number)
    assert await usual(pool, now) == shares(100, price=100)


def lose_prices(lot) -> None:
    for car in lot.cars:
        car.price, car.trim = None, "Sport"


async def test_prices_that_vanish_are_kept_and_the_run_is_held(pool, lot, crawler, caplog):
    lot.fill(60)
    await crawler.crawl()
    lose_prices(lot)
    sold = lot.cars.pop()
    lot.fill(1, first=100)
    lot.cars[-1].price = None
    result = await crawler.crawl()
    assert result["state"] == "suspicious"
    assert "price on 0% of the items (usually 100%)" in result["error"]
    assert [(fall["field"], fall["share"], fall["usual"]) for fall in result["drift"]] == [
        ("price", 0.0, 1.0)
    ]
    assert caplog.text.count("Items lost price") == 1
    assert await pool.fetchval("SELECT count(*) FROM listings WHERE price = 20000") == 60
    assert await pool.fetchval("SELECT count(*) FROM listings WHERE trim = 'Sport'") == 59
    assert await pool.fetchval("SELECT active FROM listings WHERE key = $1", sold.vin)


async def test_when_the_prices_are_back_the_next_run_reads_all_again_and_settles(
    pool, lot, crawler
):
    lot.fill(60)
    await crawler.crawl()
    lose_prices(lot)
    held = await crawler.crawl()
    for car in lot.cars:
        car.price = 21_000
    result = await crawler.crawl()
    assert (result["state"], result["read"]) == ("done", 60)
    assert await pool.fetchval("SELECT count(*) FROM listings WHERE price = 21000") == 60
    row = await reports.run(pool, held["id"])
    assert (row["state"], row["settled_by"]) == ("overruled", result["id"])


async def test_lost_vins_make_no_listing_vanish(pool, lot, crawler):
    lot.fill(40)
    await crawler.crawl()
    for car in lot.cars:
        car.vin = None
    assert (await crawler.crawl())["state"] == "suspicious"
    live = await pool.fetch("SELECT key FROM listings WHERE active ORDER BY key")
    assert [row["key"] for row in live] == sorted(vin(number) for number in range(1, 41))


async def test_a_loss_that_goes_on_is_held_again_though_nothing_else_changed(pool, lot, crawler):
    lot.fill(40)
    await crawler.crawl()
    lose_prices(lot)
    assert [(await crawler.crawl())["state"] for _ in range(2)] == ["suspicious", "suspicious"]


async def test_a_small_fall_is_told_and_holds_nothing(pool, lot, crawler):
    lot.fill(60)
    await crawler.crawl()
    for car in lot.cars:
        car.trim = "Sport"
    for car in lot.cars[:20]:
        car.price = None
    result = await crawler.crawl()
    assert result["state"] == "done"
    assert [fall["field"] for fall in result["drift"]] == ["price"]
    assert await pool.fetchval("SELECT count(*) FROM listings WHERE price IS NULL") == 20
