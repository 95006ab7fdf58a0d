"""Mileages and years, as sellers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.normalise.numbers import (
    MILES_IN_A_KILOMETER,
    MOST_MILES,
    mileage,
    year,
)

miles = st.integers(0, MOST_MILES)


@pytest.mark.parametrize(
    ("text", "unit", "read"),
    [
        ("13k", None, 13_000),
        ("52,777 miles", None, 52_777),
        ("4,120", "SMI", 4_120),
        ("12,345.6", None, 12_346),
        ("100,000+ miles", None, 100_000),
        ("Odometer: 12345", None, 12_345),
        ("120000 km", None, 74_565),
        ("120.000 km", None, 74_565),
        ("120'000 kilometres", None, 74_565),
        ("45000 Kilometers", None, 27_962),
        ("120000", "KMT", 74_565),
        ("km 100 000", None, 62_137),
        ("13K km", None, 8_078),
        ("50,000 mi", "KM", 50_000),
    ],
)
def test_miles(text: str, unit: str | None, read: int) -> None:
    assert mileage(text, unit) == (read, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("400001", "mileage/out_of_range"),
        ("-5", "mileage/out_of_range"),
        ("50,000 - 60,000", "mileage/unreadable"),
        ("23.4 kmpl", "mileage/unreadable"),
        ("25 MPG", "mileage/unreadable"),
        ("17 km/kg", "mileage/unreadable"),
        ("Not available", None),
        ("", None),
        (None, None),
    ],
)
def test_no_miles(text: str | None, problem: str | None) -> None:
    assert mileage(text) == (None, problem)


@given(miles, st.sampled_from(["{}", "{:,}", "{:,} miles", "{} mi.", "{}.0", "{:,} mi"]))
def test_a_mileage_is_read_back_however_it_is_written(value: int, form: str) -> None:
    assert mileage(form.format(value)) == (value, None)


@given(st.integers(0, 640_000))
def test_kilometers_become_miles(kilometers: int) -> None:
    read, problem = mileage(f"{kilometers:,} km")
    assert problem is None
    assert read is not None
    assert abs(read - kilometers * MILES_IN_A_KILOMETER) <= 0.5


@given(st.text(max_size=40), st.sampled_from([None, "KM", "MI"]))
def test_a_mileage_is_within_bounds_or_none(text: str, unit: str | None) -> None:
    value, _ = mileage(text, unit)
    assert value is None or 0 <= value <= MOST_MILES


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2019", (2019, None)),
        ("2019.0", (2019, None)),
        ("05/2018", (2018, None)),
        ("2018-05-01", (2018, None)),
        ("01.05.2018", (2018, None)),
        ("12,5.2018", (None, "year/unreadable")),
        ("1899", (None, "year/out_of_range")),
        ("2099", (None, "year/out_of_range")),
        ("19", (None, "year/unreadable")),
        ("", (None, None)),
    ],
)
def test_years(text: str, read: tuple[int | None, str | None]) -> None:
    assert year(text) == read
