"""The order of values with equal counts follows an index's history as Meilisearch's does."""

import random
import tempfile
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.index import IndexWriter, facet_levels, facet_trees
from meililite.index.facet_levels import NUMBERS, STRINGS
from meililite.index.versions import manifest_path
from tests.meililite.index import plain
from tests.meililite.index.conftest import Asked
from tests.meililite.index.plain_trees import PlainTrees, touched

_AT_ONCE = 40  # in place of 1000, so that small indexes come to it
FIELDS = ["id", "make", "price", "tags", "dealer.name"]  # as the engine numbers them
ONLY_EQUAL: dict[str, Any] = {
    "attributePatterns": ["make", "price"],
    "features": {"filter": {"equality": True, "comparison": False}},
}
RULES: list[list[Any]] = [FIELDS, ["id", "make", "price"], ["id", "tags"], ["id", ONLY_EQUAL]]


@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 2**32))
def test_groups_are_those_of_the_plain_trees(seed: int) -> None:
    chance = random.Random(seed)
    values: list[dict[int, int]] = [{} for _ in range(chance.choice([1, 1, 2, 3]))]
    states = [values]
    for _ in range(chance.randint(2, 14)):
        states.append([_changed_at_random(one, chance) for one in states[-1]])
    compare(states)


@pytest.mark.parametrize("news", [1, 5, 12, 14, 15, 30, 31])
def test_values_before_the_few_that_are_left_are_grouped_as_in_the_plain_trees(news: int) -> None:
    many = dict.fromkeys(range(400), 1)
    left = dict.fromkeys(range(200, 203), 1)
    before = dict.fromkeys(range(200 - news, 200), 1)
    compare([[{}], [many], [many | {7: 2}], [many | {9: 2}], [left], [left | before]])


def compare(states: list[list[dict[int, int]]]) -> None:
    """Hold the levels of fields to those of the plain trees, through states of their values."""
    trees = PlainTrees(10_000)
    levels: list[facet_levels.Levels] = [() for _ in states[0]]
    for before, values in pairwise(states):
        trees.update(
            {f: {v: {who} for v, who in one.items()} for f, one in enumerate(values)},
            set(range(len(values))),
        )
        sizes = [len(n) + sum(map(len, g)) for n, g in zip(values, levels, strict=True)]
        for field, (old, now) in enumerate(zip(before, values, strict=True)):
            if places := touched(old, now):
                later = partial(sum, sizes[field + 1 :])
                levels[field] = facet_levels.changed(levels[field], len(now), places, later)
            assert [list(level) for level in levels[field]] == trees.sizes_of(field)
            assert facet_levels.unpacked(facet_levels.packed(levels[field])) == levels[field]


def _changed_at_random(held: dict[int, int], chance: random.Random) -> dict[int, int]:
    """Values with who holds them; some come, some go, some get another holder."""
    kept = chance.choice([0, 1, 5] + [len(held)] * 20)
    found = dict(chance.sample(sorted(held.items()), min(kept, len(held))))
    span = chance.choice([12, 40, 150])
    low = chance.randint(-span, span)
    goes = chance.choice([0.1, 0.1, 0.9])
    for _ in range(chance.choice([0, 1, 2, 3, 8, span])):
        value = chance.randint(low, low + chance.choice([3, span]))
        if chance.random() < goes:
            found.pop(value, None)
        else:
            found[value] = found.get(value, 0) + 1
    return found


@pytest.mark.parametrize("values", [0, 1, 16, 17, 19, 20, 64, 65, 76, 77, 80, 81, 400])
@pytest.mark.parametrize("kind", [NUMBERS, STRINGS])
def test_values_that_are_grouped_at_once_make_the_levels_of_the_plain_trees(
    kind: str, values: int
) -> None:
    trees = PlainTrees(1, numbers=kind == NUMBERS)
    trees.update({0: {value: {1} for value in range(values)}}, {0})
    assert [list(level) for level in facet_levels.BUILT[kind](values)] == trees.sizes_of(0)


class History:
    """An index, and what the plain trees make of the same changes."""

    def __init__(self, directory: Path, at_once: int = 1000) -> None:
        self.at_once = at_once
        self.writer = IndexWriter(directory)
        self.documents: dict[int, tuple[int, dict[str, Any]]] = {}
        self.numbers = count()  # never used twice
        self.forget(self.at_once)
        self.rules: list[Any] = []
        self.settle(FIELDS)

    def put(self, documents: list[dict[str, Any]]) -> None:
        self.writer.upsert([(str(d["id"]), d) for d in documents])
        for document in documents:
            known = self.documents.get(document["id"])
            number = known[0] if known else next(self.numbers)
            self.documents[document["id"]] = (number, document)
        self.commit()

    def delete(self, ids: list[int]) -> None:
        self.writer.delete([str(one) for one in ids])
        for one in ids:
            self.documents.pop(one, None)
        self.commit()

    def clear(self) -> None:
        self.writer.clear()
        self.documents.clear()
        self.forget(self.at_once)
        self.commit()

    def forget(self, at_once: int) -> None:
        self.strings, self.floats = PlainTrees(at_once), PlainTrees(at_once, numbers=True)

    def settle(self, rules: list[Any]) -> None:
        """Change the fields that are facets."""
        faceting = {"maxValuesPerFacet": 1000, "sortFacetValuesBy": {"*": "count"}}
        self.writer.update_settings({"filterableAttributes": rules, "faceting": faceting})
        for field, name in enumerate(FIELDS):
            for trees in (self.strings, self.floats):
                if not is_facet(name, rules):
                    trees.forget(field)
                elif name not in rules and name in self.rules:
                    trees.drop_levels(field)
        self.rules = rules
        self.commit()

    def reopen(self) -> None:
        self.writer.upsert([("forgotten", {"id": "forgotten", "make": "zzz"})])
        self.writer.rollback()
        self.writer.close()
        self.writer = IndexWriter(self.writer.directory)

    def commit(self) -> None:
        self.writer.commit()
        self.follow()

    def follow(self) -> None:
        comparable = {field for field, name in enumerate(FIELDS) if name in self.rules}
        self.strings.update(self.held(str), comparable)
        self.floats.update(self.held(float), set(range(len(FIELDS))))

    def held(self, kind: type) -> dict[int, dict[Any, set[int]]]:
        """By field and value the documents with it, for values of one kind."""
        found: dict[int, dict[Any, set[int]]] = {}
        for field, name in enumerate(FIELDS):
            for number, document in self.documents.values():
                for value in plain.scalars(document, name) if is_facet(name, self.rules) else ():
                    key = plain.key(value) if isinstance(value, str) else float(value)
                    if isinstance(value, str) is (kind is str):
                        found.setdefault(field, {}).setdefault(key, set()).add(number)
        return found

    def check(self, below: int) -> None:
        """The facets of the documents with an id below it come in the order of the trees."""
        asked = Asked(self.writer.directory, self.writer.version)
        found = asked.facets("*", filter=f"id < {below}", limit=0)
        chosen = {number for key, (number, _) in self.documents.items() if key < below}
        for field, name in enumerate(FIELDS):
            floats = self.floats.by_count(field, chosen)
            strings = self.strings.by_count(field, chosen)
            wanted = [(plain.shown(value), size) for value, size in floats]
            wanted += [(value.decode(), size) for value, size in strings]
            assert list(found.get(name, {}).items()) == wanted
            for kind, trees in ((NUMBERS, self.floats), (STRINGS, self.strings)):
                assert self.stored(name, kind) == trees.sizes_of(field)

    def stored(self, name: str, kind: str) -> list[list[int]]:
        """The sizes of groups that are stored with the version."""
        packed = manifest(self.writer)["trees"].get(name, {}).get(kind, ())
        if packed is not None:
            return [list(level) for level in facet_levels.unpacked(packed)]
        of_kind = self.held(float if kind == NUMBERS else str)
        values = len(of_kind.get(FIELDS.index(name), ()))
        return [list(level) for level in facet_levels.BUILT[kind](values)]


def is_facet(name: str, rules: list[Any]) -> bool:
    return name in rules or (ONLY_EQUAL in rules and name in ONLY_EQUAL["attributePatterns"])


def cars(start: int, number: int, salt: int) -> list[dict[str, Any]]:
    return [
        {
            "dealer": {"name": f"d{(i + salt) % 3}"},
            "id": i,
            "make": f"m{(i * 7 + salt) % 53:02}",
            "price": "unknown" if (i + salt) % 11 == 0 else (i * (salt + 1)) % 90 / 2,
            "tags": [f"t{i % 25:02}", f"t{(i + salt) % 31:02}"],
        }
        for i in range(start, start + number)
    ]


place = st.integers(0, 120)
size = st.sampled_from([1, 1, 2, 3, 30, 100])
change = st.one_of(
    st.tuples(st.just("put"), place, size, st.integers(0, 5)),
    st.tuples(st.just("put"), place, size, st.integers(0, 5)),
    st.tuples(st.just("delete"), place, size),
    st.tuples(st.just("settle"), st.sampled_from(RULES)),
    st.tuples(st.sampled_from(["reopen", "clear"])),
)


@settings(deadline=None, max_examples=25)
@given(changes=st.lists(change, max_size=10), below=st.sampled_from([20, 90, 1000]))
def test_an_index_lists_values_as_the_plain_trees_do(changes: list[Any], below: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(facet_trees, "_AT_LEAST", _AT_ONCE),
    ):
        history = History(Path(folder), _AT_ONCE)
        history.put(cars(0, 100, 0))
        for kind, *details in changes:
            if kind == "put":
                history.put(cars(*details))
            elif kind == "delete":
                history.delete(list(range(details[0], details[0] + details[1])))
            else:
                getattr(history, kind)(*details)
            history.check(below)


@pytest.mark.parametrize("span", [200, 600])  # with a bit row for each value, and without
def test_lists_of_many_values_come_in_the_order_of_the_plain_trees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, span: int
) -> None:
    monkeypatch.setattr(facet_trees, "_AT_LEAST", _AT_ONCE)
    chance = random.Random(span)
    history = History(tmp_path, _AT_ONCE)
    tags = [[f"t{chance.randrange(span):03}" for _ in range(8)] for _ in range(span)]
    history.put([{"id": number, "tags": own} for number, own in enumerate(tags)])
    assert len(history.stored("tags", STRINGS)) > 1
    for below in (1, 2, 5, 30, 150, 1000):
        history.check(below)


def test_the_keys_behind_a_field_are_those_of_later_ones(tmp_path: Path) -> None:
    """As they are numbered: fields of documents first, then those inside of them."""
    names = ["make", "tags", "dealer.name", "price"]
    values = {"dealer": {"name": ["d1", "d2"]}, "make": ["m1", "m2", "m3"], "tags": list("abcde")}
    writer = IndexWriter(tmp_path)
    writer.update_settings({"filterableAttributes": names})
    writer.upsert([("1", {"id": 1, **values, "price": list(range(30))})])
    snapshot = Asked(tmp_path, writer.commit()).reader._snapshot
    unknown = facet_trees._Batch({}, snapshot, snapshot)
    assert [unknown._later(STRINGS, name) for name in names] == [7, 2, 0, 2]
    at_once = facet_trees._Batch({(STRINGS, "tags"): facet_trees.Tree(None)}, snapshot, snapshot)
    assert [at_once._later(STRINGS, name) for name in names] == [9, 2, 0, 2], "with two groups"
    assert unknown._later(NUMBERS, "make") >= 16


def test_fields_are_grouped_in_the_order_of_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path)
    history.put(cars(0, 2, 0))
    seen: list[str] = []
    usual = facet_levels.changed

    def noted(*change: Any) -> facet_levels.Levels:
        seen.append(change[3].args[1])
        return usual(*change)

    monkeypatch.setattr(facet_levels, "changed", noted)
    history.put(cars(0, 2, 1))
    assert list(dict.fromkeys(seen)) == ["make", "price", "tags", "dealer.name"]


def test_more_changed_values_than_a_share_of_all_are_grouped_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two fields have 600 values and a third as many groups: a fifth of these keys is 160."""
    monkeypatch.setattr(facet_trees, "_SHARE", 5)
    monkeypatch.setattr(facet_trees, "_AT_LEAST", 10)
    for changed, most, at_once in ((75, 1000, False), (85, 1000, True), (75, 150, True)):
        monkeypatch.setattr(facet_trees, "_AT_MOST", most)
        writer = IndexWriter(tmp_path / f"{changed}-{most}")
        writer.update_settings({"filterableAttributes": ["price", "year"]})
        writer.upsert([(str(n), {"id": n, "price": n, "year": n}) for n in range(300)])
        writer.commit()
        writer.upsert([(str(n), {"id": n, "price": -1 - n, "year": n}) for n in range(changed)])
        writer.commit()
        trees = manifest(writer)["trees"]
        assert (trees["price"]["numbers"] is None) is at_once
        assert trees["year"]["numbers"] is None, "nothing of it changed"


def test_a_field_that_is_a_facet_again_starts_anew(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.put(cars(0, 100, 0))
    history.put(cars(50, 1, 3))
    history.settle(["id", "tags"])
    history.settle(FIELDS)
    history.check(1000)
    history.put(cars(30, 1, 2))
    history.check(1000)


def test_a_field_that_cannot_be_compared_has_no_groups_of_strings(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.put(cars(0, 100, 0))
    history.put(cars(50, 1, 3))
    history.settle(["id", ONLY_EQUAL])
    history.check(1000)
    history.put([{**car, "make": f"new {car['id']}"} for car in cars(30, 30, 2)])
    history.check(1000)
    history.settle(FIELDS)
    history.put(cars(60, 1, 3))
    history.check(1000)


@pytest.mark.parametrize("rules", [FIELDS, ["id", "tags", ONLY_EQUAL]])
def test_levels_that_are_lost_are_grouped_anew(tmp_path: Path, rules: list[Any]) -> None:
    history = History(tmp_path)
    history.settle(rules)
    history.put(cars(0, 100, 0))
    history.put(cars(50, 1, 3))
    assert manifest(history.writer)["trees"]["tags"]["strings"] is not None
    for path in tmp_path.glob("*.segment"):
        path.unlink()
    history.writer.close()
    history.writer = IndexWriter(tmp_path)
    assert manifest(history.writer)["trees"]["tags"]["strings"] is None
    history.forget(1)
    history.follow()
    history.check(1000)


def manifest(writer: IndexWriter) -> dict[str, Any]:
    _, _, body = manifest_path(writer.directory, writer.version).read_bytes().partition(b"\n")
    found: dict[str, Any] = orjson.loads(body)
    return found


def test_fields_of_documents_are_numbered_before_those_inside_of_them(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.put(cars(0, 2, 0))
    names = ["dealer", "id", "make", "price", "tags", "dealer.name"]
    assert manifest(history.writer)["fields"] == names
