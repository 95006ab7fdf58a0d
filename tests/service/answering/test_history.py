import asyncio
from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from catalog.database import connect
from config.settings import Settings


async def sell(postgres_url: str) -> None:
    """One car that got cheaper and one that was sold, as a crawl would write them."""
    async with connect(postgres_url) as pool:
        await pool.execute(
            "INSERT INTO sources (name, vertical, start_url, parser, every, precedence)"
            " VALUES ('lot', 'cars', 'http://lot.test', 'cards', 60, 1) ON CONFLICT DO NOTHING"
        )
        for key, prices in {"LIVE": (20000, None, 18500), "SOLD": (9000,)}.items():
            for price in prices:
                await pool.execute(
                    "INSERT INTO offers (source, external_id, listing_key, price, active)"
                    " VALUES ('lot', $1, $1, $2, true)"
                    " ON CONFLICT (source, external_id) DO UPDATE SET price = excluded.price",
                    key,
                    price,
                )
                await pool.execute("SELECT refresh_listings(ARRAY[$1])", key)
        await pool.execute("UPDATE offers SET active = false WHERE external_id = 'SOLD'")
        await pool.execute("SELECT refresh_listings(ARRAY['SOLD'])")


@pytest.fixture(scope="module")
def client(serve, postgres_url: str) -> Iterator[httpx.Client]:
    asyncio.run(sell(postgres_url))
    with serve(Settings(meili_url="http://127.0.0.1:9", database_url=postgres_url)) as client:
        yield client


def test_the_prices_of_a_listing_oldest_first(client: httpx.Client):
    answer = client.get("/api/v1/listings/LIVE/history").json()
    assert [change["price"] for change in answer["data"]] == [20000, None, 18500]
    times = [change["at"] for change in answer["data"]]
    assert times == sorted(times)
    assert all(time.endswith("Z") for time in times)
    assert answer["meta"] == {"key": "LIVE", "active": True}


def test_a_sold_listing_keeps_its_history(client: httpx.Client):
    answer = client.get("/api/v1/listings/SOLD/history").json()
    assert [change["price"] for change in answer["data"]] == [9000]
    assert answer["meta"] == {"key": "SOLD", "active": False}


def test_an_unknown_listing_has_none(client: httpx.Client):
    response = client.get("/api/v1/listings/NONE/history")
    assert response.status_code == 404
    assert response.json()["detail"] == "No listing with the key 'NONE' is known."


@pytest.mark.parametrize("key", ["a'; DROP TABLE listings; --", "%00", "é" * 300])
def test_any_key_is_only_a_key(client: httpx.Client, key: str):
    assert client.get(f"/api/v1/listings/{key}/history").status_code == 404
    assert client.get("/api/v1/listings/LIVE/history").status_code == 200


async def cut(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


def test_prices_are_there_again_after_the_database_was_away(client, postgres_url: str):
    assert client.get("/api/v1/listings/LIVE/history").status_code == 200
    asyncio.run(cut(postgres_url))
    first = client.get("/api/v1/listings/LIVE/history").status_code
    assert first in (200, 503)
    assert client.get("/api/v1/listings/LIVE/history").status_code == 200
