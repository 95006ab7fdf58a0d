"""What reaches the outbox, and what does not."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator

import asyncpg
import orjson
import pytest

from catalog.database import connect

ADD_OFFER = """
INSERT INTO offers (source, external_id, listing_key, vin, dealer_id, make, price)
VALUES ($1, $2, $3, $3, 1, 'Kia', $4)
ON CONFLICT (source, external_id) DO UPDATE SET price = excluded.price, active = true
"""


@pytest.fixture
async def truth(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A database with two sources, the first ranked higher, and one dealer."""
    async with connect(postgres_url) as pool:
        await pool.execute(
            "DELETE FROM listings; DELETE FROM offers; DELETE FROM dealers; DELETE FROM sources;"
            "INSERT INTO sources (name, vertical, start_url, parser, every, precedence)"
            " VALUES ('first', 'cars', '', '', 60, 1), ('second', 'cars', '', '', 60, 2);"
            "INSERT INTO dealers (id, source, external_id, name, lat, lng)"
            " VALUES (1, 'first', 'd1', 'Loop Motors', 41.9, -87.6)"
        )
        await pool.execute("DELETE FROM outbox")
        yield pool


async def _offer(truth: asyncpg.Pool, source: str, key: str, price: int | None) -> int:
    """Write one offer and derive its listing; how many listings changed."""
    async with truth.acquire() as connection, connection.transaction():
        await connection.execute(ADD_OFFER, source, f"{source}/{key}", key, price)
        changed: int = await connection.fetchval("SELECT refresh_listings($1)", [key])
        return changed


async def _outbox(truth: asyncpg.Pool) -> list[tuple[str, str]]:
    rows = await truth.fetch("WITH gone AS (DELETE FROM outbox RETURNING *) SELECT * FROM gone")
    return [(row["kind"], row["key"]) for row in sorted(rows, key=lambda row: row["seq"])]


async def test_a_new_listing_is_in_the_outbox_once(truth: asyncpg.Pool) -> None:
    await _offer(truth, "first", "A", 100)
    assert await _outbox(truth) == [("listing", "A")]


async def test_a_sighting_that_changes_nothing_writes_nothing(truth: asyncpg.Pool) -> None:
    await _offer(truth, "first", "A", 100)
    await _outbox(truth)
    await truth.execute("UPDATE offers SET last_seen_at = now() + interval '1 hour', run_id = 7")
    assert await truth.fetchval("SELECT refresh_listings($1)", ["A"]) == 0
    await truth.execute("UPDATE listings SET changed_at = now() + interval '1 hour'")
    assert await _outbox(truth) == []


async def test_work_that_is_rolled_back_leaves_no_trace(truth: asyncpg.Pool) -> None:
    async with truth.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("INSERT INTO listings (key, active) VALUES ('A', true)")
        await transaction.rollback()
    assert await _outbox(truth) == []


async def test_plain_bulk_sql_is_caught(truth: asyncpg.Pool) -> None:
    await truth.execute(
        "INSERT INTO listings (key, active, price)"
        " SELECT 'K' || n, true, n FROM generate_series(1, 3) n"
    )
    assert len(await _outbox(truth)) == 3
    await truth.execute("UPDATE listings SET price = price + 1 WHERE price > 1")
    assert sorted(await _outbox(truth)) == [("listing", "K2"), ("listing", "K3")]
    await truth.execute("DELETE FROM listings WHERE key = 'K1'")
    assert await _outbox(truth) == [("listing", "K1")]


async def test_a_changed_key_names_both_documents(truth: asyncpg.Pool) -> None:
    await truth.execute("INSERT INTO listings (key, active) VALUES ('A', true)")
    await _outbox(truth)
    await truth.execute("UPDATE listings SET key = 'B'")
    assert sorted(await _outbox(truth)) == [("listing", "A"), ("listing", "B")]


async def test_a_renamed_dealer_is_one_row_whatever_it_sells(truth: asyncpg.Pool) -> None:
    await truth.execute(
        "INSERT INTO listings (key, active, dealer_id)"
        " SELECT n::text, true, 1 FROM generate_series(1, 50) n"
    )
    await _outbox(truth)
    await truth.execute("UPDATE dealers SET url = 'https://x.example'")
    assert await _outbox(truth) == [], "the address of its site is in no document"
    await truth.execute("UPDATE dealers SET name = 'Lake Motors'")
    assert await _outbox(truth) == [("dealer", "1")]


@pytest.mark.parametrize("table", ["listings", "dealers"])
async def test_truncate_is_refused_with_a_way_out(truth: asyncpg.Pool, table: str) -> None:
    with pytest.raises(asyncpg.RaiseError, match="use DELETE"):
        await truth.execute(f"TRUNCATE {table} CASCADE")


async def test_every_column_of_the_view_is_watched_by_the_triggers(truth: asyncpg.Pool) -> None:
    used = await truth.fetch(
        "SELECT table_name, column_name FROM information_schema.view_column_usage"
        " WHERE view_name = 'cars_documents'"
    )
    for table, function, alias in (
        ("listings", "listings_updated", "n"),
        ("dealers", "dealers_updated", "n"),
    ):
        source = await truth.fetchval("SELECT prosrc FROM pg_proc WHERE proname = $1", function)
        compared = source[source.index("IS DISTINCT FROM") :].split(";")[0]
        watched = set(re.findall(rf"\b{alias}\.(\w+)", compared))
        shown = {row["column_name"] for row in used if row["table_name"] == table}
        keys = {"key"} if table == "listings" else {"id"}
        assert shown - keys == watched, table


async def test_the_price_history_is_kept_by_the_database(truth: asyncpg.Pool) -> None:
    for price in (100, 100, 90, None, 95):
        await _offer(truth, "first", "A", price)
    prices = await truth.fetch("SELECT price FROM listing_price_history ORDER BY id")
    assert [row["price"] for row in prices] == [100, 90, None, 95]


async def test_the_price_history_goes_where_its_listing_goes(truth: asyncpg.Pool) -> None:
    await _offer(truth, "first", "A", 100)
    await _offer(truth, "first", "B", 200)
    history = "SELECT listing_key, price FROM listing_price_history ORDER BY id"
    await truth.execute("UPDATE listings SET key = 'C' WHERE key = 'A'")
    moved = {tuple(row) for row in await truth.fetch(history)}
    assert moved == {("C", 100), ("B", 200)}
    await truth.execute("DELETE FROM listings WHERE key = 'C'")
    assert [tuple(row) for row in await truth.fetch(history)] == [("B", 200)]


async def test_a_price_drop_is_kept_until_the_next_change(truth: asyncpg.Pool) -> None:
    await _offer(truth, "first", "A", 100)
    await _offer(truth, "first", "A", 90)
    assert await truth.fetchval("SELECT price_drop FROM listings") == 10
    await _offer(truth, "first", "A", 95)
    assert await truth.fetchval("SELECT price_drop FROM listings") is None


async def test_a_car_at_two_dealers_is_one_listing_with_its_best_offer(truth: asyncpg.Pool) -> None:
    await _offer(truth, "second", "A", 80)
    await _offer(truth, "first", "A", 100)
    row = await truth.fetchrow("SELECT source, price, offers FROM listings")
    assert tuple(row) == ("first", 100, 2), "the source's rank goes before the price"
    await truth.execute("UPDATE offers SET active = false WHERE source = 'first'")
    await truth.execute("SELECT refresh_listings('{A}')")
    row = await truth.fetchrow("SELECT source, price, offers, active FROM listings")
    assert tuple(row) == ("second", 80, 1, True), "live goes before gone"


async def test_with_no_live_offer_a_listing_stays_but_is_not_shown(truth: asyncpg.Pool) -> None:
    await _offer(truth, "first", "A", 100)
    await _outbox(truth)
    await truth.execute("UPDATE offers SET active = false")
    await truth.execute("SELECT refresh_listings('{A}')")
    assert tuple(await truth.fetchrow("SELECT active, price FROM listings")) == (False, 100)
    assert await truth.fetchval("SELECT count(*) FROM cars_documents") == 0
    assert await _outbox(truth) == [("listing", "A")]


async def test_two_writers_of_one_car_both_count(truth: asyncpg.Pool) -> None:
    """The second one waits for the first one's commit and then sees its offer."""
    async with truth.acquire() as one, truth.acquire() as other:
        first = one.transaction()
        await first.start()
        await one.execute(ADD_OFFER, "first", "x", "A", 100)
        await one.execute("SELECT refresh_listings('{A}')")

        async def write() -> None:
            async with other.transaction():
                await other.execute(ADD_OFFER, "second", "y", "A", 80)
                await other.execute("SELECT refresh_listings('{A}')")

        waiting = asyncio.create_task(write())
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done, "the second writer must wait"
        await first.commit()
        await asyncio.wait_for(waiting, 5)
    assert await truth.fetchval("SELECT offers FROM listings") == 2


async def test_the_line_that_is_sent_is_the_body_and_its_digest(truth: asyncpg.Pool) -> None:
    await _offer(truth, "first", "A", 100)
    title = 'two\nlines, "é" \\ \u2028'
    await truth.execute("UPDATE listings SET title = $1, dealer_id = NULL", title)
    digest, line, body = await truth.fetchrow("SELECT digest, line, body FROM cars_documents")
    assert orjson.loads(line) == body
    assert body["title"] == title
    assert b"\n" not in line
    rest = line.removesuffix(f',"digest":"{digest}"}}'.encode()) + b"}"
    assert hashlib.md5(rest, usedforsecurity=False).hexdigest() == digest


async def test_the_digest_follows_the_document(truth: asyncpg.Pool) -> None:
    await _offer(truth, "first", "A", 100)
    first = await truth.fetchrow("SELECT digest, body FROM cars_documents")
    assert first["body"]["digest"] == first["digest"]
    await truth.execute("UPDATE dealers SET name = 'Lake Motors'")
    assert await truth.fetchval("SELECT digest FROM cars_documents") != first["digest"]
