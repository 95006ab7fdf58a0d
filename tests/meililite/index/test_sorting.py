"""Sorts order as a plain evaluator does."""

import math
import tempfile
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.errors import ApiError
from meililite.index import sorting
from tests.meililite.index import plain
from tests.meililite.index.conftest import Build, build_index
from tests.meililite.index.documents import SETTINGS, documents

orders = st.lists(
    st.tuples(st.sampled_from(["make", "price", "tags", "dealer.rating"]), st.booleans()),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=60)
@given(documents=documents, orders=orders, limit=st.integers(1, 12))
def test_orders_as_the_plain_evaluator_does(
    documents: list[dict[str, Any]], orders: list[tuple[str, bool]], limit: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(Path(folder), documents, SETTINGS)
        wanted = sorted(
            documents,
            key=lambda d: [plain.sort_key(d, path, descending=down) for path, down in orders],
        )
        sort = [f"{path}:{'desc' if down else 'asc'}" for path, down in orders]
        hits = index.search(sort=sort, limit=limit)["hits"]
        assert [hit["id"] for hit in hits] == [d["id"] for d in wanted][:limit]


@settings(deadline=None, max_examples=40)
@given(documents=documents, lat=st.integers(-80, 80), lng=st.integers(-170, 170))
def test_orders_by_distance(documents: list[dict[str, Any]], lat: int, lng: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(Path(folder), documents, SETTINGS)
        hits = index.search(sort=[f"_geoPoint({lat}, {lng}):asc"], limit=100)["hits"]
        known = [hit["_geoDistance"] for hit in hits if hit.get("_geo")]
        assert known == sorted(known)
        for hit in hits[: len(known)]:
            assert abs(hit["_geoDistance"] - plain.distance(hit["_geo"], lat, lng)) <= 1
        assert all("_geoDistance" not in hit for hit in hits[len(known) :])


def test_places_within_a_metre_are_ties(build: Build) -> None:
    near, far = {"lat": 0, "lng": 0.000001}, {"lat": 0, "lng": 1}
    documents = [
        {"id": 1, "_geo": near, "p": 2},
        {"id": 2, "_geo": {"lat": 0, "lng": 0}, "p": 1},
        {"id": 3, "_geo": far, "p": 0},
    ]
    index = build(documents, sortableAttributes=["_geo", "p"])
    assert index.ids(sort=["_geoPoint(0, 0):asc", "p:asc"]) == [2, 1, 3]
    assert index.ids(sort=["_geoPoint(0, 0):desc", "p:asc"]) == [3, 2, 1]


def test_distances_are_compared_among_ties(build: Build) -> None:
    metre = 1 / 111_195  # in degrees
    documents = [
        {"id": 1, "_geo": {"lat": 0, "lng": 0}, "p": 1},
        {"id": 2, "_geo": {"lat": 0, "lng": 1.2 * metre}, "p": 2},
        {"id": 3, "_geo": {"lat": 0, "lng": 0.5 * metre}, "p": 2},
        {"id": 4, "_geo": {"lat": 0, "lng": 3 * metre}, "p": 1},
    ]
    index = build(documents, sortableAttributes=["_geo", "p"])
    assert index.ids(sort=["p:asc", "_geoPoint(0, 0):asc"]) == [1, 4, 2, 3]


@given(keys=st.lists(st.integers(0, 9)), first=st.integers(1, 4))
def test_keys_come_in_order_and_equal_ones_together(keys: list[int], first: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_FIRST", first)
        patch.setattr(sorting, "_MORE", 2)
        chunks = [chunk.tolist() for chunk in sorting.ascending(np.array(keys, np.uint16))]
    assert [*chain(*chunks)] == sorted(range(len(keys)), key=lambda place: keys[place])
    for before, after in pairwise(chunk for chunk in chunks if chunk):
        assert keys[before[-1]] < keys[after[0]]


metres = st.lists(st.one_of(st.none(), st.integers(0, 60).map(lambda tenths: tenths / 10)))


@given(metres=metres, first=st.integers(1, 4), most=st.integers(1, 4))
def test_what_lies_within_a_metre_of_the_first_is_one_rank(
    metres: list[float | None], first: int, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_FIRST", first)
        patch.setattr(sorting, "_MAX_BUCKET", most)
        found = sorting.nearby(np.array([math.nan if m is None else m for m in metres]))
        ranks = [places.tolist() for places in found if len(places)]
    known = [(m, place) for place, m in enumerate(metres) if m is not None]
    wanted: list[list[tuple[float, int]]] = []
    for metre, place in sorted(known):
        if wanted and metre <= wanted[-1][0][0] + 1 and len(wanted[-1]) < most:
            wanted[-1].append((metre, place))
        else:
            wanted.append([(metre, place)])
    places = [sorted(place for _, place in rank) for rank in wanted]
    unknown = [place for place, m in enumerate(metres) if m is None]
    assert ranks == [*places, *([unknown] if unknown else [])]


@pytest.mark.parametrize(
    ("sort", "message"),
    [
        ("price", "expected expression ending by `:asc` or `:desc`, found `price`"),
        ("nope:asc", "Attribute `nope` is not sortable. Available sortable attributes are: `p`."),
        ("_geoPoint(1, 200):asc", "Bad longitude `200`"),
        ("_geoPoint(x):asc", "expected expression formated like `_geoPoint(latitude"),
        ("_geoRadius(1, 2, 3):asc", "`_geoRadius` is a reserved keyword"),
    ],
)
def test_says_what_is_wrong_with_a_sort(build: Build, sort: str, message: str) -> None:
    index = build([{"id": 1, "p": 1}], sortableAttributes=["p"])
    with pytest.raises(ApiError) as caught:
        index.search(sort=[sort])
    assert message in caught.value.message


def test_distinct_keeps_the_best_of_each_value(build: Build) -> None:
    documents = [
        {"id": i, "make": m, "p": p}
        for i, (m, p) in enumerate([("a", 3), ("b", 2), ("a", 1), (None, 5), (None, 4)])
    ]
    index = build(documents, sortableAttributes=["p"], filterableAttributes=["make"])
    assert index.ids(sort=["p:asc"], distinct="make") == [2, 1, 4, 3]
    answer = index.search(sort=["p:asc"], distinct="make", hitsPerPage=2, page=1)
    assert (answer["totalHits"], answer["totalPages"]) == (4, 2)
