"""The engine's sentences without what nobody sees."""

import time

import pytest

from service.instantsearch.requests import LONGEST_FILTER
from service.instantsearch.sentences import in_public_names

FIELDS = ("_geo", "make", "dealer")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Attribute `x` is not sortable. Available sortable attributes are: `_geo, grid, make`.",
            "Attribute `x` is not sortable. Available sortable attributes are: `_geo, make`.",
        ),
        (
            "Patterns are: `_geo`, `buckets`, `dealer.id`, `make`.\n1:2 x = `grid`",
            "Patterns are: `_geo`, `dealer.id`, `make`.\n1:2 x = `grid`",
        ),
        (
            "Attributes are: `grid, make, <..hidden-attributes>`.",
            "Attributes are: `make`.",
        ),
        (
            "Using `CONTAINS` in a filter requires enabling the `contains filter` experimental"
            " feature. See https://a.example/1\n1:2 x",
            "Using `CONTAINS` in a filter is not possible here.\n1:2 x",
        ),
        ("Was expecting a value.\n7:7 make =", "Was expecting a value.\n7:7 make ="),
    ],
)
def test_only_fields_that_people_see_are_named(message: str, told: str):
    assert in_public_names(message, FIELDS) == told


@pytest.mark.parametrize(
    "part", [" are: `", " are: `a, ", "`, `", " requires enabling the `", " requires enabling the "]
)
def test_a_sentence_with_the_longest_filter_is_read_in_a_moment(part: str):
    message = " are: `" + part * (LONGEST_FILTER // len(part))

    def took() -> float:
        began = time.process_time()
        in_public_names(message, FIELDS)
        return time.process_time() - began

    assert min(took() for _ in range(5)) < 0.02
