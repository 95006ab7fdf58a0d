"""However an index came to be, it answers as one that was built at once."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.errors import ApiError
from meililite.index import IndexWriter, column_merging
from meililite.index import fields as fields_module
from meililite.index import segments as segments_module
from meililite.index import writer as writer_module
from meililite.index.merging import merge
from meililite.index.segment import Segment
from meililite.processes.merger import merge_files
from tests.meililite.index.conftest import Asked, Build, apart, build_index
from tests.meililite.index.documents import SETTINGS, fields
from tests.meililite.index.plain import counted

ids = st.integers(0, 9)
change = st.one_of(
    st.tuples(st.just("put"), st.lists(st.tuples(ids, fields), max_size=4)),
    st.tuples(st.just("merge"), st.lists(st.tuples(ids, fields), max_size=2)),
    st.tuples(st.just("delete"), st.lists(ids, max_size=3)),
    st.tuples(st.sampled_from(["commit", "commit", "reopen", "rollback", "clear"]), st.just([])),
)
REQUESTS: list[dict[str, Any]] = [
    {},
    {"filter": "price >= 1 OR make = toyota"},
    {"filter": "NOT tags = cafe AND dealer EXISTS"},
    {"filter": "_geoRadius(0, 0, 9000000)"},
    {"q": "red"},
    {"q": "fats car"},
    {"q": "red car truck", "matchingStrategy": "frequency"},
    {"q": '"blue car"'},
    {"q": "bluecar tru"},
    {"q": "toy", "filter": "id > 2"},
]


def answers(index: Asked) -> list[Any]:
    found: list[Any] = []
    for request in REQUESTS:
        answer = index.search(
            **request,
            sort=["id:asc"],
            limit=100,
            facets=["make", "price", "tags", "dealer"],
            showRankingScore=True,
        )
        hits = sorted(answer["hits"], key=lambda hit: hit["id"])
        # A field stays known when its last document goes.
        facets = {name: counts for name, counts in answer["facetDistribution"].items() if counts}
        found.append((hits, facets, answer["facetStats"]))
    return [*found, index.reader.stats()["fieldDistribution"]]


@settings(deadline=None, max_examples=40)
@given(changes=st.lists(change, max_size=10))
def test_changes_give_what_a_fresh_build_gives(changes: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = IndexWriter(Path(folder) / "changed")
        writer.update_settings(SETTINGS)
        base = {i: {"id": i, "make": f"m{i % 3}", "title": "blue truck"} for i in range(50, 80)}
        writer.upsert([(str(key), item) for key, item in base.items()])
        writer.commit()
        committed: dict[int, Any] = dict(base)
        current: dict[int, Any] = dict(base)
        for kind, items in changes:
            writer = apply(writer, kind, items)
            if kind in ("put", "merge"):
                for key, item in items:
                    old = current.get(key, {}) if kind == "merge" else {}
                    current[key] = {**old, "id": key, **item}
            elif kind == "delete":
                current = {key: item for key, item in current.items() if key not in items}
            elif kind == "clear":
                current = {}
            elif kind == "commit":
                committed = dict(current)
            else:
                current = dict(committed)
        version = writer.commit()
        fresh = build_index(Path(folder) / "fresh", list(current.values()), SETTINGS)
        assert answers(Asked(Path(folder) / "changed", version)) == answers(fresh)


@settings(deadline=None, max_examples=40)
@given(changes=st.lists(change, min_size=1, max_size=8))
def test_a_version_opened_after_another_answers_as_one_opened_alone(changes: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = IndexWriter(Path(folder))
        writer.update_settings(SETTINGS)
        base = {i: {"id": i, "make": f"m{i % 3}", "tags": ["a", f"t{i}"]} for i in range(20, 50)}
        writer.upsert([(str(key), item) for key, item in base.items()])
        after = Asked(writer.directory, writer.commit())
        for kind, items in changes:
            answers(after)  # so that the next version has something to take over
            writer = apply(writer, kind, items)
            after = Asked(writer.directory, writer.commit())
        # A version that is opened again takes nothing over.
        assert answers(after) == answers(Asked(writer.directory, writer.version))


def apply(writer: IndexWriter, kind: str, items: list[Any]) -> IndexWriter:
    if kind in ("put", "merge"):
        documents = [(str(key), {"id": key, **item}) for key, item in items]
        writer.upsert(documents, merge=kind == "merge")
    elif kind == "delete":
        writer.delete([str(key) for key in items])
    elif kind == "clear":
        writer.clear()
    elif kind == "commit":
        writer.commit()
    elif kind == "rollback":
        writer.rollback()
    else:
        writer.close()
        writer = IndexWriter(writer.directory)
    return writer


def test_merged_segments_answer_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_merging, "_ROWS_AT_ONCE", 3)
    writer = IndexWriter(tmp_path)
    writer.update_settings(SETTINGS)
    for start in range(0, 40, 8):
        writer.upsert(
            [
                (str(i), {"id": i, "make": f"m{i % 3}", "tags": ["a", f"t{i}"], "title": "red car"})
                for i in range(start, start + 12)
            ]
        )
        writer.delete([str(start)])
        writer.commit()
    before = answers(Asked(tmp_path, writer.version))
    segments = [Segment(segment.path) for segment in writer._segments]
    arrays, meta = merge(segments, oldest=True)
    writer._segments.clear()
    writer._segments.add(arrays, meta)
    writer._changed = True
    index = Asked(tmp_path, writer.commit())
    assert answers(index) == before
    for i in range(44):
        assert index.ids(filter=f"tags = t{i}") == ([] if i in range(0, 40, 8) else [i])


places = st.integers(0, 5)
beside = st.one_of(change, change, st.tuples(st.just("start"), places, places), st.just(("adopt",)))


@settings(deadline=None, max_examples=25)
@given(steps=st.lists(beside, min_size=6, max_size=25))
def test_a_merge_beside_changes_changes_no_answer(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, apart():
        plain, merged = IndexWriter(Path(folder) / "plain"), IndexWriter(Path(folder) / "merged")
        for writer in (plain, merged):
            writer.update_settings(SETTINGS)
            for i in range(4):
                writer.upsert([(str(i), {"id": i, "make": f"m{i % 3}", "title": "red truck"})])
                writer.commit()
        running: list[Any] = []
        for kind, *arguments in steps:
            if kind in ("start", "adopt"):
                plain.commit()
                merged.commit()
                if kind == "start":
                    running += started(merged, *arguments)
                elif running:
                    merged.adopt(*running.pop())
            else:
                plain, merged = apply(plain, kind, *arguments), apply(merged, kind, *arguments)
        plain.commit()
        merged.commit()
        for merge_made in running:
            merged.adopt(*merge_made)
        found = answers(Asked(merged.directory, merged.version))
        assert found == answers(Asked(plain.directory, plain.version))


def started(writer: IndexWriter, start: int, length: int) -> list[tuple[list[str], Path]]:
    """A merge of some neighbours, and of whatever they are when it ends."""
    names = writer._segments.names[start : start + length + 2]
    if len(names) < 2:
        return []
    return [(names, merge_files(writer.directory, names, oldest=start == 0))]


def test_a_merge_of_the_younger_segments_keeps_what_they_hide(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    with apart():
        for change in ("1", "2", None, "2"):
            writer.upsert([(change, {"id": change})]) if change else writer.delete(["1"])
            writer.commit()
        for made in started(writer, 2, 0):
            writer.adopt(*made)
    assert len(writer._segments) == 3
    assert Asked(tmp_path, writer.version).ids() == ["2"]


def test_a_merge_of_segments_that_have_changed_is_forgotten(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    for change in ("1", "2"):
        with apart():
            writer.upsert([(change, {"id": change})])
            writer.commit()
    made = started(writer, 0, 0)
    writer.clear()
    writer.upsert([("3", {"id": "3"})])
    version = writer.commit()
    writer.adopt(*made[0])
    assert writer.version == version
    assert Asked(tmp_path, version).ids() == ["3"]


def test_a_deleted_number_is_used_again_by_the_next_task(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    writer.upsert([(str(i), {"id": i}) for i in range(4)])
    writer.commit()
    writer.delete(["1"])
    writer.commit()
    writer.upsert([("9", {"id": 9})])
    assert Asked(tmp_path, writer.commit()).ids() == [0, 9, 2, 3]


def test_a_change_of_settings_is_applied_to_what_is_there(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    writer.upsert([("1", {"id": 1, "title": "the car", "make": "Kia"})])
    first = writer.commit()
    writer.update_settings({"filterableAttributes": ["make"], "searchableAttributes": ["make"]})
    index = Asked(tmp_path, writer.commit())
    assert index.ids(filter="make = kia") == [1]
    assert index.ids(q="car") == []
    assert Asked(tmp_path, first).ids(q="car") == [1]


def test_old_versions_go_when_nobody_reads_them(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    versions = []
    for number in range(3):
        writer.upsert([(str(number), {"id": number})])
        versions.append(writer.commit())
    writer.release({versions[1]})
    left = sorted(int(path.stem.split("-")[1]) for path in tmp_path.glob("version-*.json"))
    assert left == versions[1:]
    assert Asked(tmp_path, versions[1]).ids() == [0, 1]


def test_a_list_of_new_values_joins_a_field_of_single_ones(build: Build) -> None:
    index = build([{"id": 1, "v": "a"}, {"id": 2, "v": ["b", "a"]}], filterableAttributes=["v"])
    assert index.facets("v") == {"v": {"a": 2, "b": 1}}


def test_counts_follow_changes_of_a_large_index(tmp_path: Path) -> None:
    documents = [{"id": i, "v": i % 9, "t": ["x", f"t{i % 4}"]} for i in range(5000)]
    writer = IndexWriter(tmp_path)
    writer.update_settings({"filterableAttributes": ["v", "t"]})
    writer.upsert([(str(d["id"]), d) for d in documents])
    writer.commit()
    for number in (3, 4999, 5000):
        document = {"id": number, "v": 8, "t": ["new"]}
        documents = [d for d in documents if d["id"] != number] + [document]
        writer.upsert([(str(number), document)])
    writer.delete(["7"])
    documents = [d for d in documents if d["id"] != 7]
    found = Asked(tmp_path, writer.commit()).facets("v", "t", limit=0)
    assert found == {"v": counted(documents, "v"), "t": counted(documents, "t")}


def test_a_reader_takes_over_what_the_last_one_had_ready(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    writer.update_settings(SETTINGS)
    writer.upsert(
        [(str(i), {"id": i, "make": f"m{i % 3}", "tags": ["a", f"t{i}"]}) for i in range(60)]
    )
    reader = Asked(tmp_path, writer.commit())
    for number in (3, 59, 60, 7):
        before = answers(reader)
        writer.upsert([(str(number), {"id": number, "make": "new", "tags": ["a", "b"]})])
        writer.delete([str(number - 1)])
        following = Asked(tmp_path, writer.commit())
        fresh = build_index(
            tmp_path / f"fresh{number}",
            [orjson.loads(following.reader._shown(n, None)) for n in alive(following)],
            SETTINGS,
        )
        assert answers(reader) == before
        assert answers(following) == answers(fresh)
        reader = following


def alive(index: Asked) -> list[int]:
    return np.flatnonzero(index.reader._snapshot.alive).tolist()


def test_one_field_too_many_is_refused_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields_module, "MAX_FIELDS", 3)
    writer = IndexWriter(tmp_path)
    version = writer.commit()
    long = "c" * 101
    for more, shown in (({"b": {"n": 1}}, "b.n"), ({"b": 1, long: 1}, "c" * 100 + "…")):
        writer.upsert([("1", {"id": 1, "a": 1, **more})])
        with pytest.raises(ApiError) as raised:
            writer.commit()
        assert raised.value.code == "max_fields_limit_exceeded"
        few = f"An index cannot contain more than 3 fields, and `{shown}` would be one more. All"
        assert raised.value.message.startswith(few)
        writer.rollback()
    writer.upsert([("1", {"id": 1, "c": 1})])
    assert Asked(tmp_path, writer.commit()).ids() == [1]
    assert writer.version == version + 1


def test_a_transaction_of_many_chunks_is_one_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "_CHUNK", 5)
    monkeypatch.setattr(segments_module, "_MANY", 3)
    writer = IndexWriter(tmp_path)
    for start in range(0, 60, 20):
        writer.upsert([(str(i), {"id": i, "t": f"w{i}"}) for i in range(start, start + 25)])
    writer.delete(["4", "61"])
    index = Asked(tmp_path, writer.commit())
    assert index.ids() == [i for i in range(65) if i not in (4, 61)]
    assert index.ids(q="w59") == [59]
