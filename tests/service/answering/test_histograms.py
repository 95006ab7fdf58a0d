import pytest

from catalog.vertical import Buckets, Range
from service.answering import histograms
from service.answering.histograms import fields
from service.answering.results import Result
from tests.service.answering import made

STEPS = Buckets("buckets.price", ((30, 10), (130, 50)))
PRICE = Range("price", "USD", "Price", STEPS)
YEAR = Range("year", "year", "Year", Buckets("year", ((2100, 1),), first=1900))


def result(bound: Range, counts: dict[str, int], least: float, most: float) -> Result:
    return made.result(
        facetDistribution={bound.buckets.field: counts},
        facetStats={bound.name: {"min": least, "max": most}},
    )


def counted(bound: Range, found: Result) -> dict:
    return dict(made.as_json(histograms.counted(bound, found)))


def test_spans_without_results_between_the_ends_are_there():
    told = counted(PRICE, result(PRICE, {"10": 3, "30": 1}, 12.0, 79.0))
    assert told == {
        "min": 12,
        "max": 79,
        "histogram": [
            {"min": 10, "max": 19, "count": 3},
            {"min": 20, "max": 29, "count": 0},
            {"min": 30, "max": 79, "count": 1},
        ],
    }


def test_the_last_span_is_open():
    assert STEPS.starts == (0, 10, 20, 30, 80, 130)
    told = counted(PRICE, result(PRICE, {"130": 2}, 130.0, 5000.0))
    assert told["histogram"] == [{"min": 130, "max": None, "count": 2}]


def test_values_themselves_are_put_into_spans():
    told = counted(YEAR, result(YEAR, {"1899": 1, "1900": 2, "1901": 4}, 1899.0, 1901.0))
    assert told["histogram"] == [
        {"min": 1900, "max": 1900, "count": 3},
        {"min": 1901, "max": 1901, "count": 4},
    ]


def test_without_values_there_is_nothing():
    told = counted(PRICE, made.result())
    assert told == {"min": None, "max": None, "histogram": []}


@pytest.mark.parametrize(
    ("bound", "asked"), [(PRICE, ["price", "buckets.price"]), (YEAR, ["year"])]
)
def test_a_field_is_asked_for_once(bound: Range, asked: list[str]):
    assert fields(bound) == asked
