"""Every count of an answer is what SQL counts in the tables that the index was made of."""

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from catalog.database import connect
from config.settings import Settings, load
from engine.client import Engine
from tests.indexer.conftest import Stage
from tests.service.truth import rows
from tests.service.truth.searches import FACETS, RANGES, Asked, search
from tests.service.truth.sql import Truth

CARS = 1_500
SEED = 20260101
FEW, MANY = 30, 500
MOST_VALUES = 300  # maxValuesPerFacet: beyond, cells of a level may be untold
LEVELS = (4, 6, 8, 10, 12, 14, 16, 18, 20)
A_CELL = 360 / 2**20  # degrees
EDGE = 2e-6  # degrees by which the bounds of an answer are rounded


@pytest.fixture(scope="module")
def settings(postgres_url: str, valkey_server: str, meili: Any) -> Settings:
    """Of servers whose index was made of the stock by the indexer."""
    made = load(
        database_url=postgres_url,
        redis_url=valkey_server,
        meili_url=meili.url,
        meili_master_key=meili.key,
    )

    async def index() -> None:
        async with connect(postgres_url) as db, Engine(meili.url, meili.key) as engine:
            await rows.fill(db, CARS, SEED)
            stage = Stage(made, db, engine)
            async with stage.indexing():
                await stage.settled(seconds=90)
            assert await stage.differing() == {}

    asyncio.run(index())
    return made


@pytest.fixture(scope="module")
def api_url(
    settings: Settings, serve: Callable[[Settings], AbstractContextManager[httpx.Client]]
) -> Iterator[str]:
    with serve(settings) as client:
        yield str(client.base_url)


async def check(api_url: str, settings: Settings, numbers: range) -> int:
    """Compare the searches of these numbers; how many results they had."""
    found = 0
    async with (
        connect(str(settings.database_url)) as db,
        httpx.AsyncClient(base_url=api_url, timeout=30) as client,
    ):
        for number in numbers:
            asked = search(number)
            response = await client.get("/api/v1/listings", params=asked.parameters())
            assert response.status_code == 200, response.text
            answer = response.json()
            await compare(answer, Truth(db, asked), str(response.url))
            found += answer["meta"]["total"]
    return found


async def compare(answer: dict[str, Any], truth: Truth, url: str) -> None:
    assert answer["meta"]["total"] == await truth.total(), url
    assert answer["facets"].keys() == FACETS.keys()
    assert answer["ranges"].keys() == RANGES.keys()
    for name, values in answer["facets"].items():
        counted = {one["value"]: one["count"] for one in values if one["count"]}
        assert counted == {one["value"]: one["count"] for one in await truth.facet(name)}, (
            url,
            name,
        )
    for name, told in answer["ranges"].items():
        assert told == await truth.range(name), (url, name)
    assert answer.get("rings") == await truth.rings(), url
    assert ("clusters" in answer) == (truth.asked.zoom is not None), url
    if truth.asked.zoom is not None:
        assert sum(one["count"] for one in answer["clusters"]) == answer["meta"]["total"], url
        await compare_clusters(answer["clusters"], truth, truth.asked.zoom, url)


async def compare_clusters(
    clusters: list[dict[str, Any]], truth: Truth, zoom: int, url: str
) -> None:
    """Clusters are the cells of one level: a quarter of a tile, if so many can be told."""
    fitting = min(zoom + 2, LEVELS[-1])
    stored = min(level for level in LEVELS if level >= fitting)
    whole = len(await truth.cells(stored)) <= MOST_VALUES
    coarser = [level for level in LEVELS if level < fitting]
    for level in [fitting] if whole else reversed(coarser):
        cells = {(row["x"], row["y"]): row for row in await truth.cells(level)}
        if len(cells) == len(clusters):
            break
    told = {cell(one["lat"], one["lng"], level): one for one in clusters}
    assert {at: one["count"] for at, one in told.items()} == {
        at: row["count"] for at, row in cells.items()
    }, url
    exact = len(await truth.cells(LEVELS[-1])) <= MOST_VALUES
    for at, one in told.items():
        holds_all(one, cells[at], A_CELL if exact else math.inf, url)


def holds_all(cluster: dict[str, Any], row: Any, slack: float, url: str) -> None:
    """A cluster's bounds are around its cars, no wider than they have to be, its place between."""
    west, south, east, north = cluster["bounds"]
    assert -EDGE <= row["west"] - west <= slack + EDGE, url
    assert -EDGE <= east - row["east"] <= slack + EDGE, url
    assert -EDGE <= row["south"] - south <= slack + EDGE, url
    assert -EDGE <= north - row["north"] <= slack + EDGE, url
    if slack < math.inf:
        assert cluster["lat"] == pytest.approx(row["lat"], abs=slack), url
        assert cluster["lng"] == pytest.approx(row["lng"], abs=slack), url


def cell(lat: float, lng: float, level: int) -> tuple[int, int]:
    """Column and row of the map's tile that a place is in."""
    up = math.log(math.tan(math.radians(lat)) + 1 / math.cos(math.radians(lat))) / math.pi
    return int((lng + 180) / 360 * 2**level), int((1 - up) / 2 * 2**level)


async def test_counts_are_those_of_sql(api_url: str, settings: Settings):
    assert await check(api_url, settings, range(FEW)) > FEW


@pytest.mark.prove
@pytest.mark.timeout(600)
async def test_counts_of_500_searches_are_those_of_sql(api_url: str, settings: Settings):
    assert await check(api_url, settings, range(MANY)) > MANY


def test_the_searches_ask_for_everything():
    asked = [search(number) for number in range(FEW)]

    def used(part: Callable[[Asked], Any]) -> int:
        return sum(bool(part(one)) for one in asked)

    parts = (
        lambda one: one.q, lambda one: one.none, lambda one: one.some.get("feature"),
        lambda one: one.bounds.get("price"), lambda one: one.radius, lambda one: one.all_features,
        lambda one: one.place and not one.radius, lambda one: one.zoom is not None,
        lambda one: one.box and one.place, lambda one: one.box and one.box[0] > one.box[2],
    )  # fmt: skip
    assert all(used(part) for part in parts)
