import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import CARS
from service.reading.merging import Merged, merge
from service.reading.reader import QueryReader
from service.understanding.parameters import apart, parameters, read
from tests.service.reading.test_phrases import YEAR, lines

READER = QueryReader(CARS)
DECLARED = parameters(CARS)


def merged(q: str, explicit: str = "") -> Merged:
    given_, excluded = apart(read(DECLARED, explicit))
    return merge(CARS, {"q": q, **given_}, excluded, READER.read(q, YEAR).pieces)


def overruled(q: str, explicit: str = "") -> dict[str, tuple[str, ...]]:
    return {one.piece.words: one.overruled for one in merged(q, explicit).readings if one.overruled}


def test_an_explicit_facet_wins_and_the_words_are_no_text():
    given_ = merged("honda civic sporty", "make=Toyota").given
    assert given_ == {"make": ("Toyota",), "model": ("Civic", "Civic Type R"), "q": "sporty"}
    assert overruled("honda civic sporty", "make=Toyota") == {"honda civic": ("make",)}


def test_an_explicit_bound_wins_and_one_that_contradicts_it_is_left_out():
    assert merged("10k-20k", "price_max=15000").given == {"price_min": 10000, "price_max": 15000}
    assert merged("10k-20k", "price_max=5000").given == {"price_max": 5000}
    assert overruled("10k-20k", "price_max=5000") == {"10k-20k": ("price_min", "price_max")}
    assert merged("under 20k", "price_min=5000").given == {"price_min": 5000, "price_max": 20000}


def test_an_explicit_place_wins_with_its_radius():
    explicit = read(DECLARED, "zip=10001")
    assert merged("within 20 miles of 60601", "zip=10001").given == explicit
    assert overruled("within 20 miles of 60601", "zip=10001") == {
        "within 20 miles of 60601": ("zip", "radius", "unit")
    }
    assert merged("near 60601", "lat=41&lng=-87").given == {"lat": 41.0, "lng": -87.0}


def test_words_fill_in_what_an_explicit_place_lacks():
    given_ = merged("within 20 miles closest", "zip=10001").given
    assert (given_["radius"], given_["unit"], given_["sort"]) == (20.0, "mi", "distance")


def test_an_explicit_radius_is_kept_around_a_place_of_words():
    given_ = merged("near 60601", "radius=10&unit=km").given
    assert (given_["zip"].zip, given_["radius"], given_["unit"]) == ("60601", 10.0, "km")


def test_without_a_place_a_distance_does_nothing_and_says_so():
    (closest, honda, within) = merged("closest honda within 20 miles").readings
    assert (closest.needs, honda.needs, within.needs) == (("zip",), (), ("zip",))
    assert merged("closest honda within 20 miles").given == {"make": ("Honda",)}
    assert merged("closest honda within 20 miles", "sort=price").given["sort"] == "price"


def test_an_explicit_order_wins():
    assert merged("cheapest suv", "sort=-year").given["sort"] == "-year"
    assert overruled("cheapest suv", "sort=-year") == {"cheapest": ("sort",)}


def test_of_two_orders_or_limits_the_first_counts():
    assert merged("cheapest newest").given == {"sort": "price"}
    assert overruled("cheapest newest") == {"newest": ("sort",)}
    assert merged("under 20k under 15k").given == {"price_max": 20000}


def test_each_feature_must_be_there_but_one_of_its_names_is_enough():
    asked = merged("carplay, bluetooth", "feature=Sunroof,Moonroof")
    assert asked.groups == {
        "feature": (("Sunroof", "Moonroof"), ("Apple CarPlay",), ("Bluetooth",))
    }
    assert asked.given["feature"] == ("Sunroof", "Moonroof", "Apple CarPlay", "Bluetooth")


def test_what_is_denied_is_left_out_of_what_is_given():
    asked = merged("silverado not silverado 2500")
    assert "Silverado 2500" in asked.given["model"]
    assert asked.excluded == {"model": ("Silverado 2500", "Silverado 2500HD")}
    assert asked.readings[1].applied == {"not": asked.excluded}


@pytest.mark.parametrize("explicit", ["make=Toyota", "make=!Kia", "make=Toyota,!Kia"])
def test_an_explicit_facet_wins_over_what_words_deny(explicit: str):
    asked = merged("no ford or diesel", explicit)
    assert asked.excluded.get("make", ()) == (("Kia",) if "Kia" in explicit else ())
    assert asked.excluded["fuel_type"] == ("Diesel",)
    assert asked.readings[0].applied == {"not": {"fuel_type": ("Diesel",)}}
    assert overruled("no ford or diesel", explicit) == {"no ford or diesel": ("make",)}


def test_features_that_words_deny_are_left_out_beside_those_that_are_given():
    asked = merged("no carplay, bluetooth or carplay", "feature=Sunroof,!Moonroof")
    assert asked.excluded == {"feature": ("Moonroof", "Apple CarPlay", "Bluetooth")}
    assert asked.groups == {"feature": (("Sunroof",),)}


def test_a_query_of_text_alone_stays_as_it_is():
    assert merged("loop  motors!").given == {"q": "loop  motors!"}


EXPLICIT = (
    "", "make=Toyota", "model=Civic,Accord", "color=Red", "price_min=90000", "price_max=100",
    "year_min=2020&year_max=2021", "zip=10001", "zip=10001&radius=7", "lat=1&lng=2", "sort=mileage",
    "mileage_max=5", "condition=New", "zip=10001&sort=distance", "make=!Ford", "color=Red,!Blue",
)  # fmt: skip


@pytest.mark.parametrize("explicit", EXPLICIT)
@given(st.lists(st.sampled_from([phrase for phrase, _ in lines()]), max_size=4).map(" ".join))
def test_what_is_given_explicitly_is_never_changed(explicit: str, q: str):
    values, excluded = apart(read(DECLARED, explicit))
    asked = merged(q, explicit)
    assert {name: asked.given.get(name) for name in values} == values
    assert {name: out for name, out in asked.excluded.items() if name in values} == excluded
    assert set(asked.given) <= set(DECLARED)
    assert set(asked.excluded) <= set(CARS.facets)
