"""Facets count what a plain evaluator counts."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.errors import ApiError
from meililite.index import facet_search as search_module
from meililite.index import facets
from tests.meililite.index import plain
from tests.meililite.index.conftest import Build, build_index
from tests.meililite.index.documents import SETTINGS, documents


@settings(deadline=None, max_examples=60)
@given(documents=documents)
def test_counts_what_the_plain_evaluator_counts(documents: list[dict[str, Any]]) -> None:
    names = ["make", "price", "tags", "dealer.name", "flag"]
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(Path(folder), documents, SETTINGS)
        for text, chosen in (
            (None, documents),
            ("price >= 1", [d for d in documents if plain.selects((">=", "price", "1"), d)]),
        ):
            answer = index.search(facets=["*"], filter=text)
            found = answer["facetDistribution"]
            for name in names:
                wanted = plain.counted(chosen, name)
                assert found.get(name, {}) == wanted
                stats = answer["facetStats"].get(name)
                numbers = [
                    v for d in chosen for v in plain.scalars(d, name) if not isinstance(v, str)
                ]
                wanted_stats = {"min": min(numbers), "max": max(numbers)} if numbers else None
                assert stats == wanted_stats


def test_values_are_listed_in_order_numbers_first(build: Build) -> None:
    values = [3, 20, "b", "A", 3, "b", None]
    index = build([{"id": i, "v": v} for i, v in enumerate(values)], filterableAttributes=["v"])
    assert list(index.facets("v")["v"].items()) == [("20", 1), ("3", 2), ("A", 1), ("b", 2)]


def test_the_most_frequent_come_first_when_asked_for(build: Build) -> None:
    index = build(
        [{"id": i, "v": v} for i, v in enumerate("abbcccdd")],
        filterableAttributes=["v"],
        faceting={"sortFacetValuesBy": {"*": "count"}, "maxValuesPerFacet": 3},
    )
    assert list(index.facets("v")["v"].items()) == [("c", 3), ("d", 2), ("b", 2)]


@pytest.mark.parametrize("kind", [int, str])
@pytest.mark.parametrize("chosen", ["", "n < 500", "n 10 TO 30"])
def test_fewer_values_than_there_are_begin_as_all_do(build: Build, kind: type, chosen: str) -> None:
    documents = [{"id": n, "n": n, "v": kind(n * 7 % 450)} for n in range(900)]
    found = []
    for limit in (1000, 1, 40):
        index = build(
            documents,
            filterableAttributes=["n", "v"],
            faceting={"maxValuesPerFacet": limit, "sortFacetValuesBy": {"*": "count"}},
        )
        found.append(list(index.facets("v", filter=chosen)["v"].items()))
    assert len(found[0]) > 20
    assert found[1:] == [found[0][:1], found[0][:40]]


@given(
    counts=st.lists(st.tuples(st.integers(-5, -1), st.integers(0, 3)), min_size=1, max_size=30),
    limit=st.integers(1, 40),
)
def test_the_first_by_several_ranks_are_those_of_a_sort(
    counts: list[tuple[int, int]], limit: int
) -> None:
    items = [(count, depth, -place) for place, (count, depth) in enumerate(counts)]
    wanted = sorted(range(len(items)), key=items.__getitem__)[:limit]
    found = facets._first(limit, *(np.array(rank) for rank in zip(*items, strict=True)))
    assert found.tolist() == wanted


@pytest.mark.parametrize(
    ("chosen", "stats"),
    [("", {"min": -4.0, "max": 9.5}), ("n > 0", {"min": 2.0, "max": 2.0}), ("n = 7", None)],
)
def test_the_least_and_the_greatest_number_that_was_found(
    build: Build, chosen: str, stats: dict[str, float] | None
) -> None:
    values = (9.5, 2, -4, 2, "12")
    index = build(
        [{"id": i, "n": (0, 1, -1, 2, 0)[i], "v": value} for i, value in enumerate(values)],
        filterableAttributes=["n", "v"],
    )
    found = index.search(facets=["v"], filter=chosen)["facetStats"]
    assert found.get("v") == stats


def test_large_and_small_candidate_sets_are_counted_alike(build: Build) -> None:
    documents = [{"id": i, "v": i % 7, "t": ["x", f"t{i % 5}"], "s": i % 1000} for i in range(6000)]
    index = build(documents, filterableAttributes=["v", "t", "s", "id"])
    for limit in (10, 2000, 3000, 6000):
        chosen = documents[:limit]
        found = index.facets("v", "t", "s", filter=f"id < {limit}", limit=0)
        for name in ("v", "t"):
            assert found[name] == plain.counted(chosen, name)
        wanted = plain.counted(chosen, "s")
        assert found["s"].items() <= wanted.items()
        assert len(found["s"]) == min(100, len(wanted))


def test_bits_are_counted_alike_in_chunks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(3)
    rows = dice.random((7, 320)) < 0.4
    chosen = dice.random(320) < 0.5
    bits = np.packbits(rows, axis=1, bitorder="little").view(np.uint64)
    packed = facets.Candidates(chosen).packed
    for size in (1, 5, 10, 15, 1000):
        monkeypatch.setattr(facets, "_CHUNK", size)
        counted = facets.count_bits(bits, packed)
        assert counted.tolist() == (rows & chosen).sum(axis=1).tolist()


def test_an_unknown_facet_is_refused(build: Build) -> None:
    index = build([{"id": 1}], filterableAttributes=["make"])
    with pytest.raises(ApiError, match="Pattern `nope` is not filterable"):
        index.search(facets=["nope"])


def test_facet_search_finds_by_prefix_typo_and_accent(build: Build) -> None:
    names = ["Toyota", "toyota", "Tesla", "Peña Motors", "Penn Cars"]
    index = build([{"id": i, "d": n} for i, n in enumerate(names)], filterableAttributes=["d"])

    def search(query: str) -> list[tuple[str, int]]:
        answer = index.reader.facet_search({"facetName": "d", "facetQuery": query})
        return [(hit["value"], hit["count"]) for hit in orjson.loads(answer)["facetHits"]]

    assert search("toy") == [("Toyota", 2)]
    assert search("toyata") == [("Toyota", 2)]
    assert search("pena") == [("Peña Motors", 1)]
    assert search("zz") == []


words = st.text("abcx '-", max_size=7)


@settings(max_examples=30)
@given(values=st.lists(words, min_size=1, max_size=12), query=words, size=st.integers(1, 40))
def test_facet_search_finds_the_same_among_plain_and_other_values(
    values: list[str], query: str, size: int
) -> None:
    """One value that is no ASCII has all of them compared one by one."""
    found: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "_LETTERS", size)
        for name, others in (("plain", []), ("other", ["\u0434"])):
            index = build_index(
                Path(folder) / name,
                [{"id": i, "d": value} for i, value in enumerate([*values, *others])],
                {
                    "filterableAttributes": ["d"],
                    "typoTolerance": {"minWordSizeForTypos": {"oneTypo": 2, "twoTypos": 4}},
                },
            )
            request = {"facetName": "d", "facetQuery": query}
            hits = orjson.loads(index.reader.facet_search(request))["facetHits"]
            found.append([hit for hit in hits if hit["value"] not in others])
    assert found[0] == found[1]
