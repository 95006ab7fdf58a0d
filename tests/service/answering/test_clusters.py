"""Clusters of made-up places, counted as the engine would: its most frequent 300 cells a level."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import grid
from catalog.grid import Box
from service.answering.clusters import counted, fields
from service.answering.results import Result
from tests.service.answering.made import result

MOST_VALUES = 300  # maxValuesPerFacet
WORLD = Box(-90, -180, 90, 180)
CHICAGO = Box(41.4, -88.5, 42.3, -87.2)

edges = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


def distribution(places: list[tuple[float, float]], asked: list[str]) -> Result:
    told = {}
    for level in grid.LEVELS:
        if grid.field(level) in asked:
            cells = Counter(str(grid.cell(*place, level)) for place in places)
            told[grid.field(level)] = dict(cells.most_common(MOST_VALUES))
    return result(facetDistribution=told)


def clusters(box: Box, zoom: int, places: list[tuple[float, float]]) -> list[dict]:
    return counted(box, zoom, distribution(places, fields(box, zoom)))


def spread(box: Box, side: int) -> list[tuple[float, float]]:
    """`side` times `side` places all over the box."""
    steps = [(step + 0.5) / side for step in range(side)]
    return [
        (box.south + (box.north - box.south) * up, box.west + (box.east - box.west) * across)
        for up in steps
        for across in steps
    ]


@given(st.lists(edges, max_size=400), edges, edges, st.integers(0, 24))
def test_every_result_on_the_map_is_in_one_cluster(places, one, other, zoom):
    (south, north), (west, east) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    box = Box(south, west, north, east)
    inside = [(a, b) for a, b in places if south <= a <= north and west <= b <= east]
    found = clusters(box, zoom, inside)
    assert sum(cluster["count"] for cluster in found) == len(inside)
    for cluster in found:
        west, south, east, north = cluster["bounds"]
        assert cluster["count"] <= sum(
            west - 1e-9 <= lng <= east + 1e-9 and south - 1e-9 <= lat <= north + 1e-9
            for lat, lng in inside
        )
        assert west <= cluster["lng"] <= east
        assert south <= cluster["lat"] <= north


@pytest.mark.parametrize("zoom", range(25))
def test_however_much_is_on_a_map_the_clusters_are_few_and_whole(zoom: int):
    places = spread(CHICAGO, 100)
    found = clusters(CHICAGO, zoom, places)
    assert 1 <= len(found) <= 300
    assert sum(cluster["count"] for cluster in found) == len(places)


def test_few_places_are_told_where_they_are():
    loop, milwaukee = (41.8858, -87.6181), (43.0506, -87.8968)
    found = clusters(Box(40, -90, 44, -86), 7, [loop, loop, milwaukee])
    assert [cluster["count"] for cluster in found] == [2, 1]
    for cluster, (lat, lng) in zip(found, (loop, milwaukee), strict=True):
        assert cluster["lat"] == pytest.approx(lat, abs=0.0002)
        assert cluster["lng"] == pytest.approx(lng, abs=0.0002)
        west, south, east, north = cluster["bounds"]
        assert east - west < 0.001
        assert north - south < 0.001


def test_a_cluster_is_a_quarter_of_a_tile_wide_where_few_places_are_on_the_map():
    side = 360 / 2**7 / 4
    places = [(41.9, -87.6), (41.9, -87.6 + side), (41.9, -87.6 + side / 100)]
    found = clusters(Box(40, -90, 44, -86), 7, places)
    assert [cluster["count"] for cluster in found] == [2, 1]
    assert found[0]["lng"] == pytest.approx(-87.6 + side / 200, abs=0.0004)


def test_a_map_at_its_closest_shows_each_place():
    places = spread(Box(41.88, -87.63, 41.884, -87.625), 5)
    assert len(clusters(Box(41.88, -87.63, 41.884, -87.625), 18, places)) == 25


def test_a_wide_map_is_counted_coarsely_whatever_zoom_it_claims():
    places = spread(WORLD, 40)
    assert grid.field(4) in fields(WORLD, 24)
    assert 200 < len(clusters(WORLD, 24, places)) <= 256


def test_nothing_is_nowhere():
    assert counted(CHICAGO, 9, result()) == []


def test_at_most_three_levels_are_asked_for():
    assert fields(CHICAGO, 5) == ["grid.z8", "grid.z12", "grid.z20"]
    assert fields(WORLD, 0) == ["grid.z4", "grid.z20"]
    assert fields(CHICAGO, 24) == ["grid.z12", "grid.z20"]
