"""The fast ways through postings find what the plain ones find."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.index import IndexWriter, vocabulary
from meililite.index.postings import merged
from meililite.index.ranking import matches
from meililite.index.ranking.matches import FAR, Matches, nearest_steps
from meililite.index.ranking.paths import NEVER, distinct_costs
from meililite.index.words_building import DOCUMENT_SHIFT, FIELD_SHIFT, fields_of
from tests.meililite.index.conftest import Asked, Build, apart, build_index

# (document, position)
places = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), unique=True)


def keys_of(pairs: list[tuple[int, int]]) -> np.ndarray:
    return np.array(sorted((d << DOCUMENT_SHIFT) | p for d, p in pairs), np.int64)


@given(left=places, right=places)
def test_the_nearest_word_that_follows_is_found_from_either_side(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    wanted: dict[int, int] = {}
    for document, position in left:
        for other, place in right:
            if other == document and 0 < place - position < FAR:
                wanted[document] = min(wanted.get(document, FAR), place - position)
    found: dict[int, int] = {}
    if left and right:
        steps, keys = nearest_steps(keys_of(left), keys_of(right), by_attribute=False)
        for step, document in zip(steps.tolist(), (keys >> DOCUMENT_SHIFT).tolist(), strict=True):
            found[document] = min(found.get(document, FAR), step)
    assert found == wanted


@given(left=places, right=places)
def test_by_attribute_words_of_the_same_field_are_next_to_each_other(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    first = [(document, field << FIELD_SHIFT) for document, field in left]
    second = [(document, (field << FIELD_SHIFT) + 7) for document, field in right]
    found: set[tuple[int, int]] = set()
    if left and right:
        steps, keys = nearest_steps(keys_of(first), keys_of(second), by_attribute=True)
        assert set(steps.tolist()) <= {1}
        found = set(zip((keys >> DOCUMENT_SHIFT).tolist(), fields_of(keys).tolist(), strict=True))
    assert found == {*left} & {*right}


def test_words_are_counted_where_the_youngest_text_is(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    with apart():
        for texts in ({0: "a b c", 1: "a", 2: "a b"}, {1: "a b", 3: "x " * 40}, {2: None}):
            writer.upsert([(str(i), {"id": i, "t": text}) for i, text in texts.items()])
            version = writer.commit()
    snapshot = Asked(tmp_path, version).reader._snapshot
    counts = snapshot.postings.counts(snapshot.fields.number("t"))
    assert counts.tolist() == [3, 2, 0, 31]
    whole = build_index(tmp_path / "whole", [{"id": 0, "t": "a b"}, {"id": 1}], {})
    assert whole.reader._snapshot.postings.counts(1).tolist() == [2, 0]


@pytest.mark.parametrize("sparse", [0, 1000])
def test_postings_of_few_candidates_are_those_of_many(
    build: Build, monkeypatch: pytest.MonkeyPatch, sparse: int
) -> None:
    monkeypatch.setattr(matches, "_SPARSE", sparse)
    snapshot = build([{"id": i, "t": "red " * (i % 4)} for i in range(40)]).reader._snapshot
    found = Matches(snapshot, snapshot.alive, None)
    keys = found.word_postings("red")
    candidates = np.array([0, 1, 5, 6, 7, 38])
    own, at = found.among(keys, candidates)
    wanted = [key for key in keys.tolist() if key >> DOCUMENT_SHIFT in candidates.tolist()]
    assert own.tolist() == wanted
    assert candidates[at].tolist() == [key >> DOCUMENT_SHIFT for key in wanted]


def test_all_words_between_two_have_the_postings_of_each(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    with apart():
        for i, words in enumerate(("cab car cars", "car carb cat", "cars cart care", "dog car")):
            writer.upsert([(str(i), {"id": i, "t": words})])
            version = writer.commit()
    postings = Asked(tmp_path, version).reader._snapshot.postings
    for last, words in (("carb", ["carb"]), ("cars", ["carb", "care", "cars"]), ("car", [])):
        found = postings.between("car", last).tolist()
        assert found == postings.of_words(["car", *words]).tolist() == sorted(found)


def test_a_prefix_that_starts_too_many_words_finds_the_first(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "MAX_PREFIX_WORDS", 2)
    index = build([{"id": i, "t": f"prefix{i}"} for i in range(4)] + [{"id": 9, "t": "prefix"}])
    assert sorted(index.ids(q="prefix")) == [0, 1, 9]


@given(parts=st.lists(st.lists(st.integers(0, 99)).map(sorted), max_size=12))
def test_sorted_postings_are_merged_sorted(parts: list[list[int]]) -> None:
    found = merged([np.array(part, np.int64) for part in parts])
    assert found.tolist() == sorted(key for part in parts for key in part)


@given(costs=st.lists(st.integers(0, 2 * NEVER)))
def test_distinct_costs_are_those_that_occur(costs: list[int]) -> None:
    assert distinct_costs(np.array(costs, np.int16)) == sorted(set(costs))
