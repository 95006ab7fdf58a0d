"""How prices are found, and what noting one asks of Postgres."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from catalog.cars import CARS
from catalog.database import connect, open_connection

ROWS = 2_000

DELETION = """
DELETE FROM listing_price_history h USING (VALUES ('K1')) o (key) WHERE h.listing_key = o.key
"""

EXPLAINED = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "client_min_messages": "log",
}


@pytest.fixture
async def truth(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A database with some listings, each with one price."""
    async with connect(postgres_url) as pool:
        await pool.execute("DELETE FROM listings")
        await pool.execute(
            "INSERT INTO listings (key, active, price)"
            " SELECT 'K' || n, true, n FROM generate_series(1, $1::int) n",
            ROWS,
        )
        yield pool


@pytest.mark.parametrize("query", [CARS.history, DELETION], ids=["reading", "deleting"])
async def test_the_one_index_finds_the_prices_of_a_listing(truth: asyncpg.Pool, query: str) -> None:
    async with truth.acquire() as one, one.transaction():
        await one.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        await one.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        values = ["K1"] if "$1" in query else []
        plan = "\n".join(row[0] for row in await one.fetch(f"EXPLAIN {query}", *values))
    assert "Index Scan using listing_price_history_pkey" in plan
    assert "Index Cond: (listing_key = " in plan
    assert "Sort" not in plan, "the index has them in their order"
    indexes = "SELECT indexdef FROM pg_indexes WHERE tablename = 'listing_price_history'"
    (definition,) = [row[0] for row in await truth.fetch(indexes)]
    assert definition.endswith("(listing_key, id)")


@pytest.mark.usefixtures("truth")
async def test_many_changed_rows_are_compared_without_being_sorted(postgres_url: str) -> None:
    plans: list[str] = []
    one = await open_connection(postgres_url)
    try:
        one.add_log_listener(lambda _, message: plans.append(message.message))
        await one.execute("LOAD 'auto_explain'")
        for name, value in EXPLAINED.items():
            await one.execute("SELECT set_config($1, $2, false)", name, value)
        await one.execute("UPDATE listings SET price = price + 1")
    finally:
        await one.close()
    (plan,) = [each for each in plans if "new_rows" in each]
    assert "Hash Full Join" in plan
    assert "Sort" not in plan
