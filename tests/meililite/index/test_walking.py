"""Walking many documents at once finds what walking them one by one, value by value, does."""

from collections import defaultdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meililite.index.column_building import ColumnBuilder
from meililite.index.columns import EMPTY, EXISTS, NULL
from meililite.index.fields import FieldNames
from meililite.index.settings import Settings
from meililite.index.walking import Matches, Walk

keys = st.sampled_from("abcd")
scalars = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["", "x", "y"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)
documents = st.lists(st.dictionaries(keys, values, max_size=3), max_size=5)
SETTINGS = Settings.of({"filterableAttributes": list("abcd")})

Found = dict[str, list[tuple[int, Any]]]


class Plain:
    """The rules, for one value at a time."""

    def __init__(self) -> None:
        self.values: Found = defaultdict(list)
        self.texts: Found = defaultdict(list)
        self.flags: dict[tuple[str, int], int] = defaultdict(int)

    def value(self, path: str, row: int, value: Any) -> None:
        self.flags[path, row] |= EXISTS
        if value is None:
            self.flags[path, row] |= NULL
        elif value in ("", [], {}) and not isinstance(value, bool):
            self.flags[path, row] |= EMPTY
        self.inside(path, row, value)

    def inside(self, path: str, row: int, value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                self.value(f"{path}.{key}", row, item)
        elif isinstance(value, list):
            for item in value:
                self.inside(path, row, item)
        elif value is not None:
            word = str(value).lower() if isinstance(value, bool) else value
            self.texts[path].append((row, str(word)))
            if word != "":
                self.values[path].append((row, word))
                self.flags[path, row] |= EXISTS


@given(documents)
def test_every_value_is_found_in_its_place(documents: list[dict[str, Any]]) -> None:
    walk, plain = Walk(Matches(SETTINGS), FieldNames()), Plain()
    walk.documents(documents)
    for row, document in enumerate(documents):
        for name, value in document.items():
            plain.value(name, row, value)
    assert {path: pairs(found.texts) for path, found in walk.found.items()} == {
        path: plain.texts[path] for path in walk.found
    }
    for path, found in walk.found.items():
        assert found.column is not None
        assert pairs(found.column.values) == plain.values[path]
        assert flags(found.column, len(documents)) == [
            plain.flags.get((path, row), 0) for row in range(len(documents))
        ]
    assert {path for path, _ in plain.flags} == set(walk.found)


def pairs(entries: Any) -> list[tuple[int, Any]]:
    rows, values = entries.ordered()
    return list(zip(rows.tolist(), values, strict=True))


def flags(column: ColumnBuilder, size: int) -> list[int]:
    return list(map(int, column.column(size).flags))
