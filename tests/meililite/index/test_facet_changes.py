"""What a change of documents is to the values of a field."""

import struct
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.index import IndexWriter, facet_changes
from meililite.index.facet_changes import Change, value_changes
from meililite.index.snapshot import Snapshot, held_rows
from tests.meililite.index import plain
from tests.meililite.index.conftest import Asked

_ALL = (sys.maxsize, sys.maxsize)
_MANY = 10**9  # so many documents are compared one by one

values = st.sampled_from(
    ["a", "A", "á", " a", "b", "B", "c", "", "10", 10, 10.0, -2.5, -3, 0.0, -0.0, 7, 1e300, True]
)
stock = st.dictionaries(st.integers(0, 12), st.lists(values, max_size=3), max_size=12)


class Two:
    """Two versions of an index."""

    def __init__(self, directory: Path, before: dict[int, Any], after: dict[int, Any]) -> None:
        writer = IndexWriter(directory)
        writer.update_settings({"filterableAttributes": ["v"]})
        self.before = self._put(writer, before)
        writer.delete([str(one) for one in before.keys() - after.keys()])
        self.after = self._put(writer, after)
        writer.close()

    @staticmethod
    def _put(writer: IndexWriter, documents: dict[int, Any]) -> Snapshot:
        writer.upsert([(str(key), {"id": key, "v": found}) for key, found in documents.items()])
        return Asked(writer.directory, writer.commit()).reader._snapshot

    def changes(self, limits: tuple[int, int]) -> list[Change | None]:
        everyone = np.arange(max(self.before.size, self.after.size))
        held = held_rows(self.before, everyone), held_rows(self.after, everyone)
        return value_changes(*held, "v", limits)


@settings(deadline=None, max_examples=60)
@given(before=stock, after=stock)
def test_values_change_that_other_documents_hold(
    before: dict[int, Any], after: dict[int, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        two = Two(Path(folder), before, after)
        old, new = _pairs(two.before, before), _pairs(two.after, after)
        for few in (0, _MANY):
            with mock.patch.object(facet_changes, "_FEW", few):
                found = two.changes(_ALL)
            for kind, change in zip((float, bytes), found, strict=True):
                assert change is not None
                keys = zip(change.keys, change.net.tolist(), strict=True)
                assert list(keys) == _wanted(old, new, kind)


def _pairs(snapshot: Snapshot, documents: dict[int, Any]) -> set[tuple[int | None, Any]]:
    """The numbers of documents with their values."""
    return {
        (snapshot.number(str(key)), plain.key(one) if isinstance(one, str) else float(one))
        for key, found in documents.items()
        for one in plain.scalars({"v": found}, "v")
    }


def _wanted(old: set[Any], new: set[Any], kind: type) -> list[tuple[bytes, int]]:
    net: dict[Any, int] = {}
    for step, pairs in ((1, new - old), (-1, old - new)):
        for _, value in pairs:
            net[value] = net.get(value, 0) + step
    chosen = sorted(value for value in net if isinstance(value, kind))
    return [(value if kind is bytes else _number_key(value), net[value]) for value in chosen]


def _number_key(number: float) -> bytes:
    (bits,) = struct.unpack(">Q", struct.pack(">d", number + 0.0))
    return (bits ^ ((1 << 64) - 1 if bits >> 63 else 1 << 63)).to_bytes(8, "big")


@given(st.lists(st.floats(allow_nan=False), min_size=2))
def test_keys_of_numbers_have_their_order(numbers: list[float]) -> None:
    keys = facet_changes._number_keys(np.array(numbers))
    assert [number for _, number in sorted(zip(keys, numbers, strict=True))] == sorted(numbers)
    assert len(set(keys)) == len(set(numbers)), "there is one zero"


@pytest.mark.parametrize("few", [0, _MANY])
def test_many_changed_values_are_not_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(facet_changes, "_FEW", few)
    stays = {key: [key, f"k{key}"] for key in range(5, 20)}
    changes = {key: [-key, f"l{key}"] for key in range(5)}
    two = Two(tmp_path, stays | {key: [100 + key] for key in range(5)}, stays | changes)
    for limits, sizes in (
        (_ALL, [10, 5]), ((10, 5), [None, None]), ((11, 6), [10, 5]), ((0, 6), [None, 5]),
    ):  # fmt: skip
        assert [_size(change) for change in two.changes(limits)] == sizes


@pytest.mark.parametrize("few", [0, _MANY])
def test_many_values_that_stay_are_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(facet_changes, "_FEW", few)
    stays = {key: [key, f"k{key}"] for key in range(20)}
    two = Two(tmp_path, stays, stays | {7: [7, "other"]})
    assert [_size(change) for change in two.changes((5, 5))] == [0, 2]


def _size(change: Change | None) -> int | None:
    return None if change is None else len(change)
