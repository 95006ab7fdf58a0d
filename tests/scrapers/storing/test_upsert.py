"""Writing offers: what counts as a change, what stays, and many writers at once."""

import asyncio
import random

import asyncpg
import pytest

from catalog.cars import DealerRow, OfferRow
from scrapers.runs.departures import retire
from scrapers.runs.rows import Run, begin
from scrapers.storing import upsert as upserting
from scrapers.storing.upsert import Written, known, touch, transact, upsert
from tests.scrapers.lot import vin


def offer(number: int, source: str = "lot", **said) -> OfferRow:
    values = {"vin": vin(number), "make": "Ford", "price": 20_000, "has_detail": True} | said
    return OfferRow(source=source, external_id=f"car-{number}", **values)


def dealer(**said) -> DealerRow:
    return DealerRow(**({"external_id": "d1", "name": "Beach Honda"} | said))


async def write(pool, run: Run, *offers: OfferRow) -> Written:
    return await transact(pool, lambda connection: upsert(connection, run.id, offers))


async def test_new_changed_and_unchanged_are_told_apart(pool, run):
    assert await write(pool, run, offer(1), offer(2)) == Written(new=2)
    assert await write(pool, run, offer(1), offer(2, price=19_000), offer(3)) == Written(1, 1, 1)


async def test_the_same_offer_again_writes_no_listing(pool, run):
    await write(pool, run, offer(1, features=["a", "b"], problems=["price/call"]))
    before = await pool.fetch("SELECT xmin, * FROM listings"), await pool.fetch("TABLE outbox")
    await write(pool, run, offer(1, features=["a", "b"], problems=["price/call"]))
    after = await pool.fetch("SELECT xmin, * FROM listings"), await pool.fetch("TABLE outbox")
    assert after == before


async def test_of_two_rows_with_one_id_the_last_counts(pool, run):
    assert await write(pool, run, offer(1), offer(1, price=1_000)) == Written(new=1)
    assert await pool.fetchval("SELECT price FROM listings") == 1_000


async def test_nothing_to_write_is_nothing(pool, run):
    assert await write(pool, run) == Written()


async def test_a_vin_that_became_known_moves_the_offer_and_ends_its_old_listing(pool, run):
    await write(pool, run, offer(1, vin=None))
    await write(pool, run, offer(1))
    rows = await pool.fetch("SELECT key, active FROM listings ORDER BY active")
    assert [tuple(row) for row in rows] == [("lot_car-1", False), (vin(1), True)]


async def test_a_card_keeps_what_the_detail_said_but_a_price_can_be_taken_back(pool, run):
    await write(pool, run, offer(1, features=["a"], engine="V8", card_digest="x"))
    card = offer(1, price=None, trim="LX", has_detail=False, card_digest="y")
    assert await write(pool, run, card) == Written(changed=1)
    row = await pool.fetchrow("SELECT * FROM offers")
    assert (row["features"], row["engine"], row["trim"], row["price"]) == (["a"], "V8", "LX", None)
    assert row["card_digest"] is None
    assert row["detail_at"] is not None


async def test_a_card_without_a_vin_leaves_the_car_where_its_vin_put_it(pool, run):
    await write(pool, run, offer(1))
    await write(pool, run, offer(1, vin=None, price=19_000, has_detail=False))
    rows = await pool.fetch("SELECT key, vin, price, active FROM listings")
    assert [tuple(row) for row in rows] == [(vin(1), vin(1), 19_000, True)]


async def test_a_row_of_a_file_replaces_what_the_file_said_before(pool, run):
    await write(pool, run, offer(1, features=["a"], engine="V8", has_detail=False))
    await write(pool, run, offer(1, engine=None, has_detail=False, card_digest="y"))
    row = await pool.fetchrow("SELECT * FROM offers")
    assert (row["features"], row["engine"], row["card_digest"]) == ([], None, "y")


async def test_a_dealer_keeps_what_a_page_does_not_say(pool, run):
    full = dealer(phone="555-0100", zip="32114", lat=29.2, lng=-81.0)
    await write(pool, run, offer(1, dealer=full))
    await write(pool, run, offer(2, dealer=dealer(name="Beach Honda II")))
    row = await pool.fetchrow("SELECT * FROM dealers")
    assert (row["name"], row["phone"], row["lat"]) == ("Beach Honda II", "555-0100", 29.2)


@pytest.mark.parametrize("place", [{"zip": "00000"}, {"city": "Ormond Beach"}])
async def test_a_dealer_who_moved_is_not_where_they_were(pool, run, place):
    old = {"street": "1 Main St", "city": "Daytona Beach", "state": "FL", "zip": "32114"}
    await write(pool, run, offer(1, dealer=dealer(**old, lat=29.2, lng=-81.0, phone="555-0100")))
    await write(pool, run, offer(2, dealer=dealer(**place)))
    row = await pool.fetchrow("SELECT * FROM dealers")
    now = {name: row[name] for name in (*old, "lat", "lng") if row[name] is not None}
    assert (row["phone"], now) == ("555-0100", place)


async def test_a_dealer_who_says_the_same_is_not_written(pool, run):
    await write(pool, run, offer(1, dealer=dealer()))
    before = await pool.fetch("SELECT xmin, * FROM dealers")
    await write(pool, run, offer(2, dealer=dealer()))
    assert await pool.fetch("SELECT xmin, * FROM dealers") == before


async def test_known_tells_what_deciding_needs(pool, run):
    await write(pool, run, offer(1, card_digest="x"), offer(2, has_detail=False, card_digest="y"))
    found = await known(pool, "lot", ["car-1", "car-2", "car-3"])
    assert {
        key: (k.card_digest, k.detail_at is not None, k.run_id) for key, k in found.items()
    } == {
        "car-1": ("x", True, run.id),
        "car-2": ("y", False, run.id),
    }


async def test_a_sighting_touches_only_its_own_source(pool, run, add_source):
    await add_source("other")
    other = await begin(pool, "other")
    await write(pool, run, offer(1))
    await write(pool, other, offer(1, "other"))
    later = Run(run.id + 100, "lot", run.started_at)
    seen = await transact(pool, lambda c: touch(c, later.id, "lot", ["car-1", "car-9"]))
    assert seen == Written(unchanged=1)
    rows = await pool.fetch("SELECT source, run_id FROM offers ORDER BY source")
    assert [tuple(row) for row in rows] == [("lot", later.id), ("other", other.id)]


async def test_a_retired_offer_leaves_the_other_dealer_s(pool, run, add_source):
    await add_source("other", precedence=200)
    other = await begin(pool, "other")
    await write(pool, run, offer(1, price=18_000))
    await write(pool, other, offer(1, "other", price=19_000))
    assert await transact(pool, lambda c: retire(c, run, ["car-1"])) == 1
    row = await pool.fetchrow("SELECT * FROM listings")
    assert (row["active"], row["source"], row["price"], row["offers"]) == (True, "other", 19_000, 1)
    assert await transact(pool, lambda c: retire(c, run, ["car-1"])) == 0


@pytest.mark.parametrize(("sources", "has_dealers"), [(2, True), (2, False), (8, True)])
async def test_writers_of_the_same_cars_do_not_deadlock(
    pool, run, monkeypatch, sources, has_dealers, add_source
):
    """Eight writers of a few sources, old and new cars in any order: no attempt is repeated."""
    monkeypatch.setattr(upserting, "ATTEMPTS", 1)
    runs = [run]
    for name in [f"other-{number}" for number in range(1, sources)]:
        await add_source(name, precedence=10)
        runs.append(await begin(pool, name))
    dice = random.Random(7)

    def row(number: int, source: str, price: int) -> OfferRow:
        seller = dealer(external_id=f"d{number % 7}", phone=str(price)) if has_dealers else None
        return offer(number, source, price=price, dealer=seller)

    async def turn(mine: Run, price: int, first: int) -> None:
        numbers = dice.sample(range(first, first + 60), 60)
        rows = [row(number, mine.source, price) for number in numbers]
        ids = [row.external_id for row in rows]
        await write(pool, mine, *rows)
        await transact(pool, lambda c: retire(c, mine, ids[:20]))
        await transact(pool, lambda c: touch(c, mine.id, mine.source, ids))

    async def work(writer: int) -> None:
        for number in range(6):
            await turn(runs[writer % sources], 1_000 * number + writer, 20 * number)

    await asyncio.gather(*(work(writer) for writer in range(8)))
    rows = await pool.fetch(
        "SELECT source = $1, offers, count(*) FROM listings GROUP BY 1, 2", run.source
    )
    assert [tuple(row) for row in rows] == [(False, sources, 160)]


async def test_a_rival_is_waited_for_and_given_up_in_the_end(pool, monkeypatch):
    monkeypatch.setattr("scrapers.storing.upsert.random.random", lambda: 0.0)
    tries = []

    async def lose(connection: asyncpg.Connection) -> str:
        tries.append(await connection.fetchval("SELECT 1"))
        if len(tries) != 3:
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return "won"

    assert await transact(pool, lose) == "won"
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await transact(pool, lose)
    assert len(tries) == 3 + upserting.ATTEMPTS
