"""Places in the USA."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.normalise.place import coordinates, place_of, place_of_city, state_code, zip_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("60601", "60601"),
        ("2134", "02134"),
        ("501", "00501"),
        ("60601.0", "60601"),
        ("2134.0", "02134"),
        ("60601-1234", "60601"),
        ("606011234", "60601"),
        ("SW1A 1AA", None),
        ("560001", None),
        ("12", None),
    ],
)
def test_zip_codes(text: str, code: str | None) -> None:
    assert zip_code(text) == code


@given(st.integers(100, 99_999))
def test_a_spreadsheets_lost_zeros_come_back(number: int) -> None:
    assert zip_code(str(number)) == f"{number:05d}"


def test_the_loop_is_in_chicago() -> None:
    place = place_of("60601")
    assert place is not None
    assert (place.city, place.state) == ("Chicago", "IL")
    assert place.lat == pytest.approx(41.886, abs=0.01)
    assert place.lng == pytest.approx(-87.618, abs=0.01)
    assert place_of("00000") is None


def test_a_city_is_the_middle_of_its_zip_codes() -> None:
    place = place_of_city("new york", "NY")
    assert place is not None
    assert place.lat == pytest.approx(40.75, abs=0.1)
    assert place_of_city("Atlantis", "NY") is None


def test_states_become_letters() -> None:
    assert [state_code(text) for text in ("il", "Illinois", "Bavaria")] == ["IL", "IL", "Bavaria"]


@pytest.mark.parametrize(
    ("lat", "lng", "point"),
    [
        ("41.9", "-87.6", (41.9, -87.6)),
        ("0", "0", None),
        ("0.0", "0.000", None),
        ("91", "0", None),
        ("41.9", None, None),
        ("nan", "1", None),
        ("x", "1", None),
    ],
)
def test_coordinates(lat: str, lng: str | None, point: tuple[float, float] | None) -> None:
    assert coordinates(lat, lng) == point
