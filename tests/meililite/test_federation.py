"""Queries whose hits cannot be compared are not merged; all have one deadline."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.errors import ApiError
from meililite.federation.compatibility import Ranking, check, ranking
from meililite.front.federation import federated_search
from meililite.front.http import Call
from meililite.front.state import State
from meililite.registry.database import Database
from meililite.registry.indexes import Index, Indexes
from tests.meililite.meililite_server import Server

_DEFAULT = ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"]


def _ranking(position: int, rules: list[str] = _DEFAULT, **query: object) -> Ranking:
    return ranking("i", position, query, rules)


def _said(*rankings: Ranking) -> list[str]:
    with pytest.raises(ApiError) as raised:
        check(rankings)
    assert raised.value.code == "invalid_multi_search_query_ranking_rules"
    return raised.value.message.split("\n")


def test_sorts_in_opposite_directions():
    rules = ["sort", "words", "typo"]
    ways = [_ranking(n, rules, sort=[f"title:{way}"]) for n, way in enumerate(("asc", "desc"))]
    removed = [
        f"    {number}. Removed relevancy rule `{rule}` at position #{number} in ranking rules "
        'because the query is a placeholder search (`q`: "")'
        for number, rule in ((1, "words"), (2, "typo"))
    ]
    assert _said(*ways) == [
        "Inside `.queries[1]`: The results of queries #0 and #1 are incompatible: ",
        "  1. `queries[0].sort[0]`, `i.rankingRules[0]`: ascending sort rule(s) on field `title`",
        "  2. `queries[1].sort[0]`, `i.rankingRules[0]`: descending sort rule(s) on field `title`",
        "  - cannot compare two sort rules in opposite directions",
        "  - note: The ranking rules of query #0 were modified during canonicalization:",
        *removed,
        "  - note: The ranking rules of query #1 were modified during canonicalization:",
        *removed,
        "",
    ]


def test_words_and_sorts():
    batman = _ranking(2, q="the bat", sort=["title:desc"])
    movies = _ranking(1, ["sort", *_DEFAULT[:4]], q="captain", sort=["title:desc"])
    assert _said(batman, movies)[1:] == [
        "  1. `queries[2]`, `i.rankingRules[0..=3]`: "
        "relevancy rule(s) words, typo, proximity, attributeRank",
        "  2. `queries[1].sort[0]`, `i.rankingRules[0]`: descending sort rule(s) on field `title`",
        "  - cannot compare a relevancy rule with a sort rule",
        "",
    ]


def test_places_and_fields():
    there = _ranking(0, sort=["_geoPoint(1, 2):desc"])
    said = _said(there, _ranking(1, sort=["n:desc"]))
    assert said[1].endswith("`i.rankingRules[0]`: descending geo sort rule(s) default")
    assert said[3] == "  - cannot compare a sort rule with a geosort rule"
    back = _ranking(1, sort=["_geoPoint(1, 2):asc"])
    assert "two geosort rules in opposite directions" in _said(there, back)[3]
    words = _ranking(1, ["typo"], q="a")
    assert "a relevancy rule with a geosort rule" in _said(there, words)[3]


def test_the_last_of_those_with_most_rules_is_named():
    alike = [_ranking(n, ["sort"], sort=["n:asc"]) for n in range(3)]
    said = _said(*alike, _ranking(3, []), _ranking(4, ["sort"], sort=["n:desc"]))
    assert "The results of queries #2 and #4 are incompatible" in said[0]


@pytest.mark.parametrize(
    ("rules", "query", "notes"),
    [
        (["typo", "words", "words"], {"q": "a"}, [
            "    1. Prepended rule `words` before first relevancy rule `typo` at position #0 in "
            "ranking rules",
            "    2. Removed rule `words` at position #1 in ranking rules because it was previously "
            "prepended",
            "    3. Removed duplicate rule `words` at position #2 in ranking rules as it already "
            "appears at position #1 in ranking rules",
        ]),
        (["words", "typo", "typo", "sort"], {"q": "a", "matchingStrategy": "all"}, [
            "    1. Removed rule `words` at position #0 in ranking rules because "
            "`query.matchingWords` is set to `all`",
            "    2. Removed duplicate rule `typo` at position #2 in ranking rules as it already "
            "appears at position #1 in ranking rules",
            "   3. Removed rule `sort` at position #3 in ranking rules because `query.sort` is "
            "empty",
        ]),
        (["n:asc", "sort", "sort", "m:desc"],
         {"sort": ["n:desc", "m:asc", "_geoPoint(1,2):asc", "_geoPoint(3,4):desc"]}, [
            "    1. Removed duplicate rule `n:asc` at position #0 in `query.sort` (as `sort` is #1 "
            "in ranking rules) as it already appears at position #0 in ranking rules",
            "    2. Removed duplicate rule `_geo(..):asc` at position #3 in `query.sort` (as "
            "`sort` is #1 in ranking rules) as it already appears at position #2 in `query.sort` "
            "(as `sort` is #1 in ranking rules)",
            "    3. Removed duplicate rule `sort` at position #2 in ranking rules as it already "
            "appears at position #1 in ranking rules",
            "    4. Removed duplicate rule `m:asc` at position #3 in ranking rules as it already "
            "appears at position #1 in `query.sort` (as `sort` is #1 in ranking rules)",
        ]),
    ],
)  # fmt: skip
def test_notes_say_what_became_of_the_rules(rules: list[str], query: dict, notes: list[str]):
    assert _ranking(0, rules, **query).notes == notes


_rules = st.lists(st.sampled_from([*_DEFAULT, "n:asc", "m:desc"]), max_size=6)
_queries = st.fixed_dictionaries(
    {"q": st.sampled_from(["", "a"])},
    optional={"sort": st.lists(st.sampled_from(["n:asc", "m:desc", "_geoPoint(1,2):asc"]))},
)


@given(_rules, _queries)
def test_a_query_can_be_compared_with_itself_and_with_one_that_has_no_rules(rules, query):
    one = _ranking(0, rules, **query)
    check([one, _ranking(1, rules, **query), _ranking(2, [])])


@given(st.lists(st.tuples(_rules, _queries), min_size=2, max_size=4))
def test_queries_are_refused_when_any_pair_differs_in_kind(found):
    rankings = [_ranking(n, rules, **query) for n, (rules, query) in enumerate(found)]
    kinds = [[rule.kind for rule in one.rules] for one in rankings]
    differ = any(
        a != b for left in kinds for right in kinds for a, b in zip(left, right, strict=False)
    )
    if differ:
        assert "are incompatible" in _said(*rankings)[0]
    else:
        check(rankings)


def test_the_server_refuses_them_in_the_order_of_the_indexes(server: Server):
    for uid in ("a", "b"):
        server.task("PUT", f"/indexes/{uid}/settings/sortable-attributes", ["n"])
        server.task("POST", f"/indexes/{uid}/documents", [{"id": 1, "n": 1}])
    queries = [{"indexUid": "b", "sort": ["n:asc"]}, {"indexUid": "a", "sort": ["n:desc"]}]
    status, error = server.call("POST", "/multi-search", {"queries": queries, "federation": {}})
    assert (status, error["code"]) == (400, "invalid_multi_search_query_ranking_rules")
    assert error["message"].startswith("Inside `.queries[0]`: The results of queries #1 and #0 are")
    assert "`queries[1].sort[0]`, `a.rankingRules[0]`" in error["message"]


class _Readers:
    """Stand for the processes that read: each job waits for its turn."""

    def __init__(self) -> None:
        self.turn = 0
        self.started: list[float] = []
        self.first_turn = 0.0

    async def call(self, operation: str, arguments: Callable[[], tuple[Any, ...]]) -> bytes:
        self.turn += 1
        await asyncio.sleep(0.01 * self.turn)
        self.first_turn = self.first_turn or monotonic()
        self.started.append(arguments()[2]["startedAt"])
        return b'{"hits":[],"total":0,"facets":null}'


async def test_the_time_of_all_indexes_runs_from_the_first_turn_on(tmp_path: Path):
    database, readers, nothing = (
        Database(tmp_path / "registry.sqlite"),
        _Readers(),
        cast("Any", None),
    )
    indexes = Indexes(database)
    indexes.show({uid: Index(uid, uid, None, "", "", 0) for uid in "abc"})
    fleet = cast("Any", SimpleNamespace(readers=readers))
    state = State(nothing, database, indexes, nothing, fleet, nothing, tmp_path, {})
    call = Call(cast("Any", SimpleNamespace(headers={})), 0)
    await federated_search(state, call, [{"indexUid": uid, "q": "x"} for uid in "abc"], {})
    database.close()
    assert len(readers.started) == 3
    assert len(set(readers.started)) == 1
    assert readers.started[0] >= readers.first_turn


def test_a_federated_search_without_time_has_what_it_finds_as_it_is_stored(server: Server):
    for uid in ("a", "b"):
        server.task("PATCH", f"/indexes/{uid}/settings", {"searchCutoffMs": 0})
        server.task("POST", f"/indexes/{uid}/documents",
                    [{"id": n, "t": "word " * (3 - n)} for n in range(3)])  # fmt: skip
    queries = [{"indexUid": uid, "q": "word", "showRankingScore": True} for uid in ("a", "b")]
    _, found = server.call("POST", "/multi-search", {"queries": queries, "federation": {}})
    hits = [(hit["_federation"]["indexUid"], hit["id"]) for hit in found["hits"]]
    assert hits == [(uid, n) for uid in "ab" for n in range(3)]
    assert {hit["_rankingScore"] for hit in found["hits"]} == {0.0}
