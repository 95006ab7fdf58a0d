import asyncpg
import pytest

from catalog.database import connect
from jobs import forgetting
from jobs.forgetting import KEPT, forget_searches

# One of each day, a minute older than so many days.
FILL = """
WITH days AS (SELECT n, now() - n * interval '1 day' - interval '1 min' AS at
              FROM generate_series(0, $1::int) n),
searches AS (INSERT INTO search_events
             SELECT gen_random_uuid(), at, 'listings', n, 'q', '{}', 0, 1 FROM days),
clicks AS (INSERT INTO listing_events (at, query_id, kind, key, position)
           SELECT at, gen_random_uuid(), 'click', 'K', n + 1 FROM days)
INSERT INTO event_losses (at, events) SELECT at, n FROM days
"""


async def oldest(pool: asyncpg.Pool) -> list[int]:
    """The age of the oldest row of each table in days."""
    ages = []
    for table in forgetting.TABLES:
        age = f"SELECT extract(day FROM now() - min(at))::int FROM {table}"
        ages.append(await pool.fetchval(age))
    return ages


async def test_searches_are_forgotten_a_piece_at_a_time(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "MOST", 4)
    async with connect(postgres_url) as pool:
        await pool.execute(FILL, KEPT.days + 5)
        assert [await forget_searches(pool) for _ in range(3)] == [12, 6, 0]
        assert await oldest(pool) == [KEPT.days - 1] * 3
