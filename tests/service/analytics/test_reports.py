"""Reports and popular queries over rows that are put there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from catalog.database import connect
from service.analytics.events import SearchRow, new_id
from service.analytics.popular import FEWEST_VISITORS, popular
from service.analytics.reports import report

NOON = datetime.now(UTC).replace(hour=12) - timedelta(days=2)


def search(visitor: int, q: str, at: datetime = NOON, **members: Any) -> SearchRow:
    row = SearchRow(new_id(at), at, "listings", visitor, q, [], 5, 1)
    return row._replace(**members)


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events")
        yield pool


async def fill(pool: asyncpg.Pool, rows: list[SearchRow]) -> None:
    await pool.copy_records_to_table("search_events", records=rows, columns=SearchRow._fields)


async def queries(pool: asyncpg.Pool, collection: str | None = None) -> dict[str, int]:
    rows = (await report(pool, "queries", 7, 100, collection))["data"]
    return {row["q"]: row["searches"] for row in rows}


async def test_what_is_still_being_typed_is_no_search_of_its_own(pool: asyncpg.Pool) -> None:
    seconds = [NOON + timedelta(seconds=number) for number in range(100)]
    await fill(
        pool,
        [
            search(1, "toy", seconds[0]),
            search(1, "toyota", seconds[2]),
            search(1, "toyota camry", seconds[3]),
            search(2, "toyota", seconds[1]),
            search(2, "toyota camry", seconds[60]),
            search(3, "kia", seconds[0]),
            search(3, "toyota", seconds[1]),
            search(3, "toyota", seconds[2]),
            search(3, "toyota", seconds[3], page=2),
            search(4, "toyota", seconds[0], collection="boats"),
        ],
    )
    assert await queries(pool) == {"toyota": 4, "toyota camry": 2, "kia": 1}
    assert await queries(pool, "listings") == {"toyota": 3, "toyota camry": 2, "kia": 1}


async def test_reports_reach_back_as_many_days_as_asked_for(pool: asyncpg.Pool) -> None:
    days = [datetime.now(UTC) - timedelta(days=number, hours=1) for number in range(5)]
    await fill(pool, [search(number, "kia", day) for number, day in enumerate(days)])
    for days_back in (1, 3, 90):
        rows = (await report(pool, "queries", days_back, 10, None))["data"]
        assert rows[0]["searches"] == min(days_back, 5)


async def test_only_what_many_visitors_typed_on_one_day_is_popular(pool: asyncpg.Pool) -> None:
    many, few = range(FEWEST_VISITORS), range(FEWEST_VISITORS - 1)
    later = NOON + timedelta(hours=1)
    await fill(
        pool,
        [
            *(search(visitor, "red suv", later) for visitor in many),
            *(search(visitor, "blue suv") for visitor in few),
            *(search(1, "my name") for _ in range(50)),
            *(search(50 + day, "my name", NOON - timedelta(days=day)) for day in range(5)),
            *(search(visitor, "zeppelin", results=0) for visitor in many),
            *(search(visitor, "call [number]") for visitor in many),
            *(search(visitor, "") for visitor in many),
            *(search(visitor, "awd", later + timedelta(hours=1)) for visitor in range(20)),
            *(search(visitor, "boat", collection="boats") for visitor in many),
        ],
    )
    assert await popular(pool, "listings") == ["awd", "red suv"]
