"""Which queries of a call are what a person searched, and how that is remembered."""

import time
from typing import Any

import pytest

from catalog.cars import CARS
from service.instantsearch.requests import Query
from service.instantsearch.searches import MOST_FILTERS, of_people, told, totals


def query(**members: Any) -> Query:
    return Query.model_validate({"indexUid": "cars", "q": "", **members})


OPENING = Query.model_validate({"indexUid": "cars", "facets": ["make"], "limit": 21})
SHOWN = {"limit": 21, "attributesToHighlight": ["*"]}


@pytest.mark.parametrize(
    ("queries", "places"),
    [
        ([], []),
        ([query()], [0]),
        ([OPENING], []),
        ([query(**SHOWN, q=None)], [0]),  # a page without a field for words
        ([query(**SHOWN), query(limit=1), query(limit=1)], [0]),
        ([query(limit=0), query(limit=1)], []),
        ([query(hitsPerPage=20, page=1), query(hitsPerPage=0, page=1)], [0]),
        ([query(hitsPerPage=1)], [0]),
        ([query(limit=2)], [0]),
        ([query(page=2)], [0]),
        ([query(limit=0), query(**SHOWN), query(limit=5)], [1]),
        ([query(**SHOWN), query(indexUid="boats"), query(indexUid="boats")], [0, 1]),
    ],
)
def test_the_first_query_that_wants_results_is_the_persons(queries: list[Query], places: list[int]):
    assert of_people(queries) == places


@pytest.mark.parametrize(
    ("members", "page"),
    [
        ({}, 1),
        ({"limit": 21, "offset": 0}, 1),
        ({"limit": 21, "offset": 40}, 3),
        ({"hitsPerPage": 20, "page": 4}, 4),
        ({"hitsPerPage": 20}, 1),
        ({"limit": 0, "offset": 3}, 4),
    ],
)
def test_the_page_is_the_one_that_instantsearch_shows(members: dict[str, int], page: int):
    assert query(**members).page_number == page


@pytest.mark.parametrize(
    ("given", "filters"),
    [
        (None, []),
        ([['"make"="Toyota"', '"make"="Ford"']], ["make=toyota", "make=ford"]),
        (['"dealer.name"="Smith, Sons \\"X\\""'], ['dealer=smith, sons "x"']),
        (['"features"!="Sunroof"'], ["feature_not=sunroof"]),
        ("make = Kia", ["make=kia"]),
        (
            ['"price">=10000', '"price"<=20000', "mileage<9"],
            ["price_min", "price_max", "mileage_max"],
        ),
        (["_geoRadius(41.88580, -87.61810, 80467)"], ["radius"]),
        ("_geoBoundingBox([1, 2], [3, 4])", ["bbox"]),
        (['"zip"="60601"', "vin = 4T1G11AK5LU123456"], ["zip", "vin"]),
        ("make = Kia AND (dealer.name = 'Me' OR year 2010 TO 2012)", ["make", "dealer", "year"]),
        ("NOT make = Kia", ["make"]),
        (['"make"="me@example.com"'], ["make=[email]"]),
        ('"year" 2010 TO 2012', ["year"]),
        ("_geoRadius(41.8858,-87.6181,500)AND(price>3)", ["radius", "price"]),
        ("(price > 3)", ["price"]),
        ("price>3", ["price_min"]),
    ],
)
def test_filters_are_remembered_as_those_of_any_search(given: Any, filters: list[str]):
    assert told(CARS, query(filter=given, q="  Red SUV, call 312-555-0123")) == (
        "red suv, call [number]",
        filters,
    )


@pytest.mark.parametrize(
    "given",
    [
        '"price.\0x" EXISTS',
        '"price.\0x" > 3',
        '"price.bob@example.com 312-555-0123" > 3',
        f"price.{'a' * 5_000} > 3",
        ["price.60601 = 3", "(price.60601 < 3)"],
    ],
)
def test_no_name_is_remembered_that_is_not_declared(given: Any):
    assert told(CARS, query(filter=given)).filters == []


def test_filters_that_are_remembered_are_bounded():
    given = [[f"make={number}" for number in range(99)], [f"model={n}" for n in range(99)]]
    assert len(told(CARS, query(filter=given)).filters) == MOST_FILTERS


@pytest.mark.parametrize("value", ["\\" * 7_900, "a" * 7_900, "1-" * 3_900])
def test_the_longest_value_is_remembered_in_a_moment(value: str):
    asked = query(filter=f"make={value}")

    def took() -> float:
        began = time.process_time()
        told(CARS, asked)
        return time.process_time() - began

    assert min(took() for _ in range(5)) < 0.02


def test_totals_are_those_of_the_queries_whatever_is_counted():
    one = b'{"hits":[{"title":"\\"totalHits\\":9"}],"estimatedTotalHits":12}'
    two = b'{"hits":[],"totalHits":3,"facetDistribution":{"make":{"totalHits":7}}}'
    assert totals(b'{"results":[%b,%b]}' % (one, one), 2) == [12, 12]
    assert totals(b'{"results":[%b,%b]}' % (two, one), 2) == [3, 12]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b'{"results":[]}',
        b'{"results":[{"estimatedTotalHits":3}',
        b'{"results":[{"totalHits":"x"},{}]}',
    ],
)
def test_an_answer_that_tells_no_totals_has_none(answer: bytes):
    assert totals(answer, 2) == []
