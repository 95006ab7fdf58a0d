"""After `searchCutoffMs`, documents come as far as they are sorted, the rest as they are stored."""

from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest

from meililite.federation import one_index
from meililite.index.ranking import ranker
from meililite.index.search import Found, run_search
from tests.meililite.index.conftest import Asked, Build

_TEXTS = ["hella puppo kefir", "hella puppy kefir", "hello", "hello puppy", "hello puppy kefir"]
_DOCUMENTS = [{"id": n, "text": text} for n, text in enumerate(_TEXTS)]
_SKIPPED = {"skipped": {"order": 0}}


@pytest.fixture
def asked(build: Build) -> Asked:
    settings = {"rankingRules": ["words", "typo", "sort"], "searchCutoffMs": 0}
    return build(_DOCUMENTS, filterableAttributes=["id"], sortableAttributes=["id"], **settings)


def _stop_after(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Let the clock stand still until it was looked at so many times (once for the deadline)."""
    ticks = count()
    monkeypatch.setattr(ranker, "monotonic", lambda: 0.0 if next(ticks) <= looks else 1.0)


def _found(asked: Asked, **request: object) -> list[tuple[int, float]]:
    hits = asked.search(q="hello puppy kefir", showRankingScore=True, **request)["hits"]
    return [(hit["id"], round(hit["_rankingScore"], 2)) for hit in hits]


def test_without_time_documents_come_as_they_are_stored(asked: Asked):
    found = asked.search(q="hello puppy kefir", showRankingScoreDetails=True)
    assert [hit["id"] for hit in found["hits"]] == [0, 1, 2, 3, 4]
    assert [hit["_rankingScoreDetails"] for hit in found["hits"]] == [_SKIPPED] * 5
    assert found["estimatedTotalHits"] == 5


def test_filters_count_without_time(asked: Asked):
    assert _found(asked, filter="id > 2") == [(3, 0.0), (4, 0.0)]


def test_thresholds_count_without_time(asked: Asked):
    assert _found(asked, rankingScoreThreshold=0.1) == []


def test_sorts_do_not_count_without_time(asked: Asked):
    assert asked.ids(sort=["id:desc"]) == [0, 1, 2, 3, 4]


def test_what_is_sorted_stays_so(asked: Asked, monkeypatch: pytest.MonkeyPatch):
    _stop_after(monkeypatch, 1)  # those with all words
    assert _found(asked) == [(0, 0.67), (1, 0.67), (4, 0.67), (2, 0.0), (3, 0.0)]
    _stop_after(monkeypatch, 2)  # and of these the one without typos
    assert _found(asked) == [(4, 1.0), (0, 0.67), (1, 0.67), (2, 0.0), (3, 0.0)]
    _stop_after(monkeypatch, 1000)
    assert _found(asked) == [(4, 1.0), (1, 0.92), (0, 0.83), (3, 0.67), (2, 0.33)]


def test_pages_and_limits_hold_without_time(asked: Asked):
    assert [hit for hit, _ in _found(asked, offset=1, limit=2)] == [1, 2]


@pytest.mark.parametrize("cutoff", [None, 10_000])
def test_there_is_time_enough_for_small_indexes(build: Build, cutoff: int | None):
    found = build(_DOCUMENTS, rankingRules=["words", "typo"], searchCutoffMs=cutoff)
    assert found.ids(q="hello puppy kefir") == [4, 1, 0, 3, 2]


def test_all_queries_of_a_federated_search_have_one_deadline(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    now = 1.0

    def takes_a_second(*arguments: Any) -> Found:
        nonlocal now
        found = run_search(*arguments)
        now += 1.0
        return found

    monkeypatch.setattr(ranker, "monotonic", lambda: now)
    monkeypatch.setattr(one_index, "run_search", takes_a_second)
    queries = [
        {"position": n, "weight": 1.0, "request": {"q": "hello puppy kefir", "filter": part}}
        for n, part in enumerate(("id < 3", "id > 2"))
    ]
    job = {"indexUid": "i", "queries": queries, "limit": 5, "exhaustive": False, "facets": None,
           "distinct": None, "startedAt": 1.0}  # fmt: skip
    reader = one_index.FederatedReader(tmp_path / "index0", asked.reader.version)
    hits = orjson.loads(reader.federate(job))["hits"]
    assert [(hit["hit"]["id"], hit["position"]) for hit in hits] == [
        (1, 0), (0, 0), (2, 0),  # the best first
        (3, 1), (4, 1),  # as they are stored
    ]  # fmt: skip
