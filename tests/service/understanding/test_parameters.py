import math
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import CARS
from service.http.problems import Problem
from service.understanding.parameters import MOST_VALUES, Values, parameters, read, split, unescaped

DECLARED = parameters(CARS)


def refusal(query: str) -> dict:
    with pytest.raises(Problem) as caught:
        read(DECLARED, query)
    problem = caught.value
    assert problem.status == 400
    return {"kind": problem.kind, "detail": problem.detail, **problem.extra}


def test_every_facet_and_range_of_the_vertical_is_a_parameter():
    assert set(DECLARED) == {
        "q", "make", "model", "body_type", "drivetrain", "fuel_type", "transmission", "condition",
        "color", "feature", "feature_all", "dealer", "year_min", "year_max", "price_min",
        "price_max", "mileage_min", "mileage_max", "zip", "lat", "lng", "radius", "unit", "bbox",
        "zoom", "polygon", "sort", "page", "per_page", "offset", "limit", "facets", "fields",
        "highlight", "parse",
    }  # fmt: skip


def test_values_are_repeated_or_stand_between_commas():
    query = "make=Toyota&make=Honda,Ford&make=Ford&price_max=20000"
    makes = Values(("Toyota", "Honda", "Ford"), ())
    assert read(DECLARED, query) == {"make": makes, "price_max": 20000}


def test_a_comma_of_a_value_is_escaped():
    assert read(DECLARED, r"dealer=Smith\, Inc.,A\\B,a!,!\!,\!b") == {
        "dealer": Values(("Smith, Inc.", "A\\B", "a!", "!b"), ("!",))
    }


@given(st.lists(st.text(), min_size=1))
def test_split_undoes_escaping(values: list[str]):
    written = ",".join(value.replace("\\", "\\\\").replace(",", "\\,") for value in values)
    assert [unescaped(part) for part in split(written)] == values


@given(st.text())
def test_split_takes_any_text(text: str):
    assert list(split(text))


def test_an_unknown_parameter_is_named_with_its_nearest():
    assert refusal("maker=Toyota") == {
        "kind": "unknown-parameter",
        "detail": "There is no parameter 'maker' here. Did you mean make?",
        "parameter": "maker",
        "nearest": "make",
    }


def test_the_case_of_a_name_hides_no_nearest():
    assert refusal("MAKE=Toyota")["nearest"] == "make"
    assert refusal("sort=PRICE")["nearest"] == "price"


def test_a_name_like_no_other_has_no_nearest():
    assert refusal("xyzzy=1") == {
        "kind": "unknown-parameter",
        "detail": "There is no parameter 'xyzzy' here. Leave it out; /docs lists what there is.",
        "parameter": "xyzzy",
    }
    for name in ("near", "order", "location"):
        assert "nearest" not in refusal(f"{name}=1")


def test_what_is_long_is_told_in_short():
    assert refusal("x" * 5000 + "=1")["parameter"] == "x" * 200
    told = refusal("sort=" + "x" * 5000)["detail"]
    assert told.endswith(f"it is '{'x' * 40}…'.")


def test_what_must_be_there_cannot_be_left_out():
    told = refusal("feature_all=Sunroof,!Leather")
    assert (
        told["detail"] == r"feature_all leaves nothing out: a ! that begins a value is written \!."
    )
    assert read(DECLARED, r"feature_all=\!x") == {"feature_all": ("!x",)}
    assert refusal("fields=!title")["detail"].startswith("fields must be one of ")


def test_an_unknown_sort_is_named_with_its_nearest():
    told = refusal("sort=prize")
    assert (told["kind"], told["parameter"], told["nearest"]) == ("bad-value", "sort", "price")


@pytest.mark.parametrize(
    ("query", "parameter", "must_be"),
    [
        ("price_min=cheap", "price_min", "a whole number from 0 to 2147483647"),
        ("price_min=-1", "price_min", "a whole number from 0"),
        ("price_min=1.5", "price_min", "a whole number"),
        ("price_min=", "price_min", "a whole number"),
        ("price_min=٣", "price_min", "a whole number"),
        ("price_max=.5", "price_max", "a whole number from 0 to 2147483647; it is '.5'"),
        ("price_max=1e400", "price_max", "a whole number"),
        ("price_max=" + "9" * 7000, "price_max", "a whole number"),
        ("price_max=99999999999999999999", "price_max", "a whole number"),
        ("page=0", "page", "a whole number from 1"),
        ("page=99999999999", "page", "a whole number from 1 to 10000"),
        ("offset=10001", "offset", "a whole number from 0 to 10000"),
        ("per_page=101", "per_page", "a whole number from 1 to 100"),
        ("zip=6060", "zip", "a US ZIP code of five digits"),
        ("zip=606011", "zip", "a US ZIP code of five digits"),
        ("zip=00000", "zip", "a US ZIP code that exists"),
        ("lat=91", "lat", "a number from -90 to 90"),
        ("lng=nan", "lng", "a number from -180 to 180"),
        ("lng=1e3", "lng", "a number from -180 to 180; it is '1e3'"),
        ("radius=0", "radius", "a number above 0, up to 12500; it is '0'"),
        ("radius=-0", "radius", "a number above 0"),
        ("radius=99999", "radius", "a number above 0, up to 12500"),
        ("unit=m", "unit", "one of mi, km"),
        ("parse=no", "parse", "one of on, off"),
        ("facets=make,trim", "facets", "one of make, model"),
        ("make=", "make", "a value"),
        ("make=Toyota,", "make", "a value"),
        ("make=" + "x" * 201, "make", "at most 200 characters long"),
        ("make=!", "make", "a value"),
        ("fields=id,titel", "fields", "one of id, vin"),
        ("highlight=price", "highlight", "one of title"),
        ("limit=101", "limit", "a whole number from 0 to 100"),
        ("bbox=1,2,3", "bbox", "west,south,east,north in degrees"),
        ("bbox=1,2,3,x", "bbox", "west,south,east,north in degrees"),
        ("bbox=1,2,3,4,x", "bbox", "west,south,east,north in degrees"),
        ("bbox=-200,2,3,4", "bbox", "west,south,east,north in degrees"),
        ("bbox=1,4,3,2", "bbox", "west,south,east,north with the south below the north"),
        ("polygon=1,2,3,4,5", "polygon", "lng,lat,lng,lat,… in degrees"),
        ("polygon=", "polygon", "lng,lat,lng,lat,… in degrees"),
        ("polygon=1,2,3,4,5,6;", "polygon", "lng,lat,lng,lat,… in degrees"),
        ("polygon=1,2,3,4", "polygon", "lng,lat,lng,lat,… of 3 to 50 corners"),
        ("polygon=1,2,3,4,1,2", "polygon", "lng,lat,lng,lat,… of 3 to 50 corners"),
        ("polygon=1,2,3,2,4,2", "polygon", "a shape with some area"),
        ("polygon=0,80,120,80,-120,80", "polygon", "a shape that does not go round a pole"),
        ("polygon=" + "1,2," * 50 + "2,3", "polygon", "lng,lat,lng,lat,… of 3 to 50 corners"),
        ("q=" + "x" * 201, "q", "at most 200 characters long"),
    ],
)
def test_a_bad_value_is_named(query: str, parameter: str, must_be: str):
    told = refusal(query)
    assert (told["kind"], told["parameter"]) == ("bad-value", parameter)
    assert f"{parameter} must be {must_be}" in told["detail"]


NUMBERS = {
    "5": 5, "5.0": 5, "5.": 5, "%2B5": 5, "+5": 5, " 5 ": 5, "005": 5, "5e0": 5, "50e-1": 5,
    ".5": 0.5, "0.50": 0.5, "+.5e0": 0.5, "1e-7": 1e-7, "-0": 0, "-0.0": 0, "0" * 400: 0,
    "5." + "0" * 400: 5, "0." + "1" * 400: 1 / 9, "87.53906250000001": 87.53906250000001,
}  # fmt: skip


@pytest.mark.parametrize(("written", "value"), NUMBERS.items())
def test_a_number_is_read_as_any_program_writes_it(written: str, value: float):
    assert read(DECLARED, f"lat={written}")["lat"] == value
    assert str(read(DECLARED, f"lat={written}")["lat"])[0] != "-"
    box = read(DECLARED, f"bbox={written},{written},{written},{written}")["bbox"]
    assert (box.west, box.south, box.east, box.north) == (value,) * 4
    if float(value).is_integer():
        assert read(DECLARED, f"price_max={written}")["price_max"] == value


@given(st.floats(-90, 90))
def test_any_place_on_a_map_may_be_written_in_full(degrees: float):
    assert read(DECLARED, f"lat={degrees!r}")["lat"] == degrees


NOT_NUMBERS = [
    "1,000", "\uff15", "٣", "NaN", "inf", "0x10", "1_000", "5 000", "$5", "5k", "", ".", "e5",
    "5\0", "--5",
]  # fmt: skip


@pytest.mark.parametrize("written", NOT_NUMBERS)
def test_what_is_no_number_is_told_how_to_write_one(written: str):
    whole = refusal(f"price_max={written}")["detail"]
    assert whole.startswith(
        "price_max must be a whole number from 0 to 2147483647, in digits alone; it is "
    )
    assert (
        "a number above 0, up to 12500, in digits with a point; it is"
        in (refusal(f"zip=60601&radius={written}")["detail"])
    )


def test_the_whole_earth_and_as_many_corners_as_may_be_are_taken():
    box = read(DECLARED, "bbox=-180,-90,180,90")["bbox"]
    assert (box.west, box.south, box.east, box.north) == (-180, -90, 180, 90)
    circle = [math.tau * number / 50 for number in range(50)]
    corners = ",".join(f"{math.cos(angle)},{math.sin(angle)}" for angle in circle)
    shape = read(DECLARED, f"polygon={corners}")
    assert len(shape["polygon"].corners) == 50


def test_spaces_around_a_value_do_not_count():
    query = "zip=+60601+&make=+Ford+,+!Kia&sort=price+&q=+red+&radius=+5"
    assert read(DECLARED, query) == read(
        DECLARED, "zip=60601&make=Ford,!Kia&sort=price&q=red&radius=5"
    )


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("\u202etoyota\u200f", "toyota"),
        ("to\u200by\u00adota\ufeff", "toyota"),
        ("red\0suv\x1b", "red suv"),
        ("\u200b", ""),
        ("citroe\u0308n 日本車", "citroe\u0308n 日本車"),
    ],
)
def test_what_nobody_sees_of_a_query_does_not_count(typed: str, seen: str):
    assert read(DECLARED, urlencode({"q": typed}))["q"] == seen


def test_a_single_value_is_given_once():
    assert refusal("price_min=1&price_min=2")["detail"] == (
        "price_min was given 2 times; give it once."
    )


def test_the_number_of_values_is_bounded():
    values = [f"make={number}" for number in range(MOST_VALUES + 1)]
    read_values = read(DECLARED, "&".join(values[:-1]))["make"]
    assert read_values.some == tuple(str(number) for number in range(MOST_VALUES))
    assert refusal("&".join(values))["parameter"] == "make"
    assert refusal("&".join(["make=!x", *values[:-1]]))["parameter"] == "make"


def test_the_number_of_pairs_is_bounded():
    assert refusal("&".join(["make=a"] * 201))["kind"] == "bad-request"


def test_a_url_that_is_not_utf8_is_refused():
    assert refusal("q=%ff")["detail"] == "The URL is not UTF-8 under its % signs."


def test_a_zip_code_keeps_its_leading_zero():
    place = read(DECLARED, "zip=02134")["zip"]
    assert (place.zip, place.city, place.state) == ("02134", "Allston", "MA")


@given(st.text(max_size=300))
def test_any_query_is_read_or_refused(query: str):
    statuses = set()
    try:
        read(DECLARED, query)
    except Problem as problem:
        statuses.add(problem.response().status)
    assert statuses <= {400}
