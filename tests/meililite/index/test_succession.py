"""What a version takes over from the one before it."""

from pathlib import Path
from typing import Any

from meililite.index import IndexReader, IndexWriter

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
