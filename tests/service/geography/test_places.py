import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from service.geography.places import EARTH_RADIUS, Place, distance, place_of_zip

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def test_the_loop_is_in_chicago():
    assert place_of_zip("60601") == Place(41.8858, -87.6181, "60601", "Chicago", "IL")


def test_a_zip_code_that_does_not_exist_has_no_place():
    assert place_of_zip("00000") is None


@pytest.mark.parametrize(
    ("point", "place", "metres"),
    [
        # What Meilisearch 1.50 answered as `_geoDistance`.
        ((41.7817, -124.1332), (38.9, -77.0), 3957424),
    ],
)
def test_distances_are_the_engines(point, place, metres):
    assert distance(*point, Place(*place)) == metres


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_that_of_geopy_on_the_same_sphere(lat, lng, other_lat, other_lng):
    expected = great_circle((lat, lng), (other_lat, other_lng), radius=EARTH_RADIUS / 1000).m
    assert distance(lat, lng, Place(other_lat, other_lng)) == pytest.approx(expected, abs=1)
