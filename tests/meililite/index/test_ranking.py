"""Each ranking rule, by what only it can decide."""

import pytest

from meililite.errors import ApiError
from tests.meililite.index.conftest import Build


@pytest.mark.parametrize(
    ("rule", "query", "better", "worse"),
    [
        ("words", "red fast car", "red fast bike", "red slow bike"),
        ("typo", "camry", "camry", "camri"),
        ("proximity", "red car", "a red car", "red and also a car"),
        ("proximity", "red car", "red car", "car red"),
        ("exactness", "car", "car x", "cars x"),
        ("exactness", "red car", "red car", "red car too"),
        ("wordPosition", "car", "car of the year", "the year of the car"),
    ],
)
def test_the_rule_puts_the_better_first(
    build: Build, rule: str, query: str, better: str, worse: str
) -> None:
    rules = ["words", rule] if rule != "words" else ["words"]
    index = build([{"id": "worse", "t": worse}, {"id": "better", "t": better}], rankingRules=rules)
    assert index.ids(q=query)[:2] == ["better", "worse"]


def test_fields_rank_in_the_order_of_the_settings(build: Build) -> None:
    documents = [{"id": 1, "a": "x", "b": "car"}, {"id": 2, "a": "car", "b": "x"}]
    index = build(documents, searchableAttributes=["a", "b"], rankingRules=["attributeRank"])
    assert index.ids(q="car") == [2, 1]
    assert index.ids(q="car", attributesToSearchOn=["b"]) == [1]


def test_custom_rules_and_sort_come_where_the_settings_put_them(build: Build) -> None:
    documents = [
        {"id": i, "t": "car", "p": p, "y": y} for i, (p, y) in enumerate([(2, 1), (1, 1), (2, 0)])
    ]
    index = build(documents, sortableAttributes=["y"], rankingRules=["p:desc", "sort"])
    assert index.ids(q="car", sort=["y:asc"]) == [2, 0, 1]
    assert index.ids(sort=["y:asc"]) == [2, 0, 1]


def test_the_strategy_says_which_words_may_be_missing(build: Build) -> None:
    texts = ["red fast car", "red fast", "car", "red"]
    index = build([{"id": i, "t": t} for i, t in enumerate(texts)])
    assert index.ids(q="red fast car", matchingStrategy="all") == [0]
    assert index.ids(q="red fast car", matchingStrategy="last") == [0, 1, 3]
    assert index.ids(q="car red", matchingStrategy="frequency") == [0, 2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"red car"', [1]),
        ("red -fast", [1, 3]),
        ('car -"red car"', [0]),
        ("sunflower", [2, 4]),
        ("sun flower", [2, 4]),
        ("auto", [0, 1]),
        ("the", []),
    ],
)
def test_operators_joined_words_and_synonyms(build: Build, query: str, found: list[int]) -> None:
    texts = ["red fast car", "red car", "sun flower", "red", "sunflower"]
    index = build(
        [{"id": i, "t": t} for i, t in enumerate(texts)],
        synonyms={"auto": ["car"]},
        stopWords=["the"],
    )
    assert sorted(index.ids(q=query, matchingStrategy="all")) == found


def test_typos_are_allowed_by_length_and_can_be_switched_off(build: Build) -> None:
    documents = [{"id": 1, "t": "silverado", "code": "silverados"}, {"id": 2, "t": "rav"}]
    index = build(documents, searchableAttributes=["t"])
    assert [index.ids(q=q) for q in ("silverdo ", "ilverado ", "zilverdo ", "rab ")] == [
        [1],
        [],
        [],
        [],
    ]
    for off in (
        {"enabled": False},
        {"disableOnWords": ["silverdo"]},
        {"disableOnAttributes": ["t"]},
    ):
        assert (
            build(documents, searchableAttributes=["t"], typoTolerance=off).ids(q="silverdo ") == []
        )


def test_scores_and_a_threshold(build: Build) -> None:
    index = build([{"id": 1, "t": "red car"}, {"id": 2, "t": "red"}])
    hits = index.search(q="red car", showRankingScore=True, showRankingScoreDetails=True)["hits"]
    assert [hit["id"] for hit in hits] == [1, 2]
    assert hits[0]["_rankingScore"] == 1.0 > hits[1]["_rankingScore"] > 0
    assert hits[1]["_rankingScoreDetails"]["words"]["matchingWords"] == 1
    assert index.ids(q="red car", rankingScoreThreshold=0.9) == [1]


def test_pages_are_slices_of_one_order(build: Build) -> None:
    index = build([{"id": i, "t": "red " * (i % 3 + 1)} for i in range(9)])
    whole = index.ids(q="red")
    assert sorted(whole) == list(range(9))
    pages = [
        [hit["id"] for hit in index.search(q="red", page=n, hitsPerPage=4)["hits"]]
        for n in (1, 2, 3, 4)
    ]
    assert pages == [whole[:4], whole[4:8], whole[8:], []]


def test_an_unknown_field_to_search_is_refused(build: Build) -> None:
    index = build([{"id": 1, "t": "x"}], searchableAttributes=["t"])
    with pytest.raises(ApiError, match="Attribute `nope` is not searchable"):
        index.search(q="x", attributesToSearchOn=["nope"])
