"""Suggestions follow the index, and stay while the search server is away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from catalog.cars import CARS
from engine import version
from engine.client import Engine
from service.suggesting import suggester
from service.suggesting.suggester import Suggester
from tests.conftest import Meili

SECONDS = 60


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggester, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(suggester, "SHARE", 0)


@asynccontextmanager
async def kept(engine: Engine, valkey: Redis | None) -> AsyncIterator[Suggester]:
    made = Suggester(CARS)
    keeping = asyncio.create_task(made.keep(engine, valkey))
    try:
        yield made
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def put(engine: Engine, *documents: dict) -> None:
    settings = {"filterableAttributes": [facet.field for facet in CARS.facets.values()]}
    for method, path, body in (
        ("PATCH", f"/indexes/{CARS.index}/settings", settings),
        ("POST", f"/indexes/{CARS.index}/documents?primaryKey=id", list(documents)),
    ):
        task = await engine.call(method, path, json=body)
        assert (await engine.wait(task["taskUid"]))["status"] == "succeeded"


def counts(made: Suggester, typed: str) -> dict[str, int]:
    return {one["text"]: one["count"] for one in made.suggest(typed, 10) if one["kind"] == "make"}


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - a look at another task's state
            await asyncio.sleep(0.01)


async def test_they_are_read_again_when_the_version_changed_and_only_then(
    meili: Meili, valkey_url: str
) -> None:
    valkey = version.connect(valkey_url)
    async with Engine(meili.url, meili.key) as engine:
        await put(engine, {"id": "A", "make": "Kia"})
        await version.publish(valkey, CARS.name, 1)
        async with kept(engine, valkey) as made:
            await until(lambda: made._version == 1)
            assert counts(made, "kia") == {"Kia": 1}
            calls = engine.measures["POST /multi-search"].count
            await put(engine, {"id": "B", "make": "Kia"}, {"id": "C", "make": "Kiawah"})
            await asyncio.sleep(0.1)
            assert engine.measures["POST /multi-search"].count == calls
            assert counts(made, "kia") == {"Kia": 1}
            await version.publish(valkey, CARS.name, 2)
            await until(lambda: counts(made, "kia") == {"Kia": 2, "Kiawah": 1})
    await valkey.aclose()


async def test_without_valkey_they_are_read_at_the_start_and_stay(meili: Meili) -> None:
    async with Engine(meili.url, meili.key) as engine:
        await put(engine, {"id": "A", "make": "Kia"})
        async with kept(engine, None) as made:
            await until(lambda: bool(counts(made, "kia")))


async def test_they_stay_while_the_search_server_is_away(meili: Meili) -> None:
    async with Engine(meili.url, meili.key) as engine, Engine("http://127.0.0.1:9", "") as away:
        await put(engine, {"id": "A", "make": "Kia"})
        made = Suggester(CARS)
        await made._refresh(engine, 1)
        before = counts(made, "kia")
        assert before
        await made._refresh(away, 2)
        assert counts(made, "kia") == before
        assert made._version == 1, "it is tried again"
