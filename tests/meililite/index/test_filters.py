"""Filters select what a plain evaluator selects."""

import tempfile
from cProfile import Profile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.errors import ApiError
from meililite.index import IndexWriter, filters
from meililite.index.columns import Column
from meililite.index.filters import evaluation
from meililite.index.filters.grammar import parse_expression
from meililite.index.filters.scanner import FilterSyntaxError
from meililite.index.filters.tree import Condition, conditions
from tests.meililite.index import plain
from tests.meililite.index.conftest import Asked, Build, build_index
from tests.meililite.index.documents import NUMBERS, PATHS, SETTINGS, WORDS, documents

path = st.sampled_from(PATHS)
value = st.sampled_from([*WORDS, *map(str, NUMBERS), "true", "7.0", 'a "quoted" \\ one'])
condition = st.one_of(
    st.tuples(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), path, value),
    st.tuples(st.just("TO"), path, value, value),
    st.tuples(st.just("IN"), path, value, value),
    st.tuples(
        st.sampled_from(["STARTS WITH", "CONTAINS"]), path, st.sampled_from(["to", "Ca", "k", "x"])
    ),
    st.tuples(st.sampled_from(["EXISTS", "IS NULL", "IS EMPTY"]), path),
    st.tuples(
        st.just("_geoRadius"),
        st.integers(-80, 80),
        st.integers(-170, 170),
        st.sampled_from([1000, 2_000_000, 10_000_000]),
    ),
)
expression: Any = st.recursive(
    condition,
    lambda inner: st.one_of(
        st.tuples(st.just("NOT"), inner),
        st.tuples(st.sampled_from(["AND", "OR"]), inner, inner),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(documents=documents, filters=st.lists(expression, min_size=1, max_size=8))
def test_selects_what_the_plain_evaluator_selects(
    documents: list[dict[str, Any]], filters: list[Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(Path(folder), documents, SETTINGS)
        for node in filters:
            wanted = [d["id"] for d in documents if plain.selects(node, d)]
            assert index.ids(filter=plain.written(node)) == wanted, plain.written(node)


words = st.sampled_from([*WORDS, *map(str, NUMBERS), "7.0", "CafÉ", "", "nothing", "it's"])


@settings(deadline=None, max_examples=30)
@given(documents=documents, path=path, values=st.lists(words, min_size=1, max_size=40))
def test_any_of_many_values_is_what_each_of_them_selects(
    documents: list[dict[str, Any]], path: str, values: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(Path(folder), documents, SETTINGS)
        one_by_one = [[plain.written(("=", path, value)) for value in values]]
        for few, look_up in ((1000, 50), (0, 0), (0, 1000)):
            with (
                mock.patch.object(evaluation, "_FEW", few),
                mock.patch.object(evaluation, "_LOOK_UP", look_up),
            ):
                found = index.ids(filter=plain.written(("IN", path, *values)))
            assert found == index.ids(filter=one_by_one)


@pytest.mark.parametrize("count", [20, 1000])  # looked up in all keys, or all keys in these
@pytest.mark.parametrize(("field", "letter"), [("id", ""), ("key", "k")])
def test_documents_are_looked_through_once_for_all_values(
    build: Build, monkeypatch: pytest.MonkeyPatch, field: str, letter: str, count: int
) -> None:
    documents = [{"id": i, "key": f"k{i}"} for i in range(1000)]
    index = build(documents, filterableAttributes=["id", "key"])
    looks: list[object] = []
    for name in ("rows_with", "rows_marked"):
        usual = getattr(Column, name)
        monkeypatch.setattr(Column, name, lambda *a, usual=usual: looks.append(a) or usual(*a))
    some = ", ".join(f"{letter}{i}" for i in range(0, 2 * count, 2))
    found = index.ids(filter=f"{field} IN [{some}]")
    assert found == list(range(0, min(2 * count, 1000), 2))
    assert len(looks) == 1


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_long_lists_are_read_in_few_steps_a_value(quote: str) -> None:
    text = f"a IN [{', '.join(f'{quote}value-{n}{quote}' for n in range(1000))}]"
    profile = Profile()
    node = profile.runcall(parse_expression, text)
    assert isinstance(node, Condition)
    assert [value.value for value in node.values] == [f"value-{n}" for n in range(1000)]
    assert sum(entry.callcount for entry in profile.getstats()) < 15_000


@pytest.mark.parametrize(
    ("listed", "values"),
    [
        ("", []), (" , ", None), ("x,", ["x"]), ("x , y ,\n", ["x", "y"]), ("x y", None),
        ("x,, y", None), ("'a, b', \"c' d\",e", ["a, b", "c' d", "e"]), ("x, TO, y", None),
        ("x, 'TO', y", ["x", "TO", "y"]), (r"x, 'it\'s', y", ["x", "it's", "y"]),
        (r"'\\', y", ["\\", "y"]), ("x, 'y", None), ("x, _geoX, y", ["x", "_geoX", "y"]),
        ("x, _geoPoint, y", None), ("é, -1.5,\u00a0z", ["é", "-1.5", "z"]), ("x, y\u00a0, z", None),
    ],
)  # fmt: skip
def test_lists_hold_words_and_quoted_texts(listed: str, values: list[str] | None) -> None:
    for text in (f"a IN [{listed}]", f"a IN [{listed}]  AND b = 1"):
        if values is None:
            with pytest.raises(FilterSyntaxError):
                parse_expression(text)
        else:
            found = next(conditions(parse_expression(text)))
            assert [value.value for value in found.values] == values
            if "\\" not in text:
                assert [value.source.fragment for value in found.values] == values


def test_arrays_mean_all_of_and_inner_arrays_any_of(build: Build) -> None:
    index = build(
        [{"id": i, "a": i % 2, "b": i % 3} for i in range(6)], filterableAttributes=["a", "b"]
    )
    assert index.ids(filter=["a = 1", ["b = 0", "b = 2"]]) == [3, 5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a >", "Was expecting a value but instead got nothing.\n4:4 a >"),
        ("a = 1 b", "Found unexpected characters at the end of the filter: `b`."),
        ("(a = 1", "Expression `(a = 1` is missing the following closing delimiter: `)`."),
        ("a = 'x", "Expression `\\'x` is missing the following closing delimiter: `'`."),
        ("a IN 1", "Expected `[` after `IN` keyword."),
        ("b = 1", "Attribute `b` is not filterable."),
        ("a = '\\u{110000}'", "Malformed value: `\\\\u{110000}`."),
        ("a = '\\u{d800}'", "Malformed value: `\\\\u{d800}`."),
        ("_geoRadius(1, 2)", "Was expecting 3 or 4 arguments for `_geoRadius`"),
        ("_geo = 1", "`_geo` is a reserved keyword"),
        ("(" * 200 + "a = 1" + ")" * 200, "The filter exceeded the maximum depth limit."),
    ],
)
def test_says_what_is_wrong_with_a_filter(build: Build, text: str, message: str) -> None:
    index = build([{"id": 1, "a": 1}], filterableAttributes=["a"])
    with pytest.raises(ApiError) as caught:
        index.search(filter=text)
    assert caught.value.message.startswith(message)


def test_an_operator_that_the_rule_does_not_allow_is_refused(build: Build) -> None:
    rule = {"attributePatterns": ["a*"], "features": {"filter": {"comparison": False}}}
    index = build([{"id": 1, "ab": 1}], filterableAttributes=[rule])
    assert index.ids(filter="ab = 1") == [1]
    with pytest.raises(ApiError, match="Filter operator `>` is not allowed"):
        index.search(filter="ab > 0")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("n > 2", [3]),
        ("n >= 2", [2, 3]),
        ("n < 2", [1]),
        ("n <= 2", [1, 2]),
        ("n 2 TO 3", [2, 3]),
        ("n 3 TO 2", []),
        ("s > b", [3]),
        ("s >= B", [2, 3]),
        ("s < b", [1]),
        ("s <= b", [1, 2]),
        ("s a TO b", [1, 2]),
    ],
)
def test_bounds_belong_to_the_range_or_not(build: Build, text: str, found: list[int]) -> None:
    documents = [{"id": i, "n": i, "s": s} for i, s in ((1, "a"), (2, "b"), (3, "c"))]
    assert build(documents, filterableAttributes=["n", "s"]).ids(filter=text) == found


@pytest.mark.parametrize("metres", [0.5, 3, 1000, 250_000, 5_000_000, 8_000_000])
def test_a_radius_ends_where_it_says(build: Build, metres: float) -> None:
    places = [{"lat": 10.0, "lng": 20.0 + step} for step in (0, 1e-5, 0.01, 2, 50, 180)]
    documents = [{"id": i, "_geo": place} for i, place in enumerate(places)]
    index = build(documents, filterableAttributes=["_geo"])
    away = plain.distance({"lat": 10.0, "lng": 20.0}, 10.0 + metres / 111_194.93, 20.0)
    for radius in (away * 0.999, away * 1.001):
        text = f"_geoRadius({10.0 + metres / 111_194.93}, 20.0, {radius})"
        wanted = [
            i
            for i, place in enumerate(places)
            if plain.distance(place, 10.0 + metres / 111_194.93, 20.0) <= radius
        ]
        assert index.ids(filter=text) == wanted


coordinates = st.tuples(
    st.integers(-9, 9).map(lambda n: n * 10), st.integers(-18, 18).map(lambda n: n * 10)
)


@settings(deadline=None, max_examples=40)
@given(
    places=st.lists(st.none() | coordinates, min_size=1, max_size=12),
    corners=st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6),
)
def test_any_of_several_boxes_is_what_each_of_them_selects(
    places: list[tuple[int, int] | None], corners: list[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    documents = [
        {"id": number, **({"_geo": {"lat": at[0], "lng": at[1]}} if at else {})}
        for number, at in enumerate(places)
    ]
    boxes = [
        f"_geoBoundingBox([{max(a[0], b[0])}, {a[1]}], [{min(a[0], b[0])}, {b[1]}])"
        for a, b in corners
    ]
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(Path(folder), documents, {"filterableAttributes": ["_geo"]})
        alone = {found for box in boxes for found in index.ids(filter=box)}
        assert set(index.ids(filter=" OR ".join(boxes))) == alone
        assert set(index.ids(filter=[boxes])) == alone


def test_a_bad_one_of_several_boxes_is_named(build: Build) -> None:
    index = build([{"id": 1, "_geo": {"lat": 1, "lng": 2}}], filterableAttributes=["_geo"])
    with pytest.raises(ApiError, match="The top latitude `1` is below"):
        index.search(filter="_geoBoundingBox([2, 3], [1, 1]) OR _geoBoundingBox([1, 2], [3, 4])")


def test_what_is_remembered_of_an_area_stays_true(tmp_path: Path) -> None:
    near, far = {"lat": 10, "lng": 20}, {"lat": 40, "lng": 20}
    writer = IndexWriter(tmp_path)
    writer.update_settings({"filterableAttributes": ["id", "_geo"]})
    writer.upsert([(str(n), {"id": n, "_geo": near if n % 2 else far}) for n in range(6)])
    before = Asked(tmp_path, writer.commit())
    writer.upsert([("0", {"id": 0, "_geo": near}), ("1", {"id": 1, "_geo": far})])
    after = Asked(tmp_path, writer.commit())
    area, box = "_geoRadius(10, 20, 1000)", "_geoBoundingBox([11, 21], [9, 19])"
    for place in (area, box):
        for _ in range(2):
            assert before.ids(filter=place) == [1, 3, 5]
            assert after.ids(filter=place) == [0, 3, 5]
            assert after.ids(filter=f"{place} AND id > 3") == [5]
            assert after.ids(filter=f"NOT {place} OR id = 0") == [0, 1, 2, 4]
    assert after.ids(filter="_geoRadius(40, 20, 1000)") == [1, 2, 4]
    assert after.ids(filter="_geoRadius(10, 20, 9000000)") == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", ["a = 1", "a = 1" + " OR a = 1" * 100])
def test_a_filter_is_read_once_if_it_is_short(text: str) -> None:
    with mock.patch.object(filters, "parse_expression", wraps=parse_expression) as read:
        found = [
            filters.parse_filter(text),
            filters.parse_filter([text]),
            filters.parse_filter([[text]]),
        ]
        assert found == [parse_expression(text)] * 3
    assert read.call_count <= (1 if len(text) < 300 else 3)
