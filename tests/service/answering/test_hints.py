"""Where nothing matches: what to drop, and what was meant; every total is what one then finds."""

import asyncio
from typing import Any

import httpx
import pytest

from catalog.cars import CARS
from engine.client import Engine
from service.answering.correcting import Speller, nearest

LISTINGS = "/api/v1/listings"


def hints(api: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = api.get(LISTINGS, params={"facets": "none", **asked}).json()
    assert answer["meta"]["total"] == 0
    found: dict[str, Any] = answer["meta"]["hints"]
    others = [found[one] for one in ("spelling", "nearest", "drop_both") if one in found]
    for hint in (*found["drop"], *others):
        assert hint["total"] == total(api, hint, asked) > 0
    return found


def total(api: httpx.Client, hint: dict[str, Any], asked: dict[str, Any]) -> int:
    """What is found by doing what a hint says."""
    left = {name: value for name, value in asked.items() if name not in hint.get("parameters", ())}
    if "q" in hint:
        left["q"] = hint["q"]
    for one in hint.get("values", ()):
        given = str(left[one["parameter"]])
        assert one["value"] in given
        left[one["parameter"]] = given.replace(one["value"], one["nearest"].replace(",", "\\,"))
    answer = api.get(LISTINGS, params={"facets": "none", **left}).json()
    return int(answer["meta"]["total"])


def test_each_filter_that_hides_all_results_is_told(api: httpx.Client, documents):
    found = hints(api, make="Citroën", model="Camry", price_min=0, price_max=100_000)
    assert [hint["parameters"] for hint in found["drop"]] in (
        [["make"], ["model"]],
        [["model"], ["make"]],
    )
    camrys = [one for one in documents if one["model"] == "Camry" and one["price"] is not None]
    assert {"parameters": ["make"], "total": len(camrys)} in found["drop"]
    assert "spelling" not in found


def test_the_filter_that_hides_most_comes_first(api: httpx.Client):
    found = hints(api, price_max=1, price_min=0, condition="New,Used")
    assert found["drop"][0]["parameters"] == ["price_min", "price_max"]
    assert [hint["total"] for hint in found["drop"]] == sorted(
        (hint["total"] for hint in found["drop"]), reverse=True
    )


@pytest.mark.parametrize(
    ("asked", "parameters"),
    [
        ({"zip": "90210", "radius": 5, "unit": "km", "sort": "distance"}, ["radius", "unit"]),
        ({"bbox": "0,0,1,1", "zoom": 8}, ["bbox", "zoom"]),
        ({"polygon": "0,0,1,1,0,1"}, ["polygon"]),
        ({"feature_all": "Bluetooth,None such"}, ["feature_all"]),
        ({"condition": "!New,!Used,!Certified"}, ["condition"]),
        ({"q": "xyzzyx", "parse": "off"}, ["q"]),
        ({"q": "🚗"}, ["q"]),  # no word that could be told
    ],
)
def test_whatever_filters_can_be_dropped(
    api: httpx.Client, documents, asked: dict[str, Any], parameters: list[str]
):
    assert hints(api, **asked)["drop"] == [{"parameters": parameters, "total": len(documents)}]


def test_words_that_were_read_are_dropped_one_by_one(api: httpx.Client):
    found = hints(api, q="ford camry sporty")
    assert sorted(hint["words"] for hint in found["drop"]) == ["camry", "ford"]
    assert {hint["q"] for hint in found["drop"]} == {"ford sporty", "camry sporty"}


def test_a_word_whose_dropping_cannot_be_offered_is_passed_over(api: httpx.Client):
    found = hints(api, q=f"{'x' * 195} red")
    assert [hint["q"] for hint in found["drop"]] == ["red"]  # the other one would be too long


@pytest.mark.parametrize(
    ("asked", "both"),
    [
        ({"make": "Xyzzy", "model": "Wqwqw"}, {"parameters": ["make", "model"]}),
        (
            {"zip": "60601", "radius": 9, "make": "Xyzzy", "price_max": 0},
            {"parameters": ["make", "price_max"]},
        ),
        (
            {"dealer": "Xyzzy", "q": "red wqwqwqw"},
            {"parameters": ["dealer"], "words": ["wqwqwqw"], "q": "red"},
        ),
    ],
)
def test_two_filters_that_help_only_together_are_told(
    api: httpx.Client, asked: dict[str, Any], both: dict[str, Any]
):
    found = hints(api, **asked)
    assert found == {"drop": [], "drop_both": {**both, "total": found["drop_both"]["total"]}}


def test_of_two_that_help_together_those_that_bring_most_are_told(api: httpx.Client, documents):
    makes = sum(one["make"] == "Citroën" for one in documents)
    camrys = sum(one["model"] == "Camry" for one in documents)
    word, other = ("citroen", "camry") if camrys > makes else ("camry", "citroen")
    assert hints(api, q="citroen wqwqwqw camry")["drop_both"] == {
        "words": sorted(("wqwqwqw", word), key="citroen wqwqwqw camry".index),
        "q": other,
        "total": max(makes, camrys),
    }


def test_two_are_not_told_where_one_or_only_three_would_do(api: httpx.Client):
    assert "drop_both" not in hints(api, make="Citroën", model="Camry")
    assert "drop_both" not in hints(api, make="Xyzzy", model="Wqwqw", dealer="Zyzzy")


def test_only_two_of_the_first_six_filters_are_told(api: httpx.Client):
    some = {
        "make": "Toyota,Ford", "model": "Camry,F-150", "body_type": "SUV,Truck,Sedan",
        "condition": "New,Used",
    }  # fmt: skip
    wrong = {"dealer": "Xyzzy", "price_max": 0}
    assert hints(api, **some, **wrong)["drop_both"]["parameters"] == ["dealer", "price_max"]
    assert "drop_both" not in hints(api, **some, color="!Red", **wrong)


def test_a_word_that_the_engine_does_not_forgive_is_corrected(api: httpx.Client, documents):
    found = hints(api, q="tayoda sporty")
    wanted = [one for one in documents if one["make"] == "Toyota" and "sporty" in one["title"]]
    assert found["spelling"] == {"q": "toyota sporty", "total": len(wanted)}


def test_a_word_that_is_found_is_not_corrected(filled, monkeypatch):
    known = frozenset(("toyota", "sportee"))
    monkeypatch.setattr("service.answering.correcting._vocabulary", lambda *_: known)
    q = "tayoda sporty"

    async def corrected() -> list[str]:
        async with Engine(*filled) as engine:
            return await Speller(CARS).corrected(engine, q, q)

    assert nearest("sporty", known) == ["sportee"]
    assert asyncio.run(corrected()) == ["toyota sporty"]


def test_a_correction_is_offered_only_if_it_finds_something(api: httpx.Client):
    found = hints(api, q="tayoda", price_max=1, price_min=0)
    assert "spelling" not in found
    assert "spelling" not in hints(api, q="qqqqqqqq wwwwwwww")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"make": "Toyoto"}, [("make", "Toyoto", "Toyota")]),
        ({"make": "Toyoto,!Ford"}, [("make", "Toyoto", "Toyota")]),
        ({"make": "Benz"}, [("make", "Benz", "Mercedes-Benz")]),  # what the word means
        ({"body_type": "pickup"}, [("body_type", "pickup", "Truck")]),
        ({"dealer": "Loop Motor"}, [("dealer", "Loop Motor", "Loop Motors")]),
        (
            {"make": "Hunda", "model": "civik"},
            [("make", "Hunda", "Honda"), ("model", "civik", "Civic")],
        ),
        ({"make": "Kia,Frod,Hodna", "model": "Civic"}, [("make", "Hodna", "Honda")]),
        (
            {"feature_all": "Bluetooth,wheels alloy"},
            [("feature_all", "wheels alloy", "Wheels, Alloy")],
        ),
        ({"make": "Hunda", "q": "toyota"}, [("make", "Hunda", "Honda")]),
    ],
)
def test_a_value_that_no_car_has_is_told_with_the_nearest_that_is_there(
    api: httpx.Client, asked: dict[str, Any], meant: list[tuple[str, str, str]]
):
    told = hints(api, **asked)["nearest"]["values"]
    assert [(one["parameter"], one["value"], one["nearest"]) for one in told] == meant


@pytest.mark.parametrize(
    "asked",
    [
        {"make": "Xyzzy"},  # like no other
        {"make": "Ford", "model": "Camry"},  # both are there
        {"make": "!Toyoto", "condition": "!New,!Used,!Certified"},  # it hides nothing
        {"make": "Toyoto", "price_min": 0, "price_max": 1},  # the nearest finds nothing either
    ],
)
def test_nothing_is_meant_by_values_that_are_there_or_like_no_other(
    api: httpx.Client, asked: dict[str, Any]
):
    assert "nearest" not in hints(api, **asked)


def test_no_more_values_are_looked_for_than_one_call_may_have(api: httpx.Client):
    makes = [f"Unknown {number}" for number in range(50)]
    assert "nearest" not in hints(api, make=",".join([*makes[:49], "Toyoto"]))
    assert hints(api, make=",".join(["Toyoto", *makes[:49]]))["nearest"]["values"]


def test_a_search_that_finds_something_is_asked_once(api: httpx.Client, monkeypatch):
    def refused(*_: Any) -> None:
        raise AssertionError("asked for hints")

    monkeypatch.setattr("service.answering.hints.Hints.of", refused)
    answer = api.get(LISTINGS, params={"q": "sporty", "per_page": 3}).json()
    assert "hints" not in answer["meta"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("tayoda", ["tacoma", "toyota"]),
        ("mercdees", ["mercedes"]),
        ("hundai", ["hyundai"]),
        ("qwertz", []),
    ],
)
def test_the_nearest_words_are_meant(word: str, meant: list[str]):
    known = frozenset(("toyota", "tacoma", "mercedes", "hyundai", "honda"))
    assert nearest(word, known) == meant
