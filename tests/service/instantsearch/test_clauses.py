"""What is seen of filters, beside what the embedded engine reads in them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.index.filters.grammar import parse_expression
from meililite.index.filters.scanner import FilterSyntaxError
from meililite.index.filters.tree import conditions
from service.instantsearch.clauses import depth, fields
from service.instantsearch.requests import LONGEST_FILTER


@pytest.mark.parametrize(
    ("clause", "deep"),
    [
        ("((a = 1) OR (b = 2))", 2),
        ("a = '((' OR (b = \"((\")", 1),
        (r"a = '\'((' OR (b = 1)", 1),
        ("(a = '((", 1),
        ("(a = '((\\", 1),
    ],
)
def test_parentheses_count_where_they_are_not_in_quotes(clause: str, deep: int):
    assert depth(clause) == deep


@pytest.mark.parametrize("part", ["\\'", '\\"', "'\\", "'", "\"'\\"])
def test_quotes_that_are_not_closed_take_no_longer_than_others(part: str):
    clause = part * (LONGEST_FILTER // len(part))

    def took() -> float:
        began = time.process_time()
        depth(clause)
        return time.process_time() - began

    assert min(took() for _ in range(5)) < 0.05


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("", []),
        ("make = Kia", ["make"]),
        ('"make"="Kia"AND"buckets.price">3', ["make", "buckets.price"]),
        ("make = 'AND buckets = 1' OR price 1 TO 2", ["make", "price"]),
        (r"make = 'it\'s AND grid = 1' OR NOT (grid.4 EXISTS)", ["make", "grid.4"]),
        ("make IN [Kia, 'OR', \"[\"] AND NOT NOT (price > 1)", ["make", "price"]),
        ("make NOT IN[AND, OR] AND price IS NOT NULL", ["make", "price"]),
        ("_geoRadius(1, 2, 3) AND make = Kia", ["make"]),
        ("_geoBoundingBox([1, 2], [-3, 4])", []),
        ("make = Kia OR _geoPolygon([1,2],[3,4],[5,6])", ["make", "_geoPolygon"]),
        (
            "make EXISTSAND grid IS NOT EMPTYOR buckets IS NULLAND'x'=1",
            [
                "make",
                "grid",
                "buckets",
                "x",
            ],
        ),
        ("make = ANDorra OR make STARTS WITH NOTe", ["make", "make"]),
        ("make = And OR model = or", ["make", "model"]),
        ('"\\u{67}rid" = 1', ["\\u{67}rid"]),
    ],
)
def test_the_fields_of_a_clause_are_its_conditionfirst_words(clause: str, found: list[str]):
    assert list(fields(clause)) == found


WORDS = ("make", "grid.4", "'buckets.price'", '"make"', "Kia", "'a AND b'", '"it\\"s"', "Citroën")
SIGNS = ("=", "!=", ">", "(", ")", "[", "]", ",", "'", '"', "\\", "_geoRadius(1,2,3)")
KEYWORDS = ("AND", "OR", "NOT", "IN", "TO", "EXISTS", "IS NULL", "CONTAINS", "STARTS WITH", "and")
value = st.sampled_from(WORDS)
condition = st.one_of(
    st.tuples(value, st.sampled_from(("=", "!=", ">", " CONTAINS ", " STARTS WITH ")), value),
    st.tuples(value, st.just(" "), value, st.just(" TO "), value),
    st.tuples(
        value, st.sampled_from((" IN[", " NOT IN [")), value, st.just(","), value, st.just("]")
    ),
    st.tuples(value, st.sampled_from((" EXISTS", " NOT EXISTS", " IS NULL", " IS NOT EMPTY"))),
    st.tuples(st.sampled_from(("_geoRadius(1, 2,3)", "_geoBoundingBox([1,2], [3,4])"))),
).map("".join)
filters = st.recursive(
    condition,
    lambda inner: st.one_of(
        inner.map("({})".format),
        inner.map("NOT {}".format),
        st.tuples(inner, st.sampled_from((" AND ", " OR ", " AND(", "\tOR\n")), inner).map(
            lambda three: "".join(three) + (")" if "(" in three[1] else "")
        ),
    ),
    max_leaves=6,
)

pieces = st.sampled_from((*WORDS, *SIGNS, *KEYWORDS)).map(" {} ".format) | st.text(max_size=3)


@settings(max_examples=400)
@given(filters)
def test_what_can_be_read_is_about_the_fields_that_the_engine_sees(clause: str):
    tree = parse_expression(clause)
    assert tree is not None
    assert list(fields(clause)) == [one.field.source.fragment for one in conditions(tree)]


@settings(max_examples=800)
@given(filters, st.integers(0, 80), st.integers(0, 3), pieces)
def test_no_filter_hides_a_field_that_the_engine_sees(clause: str, at: int, cut: int, more: str):
    changed = clause[:at] + more + clause[at + cut :]
    try:
        tree = parse_expression(changed)
    except FilterSyntaxError:
        return  # the engine refuses it
    seen = [one.field.source.fragment for one in conditions(tree)] if tree else []
    assert list(fields(changed)) == seen
