"""Prices, mileages and years, as sellers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.normalise.numbers import (
    MILES_IN_A_KILOMETER,
    MOST_DOLLARS,
    MOST_MILES,
    Money,
    mileage,
    money,
    year,
)

prices = st.integers(1, MOST_DOLLARS - 1)
miles = st.integers(0, MOST_MILES)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("$28.5k", 28_500),
        ("28,5k", 28_500),
        ("10499 USD", 10_499),
        ("US$ 12 500", 12_500),
        ("12345.0", 12_345),
        ("18500.000", 18_500),
        ("28.500,00", 28_500),
        ("$12,345.67", 12_346),
        ("1.2M", 1_200_000),
        ("Was $30,000 Now $28,500", 28_500),
        ("Now $28,500, was $30,000", 28_500),
        ("$28,500 $30,000", 28_500),
        ("$25k - $30k", 25_000),
        ("$25,000 ($500 below market)", 25_000),
        ("Save $2,000! $25,000", 25_000),
        ("$15,990 est. $250/mo", 15_990),
        ("$18,500 or $300 per month", 18_500),
        ("List $20,000, our price $18,000 after $1,500 rebate", 18_000),
        ("2019 Honda $9,999", 9_999),
        ("Price $22,900.00*", 22_900),
        ("$2,000 off $22,900", 22_900),
        ("$499 fee, $22,900", 22_900),
        ("22'900", 22_900),
    ],
)
def test_the_price_that_is_asked(text: str, price: int) -> None:
    assert money(text) == Money(price=price)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        None,
        "0",
        "$0.00",
        "Call",
        "CALL FOR PRICE",
        "Not Priced",
        "nan",
        "Contact dealer for price",
        "N/A",
    ],
)
def test_no_price_is_no_problem(text: str | None) -> None:
    assert money(text) == Money()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("From $299/mo", "price/per_month"),
        ("$1,299 per month", "price/per_month"),
        ("Starting at $199 a month for 36 months", "price/per_month"),
        ("18000 EUR", "price/currency"),
        ("€ 18.500", "price/currency"),
        ("C$20,000", "price/currency"),
        ("-500", "price/out_of_range"),
        ("10000000", "price/out_of_range"),
        ("$299 down", "price/unreadable"),
        ("$920 under", "price/unreadable"),
        ("$500 off", "price/unreadable"),
        ("cheap", "price/unreadable"),
    ],
)
def test_what_is_not_the_price(text: str, problem: str) -> None:
    assert money(text) == Money(problem=problem)


def test_the_makers_suggestion_is_not_what_is_asked() -> None:
    assert money("MSRP $35,120") == Money(msrp=35_120, problem="price/msrp_only")
    assert money("$31,990 MSRP: $35,120") == Money(price=31_990, msrp=35_120)
    assert money("MSRP: $35,120 Sale Price: $31,990") == Money(price=31_990, msrp=35_120)


@given(
    prices,
    st.sampled_from(
        [
            "{}",
            "${}",
            "{:,}",
            "${:,}",
            "{:,} USD",
            "Price: ${:,}",
            "{}.00",
            "${:,}.00 ",
            "Now ${:,}",
        ]
    ),
)
def test_a_price_is_read_back_however_it_is_written(price: int, form: str) -> None:
    assert money(form.format(price)).price == price


@given(prices, prices)
def test_now_wins_over_was(now: int, was: int) -> None:
    assert money(f"Was ${was:,} Now ${now:,}").price == now


@given(prices, prices)
def test_of_two_prices_the_lower_one_counts(one: int, other: int) -> None:
    assert money(f"${one:,} / ${other:,}").price == min(one, other)


@given(prices, st.sampled_from(["/mo", " / month", " per month", "/week", " a month", " monthly"]))
def test_a_payment_is_never_a_price(payment: int, period: str) -> None:
    assert money(f"${payment:,}{period}").price is None


@given(st.text(max_size=60))
def test_a_price_is_within_bounds_or_none(text: str) -> None:
    price, msrp, problem = money(text)
    assert price is None or (0 < price < MOST_DOLLARS and problem is None)
    assert msrp is None or 0 < msrp < MOST_DOLLARS


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
