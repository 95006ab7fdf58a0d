"""What a version takes over from the one before it."""

from pathlib import Path
from typing import Any

import pytest

from meililite.index import IndexReader, IndexWriter
from meililite.index.versions import read_manifest
from tests.meililite.index.conftest import apart

CARS = [
    {"id": n, "make": f"make{n % 3}", "price": n, "tags": ["a", f"t{n % 7}"]} for n in range(1500)
]
SETTINGS = {"filterableAttributes": ["make", "price", "tags"], "searchableAttributes": ["make"]}
ASKED = {"q": "make1", "facets": ["make", "price", "tags"]}


def _writer(folder: Path) -> IndexWriter:
    writer = IndexWriter(folder)
    writer.update_settings(SETTINGS)
    return writer


def _upsert(writer: IndexWriter, cars: list[dict[str, Any]]) -> IndexReader:
    writer.upsert([(str(car["id"]), car) for car in cars])
    return IndexReader(writer.directory, writer.commit())


def test_columns_and_words_of_which_a_batch_changes_nothing_stay(tmp_path: Path) -> None:
    writer = _writer(tmp_path / "index")
    first = _upsert(writer, CARS)
    first.search(ASKED)
    second = _upsert(writer, [{**car, "price": 7} for car in CARS[:1000]])
    before, after = first._snapshot, second._snapshot
    assert after.columns["make"] is before.columns["make"]
    assert after.columns["tags"] is before.columns["tags"]
    assert after.columns["price"] is not before.columns["price"]
    assert after.terms is before.terms


def test_what_a_batch_changes_is_as_in_a_new_index(tmp_path: Path) -> None:
    changed = [{**car, "make": "other"} for car in CARS[:1000]] + CARS[1000:]
    writer = _writer(tmp_path / "index")
    before = _upsert(writer, CARS)
    before.search(ASKED)
    after = _upsert(writer, changed[:1000])
    assert after._snapshot.columns["tags"] is before._snapshot.columns["tags"]
    fresh = _upsert(_writer(tmp_path / "fresh"), changed)
    for query in (ASKED, {**ASKED, "q": "other"}, {**ASKED, "filter": "make = other"}):
        assert after.search(query) == fresh.search(query)


def test_a_version_may_follow_one_that_nobody_opened(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    first = _upsert(writer, CARS)
    first.search(ASKED)
    writer.upsert([(str(n), {**CARS[n], "make": "make1", "price": 7}) for n in range(600)])
    writer.commit()
    second = _upsert(writer, [{**CARS[3], "make": "make1 again"}])
    assert first._snapshot.columns.keys() == second._snapshot.columns.keys()
    # A version that is opened again takes nothing over.
    assert second.search(ASKED) == IndexReader(tmp_path, writer.version).search(ASKED)


@pytest.mark.parametrize(
    ("old", "new", "stay"),
    [
        ({"dealer": {"name": "Ann", "rating": 1}}, {"dealer": {"name": "Ann", "rating": 2}}, True),
        ({"dealer": {"name": "Ann"}}, {"dealer": {"name": "Bob"}}, False),
        ({"make": "a"}, {"make": "a", "price": 1}, True),
        ({"make": "a", "price": 1}, {"price": 1, "make": "a"}, True),
        ({"make": "a"}, {"make": "a", "dealer": {"name": "Ann"}}, False),
        ({"make": 1}, {"make": True}, False),
        # Both are of the field `dealer.name`, in the order in which they stand.
        (
            {"dealer": {"name": "Ann"}, "dealer.name": "Bob"},
            {"dealer.name": "Bob", "dealer": {"name": "Ann"}},
            False,
        ),
        ({"make": "a"}, None, False),
    ],
)
def test_words_stay_while_what_is_searched_is_written_the_same(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any] | None, stay: bool
) -> None:
    writer = _writer(tmp_path / "index")
    writer.update_settings({**SETTINGS, "searchableAttributes": ["make", "dealer.name"]})
    every = {"id": 1, "make": "x", "price": 1, "dealer": {"name": "x", "rating": 1}}
    with apart():
        first = _upsert(writer, [every, {"id": 2, **old}, {"id": 3}])
        if new is None:
            writer.delete(["2"])
        second = _upsert(writer, [{"id": 2, **new}] if new is not None else [])
    assert (second._snapshot.terms is first._snapshot.terms) is stay


def test_all_words_count_while_every_field_is_searched(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    with apart():
        first = _upsert(writer, CARS[:3])
        second = _upsert(writer, [{**CARS[0], "price": 9}])
        third = _upsert(writer, [{**CARS[0], "price": 9}])
    assert second._snapshot.terms is not first._snapshot.terms
    assert third._snapshot.terms is second._snapshot.terms


def test_thousands_of_changed_documents_are_known_to_the_next_version(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    writer.commit()
    _upsert(writer, [{"id": n} for n in range(10_000)])
    touched = read_manifest(tmp_path, writer.version).touched
    assert touched == list(range(10_000))
    _upsert(writer, [{"id": n, "price": 8} for n in range(10_001)])
    assert read_manifest(tmp_path, writer.version).touched is None
