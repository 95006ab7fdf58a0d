"""What documents are counted by in histograms and on maps is the same in the view and in Python."""

import json
import math
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import grid
from catalog.cars import CARS
from catalog.database import connect
from config.settings import ROOT

latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
levels = st.sampled_from(grid.LEVELS)

CORNERS = [
    (lat, lng)
    for lat in (-90.0, -85.06, -grid.NORTHMOST, -0.0, 0.0, grid.NORTHMOST, 85.06, 90.0)
    for lng in (-180.0, -0.0, 0.0, 179.999999999, 180.0)
]
SOMEWHERE = [(41.8858, -87.6181), (21.3, -157.85), (64.84, -147.72), (-33.9, 151.2), (18.4, -66.1)]


@pytest.fixture
async def db(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(postgres_url) as pool:
        await pool.execute("DELETE FROM listings; DELETE FROM outbox")
        yield pool


async def documents(db: asyncpg.Pool, columns: str, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The documents of listings with these columns, in the order of the rows."""
    keyed = [(f"{number:06}", *row) for number, row in enumerate(rows)]
    marks = ", ".join(f"${number}" for number in range(1, 2 + len(columns.split(","))))
    await db.executemany(
        f"INSERT INTO listings (active, key, {columns}) VALUES (true, {marks})", keyed
    )
    found = await db.fetch(f"SELECT body FROM {CARS.view} ORDER BY id")
    return [row["body"] for row in found]


@pytest.mark.parametrize("bound", CARS.ranges, ids=lambda bound: bound.name)
async def test_the_view_puts_values_into_the_buckets_that_are_declared(db, bound):
    buckets = bound.buckets
    near = {start + step for start in buckets.starts for step in (-1, 0, 1)}
    values = sorted(value for value in near | {0} if value >= -1)
    above, _, name = buckets.field.rpartition(".")
    for value, document in zip(
        values, await documents(db, bound.name, [(value,) for value in values]), strict=True
    ):
        counted = (document[above] if above else document)[name]
        assert buckets.place(counted) == buckets.place(value)
        if above:  # several values share one bucket, which is named by its start
            assert counted == buckets.starts[buckets.place(value)]


async def test_what_is_not_known_is_in_no_bucket_and_in_no_cell(db):
    (document,) = await documents(db, "price, mileage, lat, lng", [(None, None, None, None)])
    assert document["buckets"] == {"price": None, "mileage": None}
    assert document["grid"] is None


@pytest.mark.parametrize("bound", CARS.ranges, ids=lambda bound: bound.name)
def test_no_histogram_has_more_spans_than_the_engine_counts(bound):
    settings = json.loads((ROOT / "meilisearch-settings.json").read_text())[CARS.index]
    starts = bound.buckets.starts
    assert all(first < second for first, second in pairwise(starts))
    assert len(starts) <= settings["faceting"]["maxValuesPerFacet"]


async def test_the_view_puts_places_into_the_cells_of_the_grid(db):
    places = CORNERS + SOMEWHERE
    found = await documents(db, "lat, lng", places)
    assert [document["grid"] for document in found] == [grid.cells(*place) for place in places]


@given(latitudes, longitudes, levels)
def test_a_place_lies_in_its_cell(lat: float, lng: float, level: int):
    number = grid.cell(lat, lng, level)
    box = grid.box(number, level)
    assert 0 <= number < 4**level
    assert box.west - 1e-9 <= lng <= box.east + 1e-9
    bounded = max(-grid.NORTHMOST, min(grid.NORTHMOST, lat))
    assert box.south - 1e-9 <= bounded <= box.north + 1e-9


@given(latitudes, longitudes)
def test_each_level_divides_the_one_before(lat: float, lng: float):
    finest = grid.LEVELS[-1]
    for coarser in range(grid.LEVELS[0], finest + 1):
        outer = grid.cell(lat, lng, coarser)
        assert grid.above(grid.cell(lat, lng, finest), finest, coarser) == outer


@given(latitudes, latitudes, longitudes, longitudes, levels, st.data())
def test_no_area_has_more_cells_than_are_counted(south, north, west, east, level, data):
    area = grid.Box(min(south, north), west, max(south, north), east)
    width = east - west if west <= east else east - west + 360
    inside = st.tuples(
        st.floats(area.south, area.north),
        st.floats(0, 1).map(lambda share: (west + share * width + 180) % 360 - 180),
    )
    points = [*data.draw(st.lists(inside, max_size=40)), (south, west), (north, east)]
    cells = {grid.cell(*point, level) for point in points}
    assert len(cells) <= grid.count(area, level)


@pytest.mark.parametrize(
    ("area", "level", "cells"),
    [
        (grid.Box(-90, -180, 90, 180), 4, 256),
        (grid.Box(40, -88, 40, -88), 10, 1),
        (grid.Box(-1, -1, 1, 1), 20, 2 * math.ceil(2**20 / 360) * 2 * math.ceil(2**20 / 360)),
        (grid.Box(-1, 170, 1, -170), 4, 2 * 2),
        (grid.Box(-1, -170, 1, 170), 4, 16 * 2),
        (grid.Box(-1, -169, 1, -170), 4, 16 * 2),
    ],
)
def test_the_cells_of_an_area_are_counted(area: grid.Box, level: int, cells: int):
    assert grid.count(area, level) == cells
