"""What is kept of words for all documents gives the answers that looking at each search does."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.index import IndexWriter
from meililite.index.ranking import folds
from tests.meililite.index.conftest import Asked, apart

WORDS = ["red", "car", "cars", "sun", "flower", "sunflower", "rid", "fast", "c1", "c2", "c3"]
SETTINGS: list[dict[str, Any]] = [
    {},
    {"proximityPrecision": "byAttribute"},
    {"rankingRules": ["wordPosition", "exactness", "attributeRank", "proximity", "words"]},
]
query = st.lists(
    st.sampled_from([*WORDS, "c", "c 1", "s", "flowe", "redd", '"red car"', "-fast", "."]),
    min_size=1,
    max_size=4,
).map(" ".join)
request = st.fixed_dictionaries(
    {"q": query, "matchingStrategy": st.sampled_from(["all", "last"])},
    optional={
        "attributesToSearchOn": st.sampled_from([["a"], ["b", "c"]]),
        "filter": st.sampled_from(["id < 15", "id > 30"]),
    },
)


def text(source: random.Random) -> str:
    return " ".join(source.choices([*WORDS, "x " * 20, "."], k=source.randrange(6)))


def make_index(folder: Path, raw: dict[str, Any]) -> Asked:
    """Random documents in several segments, some of them changed."""
    writer = IndexWriter(folder)
    common = {
        "searchableAttributes": ["a", "b", "c"],
        "filterableAttributes": ["id"],
        "synonyms": {"red": ["rid"], "car": ["sun flower"]},
        "typoTolerance": {"minWordSizeForTypos": {"oneTypo": 3, "twoTypos": 5}},
    }
    writer.update_settings(common | raw)
    source = random.Random(1)
    with apart():
        for count in (40, 10, 5):
            numbers = source.sample(range(45), count)
            writer.upsert([(str(n), {"id": n} | {f: text(source) for f in "abc"}) for n in numbers])
            version = writer.commit()
    writer.close()
    return Asked(folder, version)


@contextmanager
def keeping(share: int) -> Iterator[None]:
    """0: nothing is kept; a large share: everything."""
    with (
        patch.object(folds, "_FREQUENT", share),
        patch.object(folds, "_WIDE", share),
        patch("meililite.index.vocabulary._COMMON", 3),
    ):
        yield


@pytest.fixture(scope="module", params=SETTINGS, ids=["usual", "by attribute", "other rules"])
def pair(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Asked, Asked]:
    """The same index twice: for searches that keep nothing, and that keep everything."""
    folder = tmp_path_factory.mktemp("index")
    plain = make_index(folder / "one", request.param)
    return plain, make_index(folder / "other", request.param)


@given(asked=request)
def test_what_is_kept_changes_no_answer(pair: tuple[Asked, Asked], asked: dict[str, Any]) -> None:
    asked |= {"showRankingScore": True, "showRankingScoreDetails": True, "limit": 50}
    found = []
    for index, share in zip(pair, (0, 1000), strict=True):
        with keeping(share):
            found.append(index.search(**asked)["hits"])
    assert found[0] == found[1]


def test_frequent_words_are_kept_where_many_documents_are_asked_for(
    pair: tuple[Asked, Asked],
) -> None:
    terms = pair[0].reader._snapshot.terms
    name = ("at", 0, "red")
    pair[0].search(q="red", filter="id = 3")
    assert terms.find(name) is None
    pair[0].search(q="red")
    assert terms.find(name) is not None
