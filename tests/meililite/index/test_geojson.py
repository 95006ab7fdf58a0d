"""Shapes: what touches an area."""

import pytest

from meililite.errors import ApiError
from meililite.index.geojson import contains, parse_shape
from tests.meililite.index.conftest import Build

SQUARE = "_geoPolygon([0, 0], [0, 10], [10, 10], [10, 0])"
SHAPES = {
    "inside": {"type": "Point", "coordinates": [5, 5]},
    "outside": {"type": "Point", "coordinates": [11, 5]},
    "crossing": {"type": "LineString", "coordinates": [[5, -5], [5, 15]]},
    "around": {
        "type": "Polygon",
        "coordinates": [[[-9, -9], [20, -9], [20, 20], [-9, 20], [-9, -9]]],
    },
    "hole": {
        "type": "Polygon",
        "coordinates": [
            [[-30, -30], [40, -30], [40, 40], [-30, 40], [-30, -30]],
            [[-20, -20], [30, -20], [30, 30], [-20, 30], [-20, -20]],
        ],
    },
    "feature": {
        "type": "Feature",
        "geometry": {"type": "MultiPoint", "coordinates": [[99, 0], [1, 1]]},
    },
}


def test_finds_shapes_that_touch_a_polygon(build: Build) -> None:
    documents = [{"id": name, "_geojson": shape} for name, shape in SHAPES.items()]
    index = build([*documents, {"id": "none"}], filterableAttributes=["_geojson"])
    assert index.ids(filter=SQUARE) == ["inside", "crossing", "around", "feature"]
    assert index.ids(filter=f"NOT {SQUARE}") == ["outside", "hole", "none"]
    assert index.ids(filter="_geoRadius(5, 5, 1000)") == ["inside", "crossing", "around"]
    assert "inside" in index.ids(filter="_geoBoundingBox([6, 6], [4, 4])")


def test_the_border_belongs_to_a_ring() -> None:
    ring = [(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (4.0, 0.0)]
    assert contains(ring, (0.0, 2.0))
    assert contains(ring, (2.0, 2.0))
    assert not contains(ring, (2.0, 4.1))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("x", 'Expected an owned Object, but got `"x"`'),
        ({"type": "Point"}, "Expected a GeoJSON property for `coordinates`, but got None"),
        ({"type": "Circle"}, "Expected a Feature, FeatureCollection, or Geometry"),
        ({}, "Expected a GeoJSON property for `type`, but got None"),
        ({"type": "Point", "coordinates": 3}, "A position must contain two or more elements"),
    ],
)
def test_bad_shapes_are_refused(shape: object, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_shape(shape)
    assert caught.value.message.startswith(message)
