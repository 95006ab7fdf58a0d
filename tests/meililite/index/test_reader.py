"""Documents, statistics and facet search of a committed version."""

import orjson
import pytest

from meililite.errors import ApiError
from tests.meililite.index.conftest import Asked, Build

DOCUMENTS = [
    {"id": i, "v": i % 3, "w": f"w{i}", "deep": {"a": 1, "b": [{"c": 1, "d": 2}]}} for i in range(6)
]


@pytest.fixture
def index(build: Build) -> Asked:
    return build(DOCUMENTS, filterableAttributes=["v"], sortableAttributes=["v", "id"])


def test_a_document_by_id_whole_or_in_part(index: Asked) -> None:
    assert orjson.loads(index.reader.document("3", None) or b"") == DOCUMENTS[3]
    assert index.reader.document("3", ["w"]) == b'{"w":"w3"}'
    assert index.reader.document("3", ["deep.b.c"]) == b'{"deep":{"b":[{"c":1}]}}'
    assert index.reader.document("nope", None) is None


def test_pages_of_documents(index: Asked) -> None:
    request = {"filter": "v = 1", "sort": ["id:desc"], "fields": ["id"], "limit": 1, "offset": 1}
    assert orjson.loads(index.reader.documents(request)) == {
        "results": [{"id": 1}],
        "offset": 1,
        "limit": 1,
        "total": 2,
    }
    chosen = orjson.loads(index.reader.documents({"ids": ["4", "x", "2"], "fields": ["id"]}))
    assert chosen["results"] == [{"id": 2}, {"id": 4}]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"filter": "nope = 1"}, "invalid_document_filter"),
        ({"filter": 3}, "invalid_document_filter"),
        ({"filter": [["a", 1]]}, "invalid_document_filter"),
        ({"sort": ["w:asc"]}, "invalid_document_sort"),
    ],
)
def test_bad_requests_for_documents_are_refused(
    index: Asked, request_: dict[str, object], code: str
) -> None:
    with pytest.raises(ApiError) as caught:
        index.reader.documents(request_)
    assert caught.value.code == code


def test_statistics(index: Asked) -> None:
    stats = index.reader.stats()
    assert stats["numberOfDocuments"] == 6
    assert stats["fieldDistribution"] == {"deep": 6, "id": 6, "v": 6, "w": 6}


def test_messages_name_the_index_when_the_request_does(index: Asked) -> None:
    with pytest.raises(ApiError, match=r"^Index `cars`: Attribute `nope` is not filterable"):
        index.search(filter="nope = 1", indexUid="cars")


@pytest.mark.parametrize(
    ("settings", "name", "message"),
    [
        ({"facetSearch": False}, "v", "The facet search is disabled for this index"),
        ({}, "v", "This index does not have configured facet-searchable attributes"),
        ({"filterableAttributes": ["w"]}, "v", "Available facet-searchable attributes patterns"),
        ({"filterableAttributes": [{"attributePatterns": ["v"]}]}, "v", "matches rule #0"),
    ],
)
def test_facets_that_cannot_be_searched(
    build: Build, settings: dict[str, object], name: str, message: str
) -> None:
    with pytest.raises(ApiError) as caught:
        build(DOCUMENTS, **settings).reader.facet_search({"facetName": name})
    assert message in caught.value.message


def test_distinct_wants_a_filterable_field(build: Build) -> None:
    rule = {"attributePatterns": ["v"], "features": {"filter": {"equality": False}}}
    for settings, message in (
        ({}, "This index does not have configured filterable attributes"),
        ({"filterableAttributes": ["w"]}, "Available filterable attributes patterns are: `w`"),
        ({"filterableAttributes": [rule]}, "matches rule #0"),
    ):
        with pytest.raises(ApiError) as caught:
            build(DOCUMENTS, **settings).search(distinct="v")
        assert message in caught.value.message


def test_distinct_on_lists_and_without_words(build: Build) -> None:
    documents = [{"id": i, "t": t} for i, t in enumerate([["a", "b"], ["b", "c"], ["c"], []])]
    index = build(documents, filterableAttributes=["t"], distinctAttribute="t")
    assert index.ids() == [0, 2, 3]


def test_places_are_checked_when_they_are_read(build: Build) -> None:
    for place, message in (
        ("x", "is not an object"),
        ({}, "Could not find latitude nor longitude"),
        ({"lat": "a", "lng": "b"}, "Could not parse latitude nor longitude"),
        ({"lat": "1", "lng": None}, "Could not parse longitude"),
        ({"lat": 1, "lng": 2, "alt": 3}, "unexpected fields"),
    ):
        with pytest.raises(ApiError) as caught:
            build([{"id": 1, "_geo": place}], sortableAttributes=["_geo"])
        assert message in caught.value.message
    index = build([{"id": 1, "_geo": {"lat": "1.5", "lng": 2}}], filterableAttributes=["_geo"])
    assert index.ids(filter="_geoRadius(1.5, 2, 1)") == [1]
    assert index.ids(filter="_geoBoundingBox([2, 3], [1, 1])") == [1]
    assert index.ids(filter="_geoBoundingBox([2, -170], [1, 170])") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("_geoRadius(91, 0, 1)", "Bad latitude `91`"),
        ("_geoRadius(0, 0, 1, 2)", "Invalid resolution `2`"),
        ("_geoBoundingBox([1, 2], [3, 4])", "The top latitude `1` is below"),
        ("_geoBoundingBox([1, 2])", "expects two pairs of arguments"),
        ("_geoBoundingBox([1, 2], [1])", "Was expecting 2 coordinates but instead found 1"),
        ("_geoPolygon([1, 2], [3, 4])", "expects at least 3 points but only 2"),
        ("_geoPolygon([1, 2], [3, 4], [5, 6])", "Attribute `_geojson` is not filterable"),
        ("_geoPoint(1, 2)", "`_geoPoint` is a reserved keyword"),
        ("v = _geoRadius(1, 2, 3)", "The `_geoRadius` filter is an operation"),
    ],
)
def test_areas_are_checked(build: Build, text: str, message: str) -> None:
    index = build([{"id": 1, "v": 1}], filterableAttributes=["_geo", "v"])
    with pytest.raises(ApiError) as caught:
        index.search(filter=text)
    assert message in caught.value.message
