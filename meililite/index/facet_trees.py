"""Meilisearch's groups of facet values for all fields of an index, as they follow its changes.

What the groups are is told in `facet_levels`. Each field has a tree of its strings and one of its
numbers; here stands when one of them is grouped anew, changed or dropped.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from meililite.index import facet_levels
from meililite.index.facet_changes import Change, value_changes
from meililite.index.facet_levels import BUILT, KINDS, NUMBERS, STRINGS, Levels, Packed
from meililite.index.facet_values import Values
from meililite.index.patterns import Match
from meililite.index.segment import Segment
from meililite.index.snapshot import HeldRows, Snapshot, held_rows

# So many changed values of a field in one batch, and they are all grouped anew: a share of all keys
# of the kind, within bounds.
_SHARE = 500
_AT_LEAST = 1000
_AT_MOST = 100_000
_COUNTED = 16  # so many keys of later fields matter
_SAMPLE = 1000  # documents among which so many values are looked for first

_Key = tuple[str, str]  # kind and field


@dataclass(frozen=True)
class Tree:
    """levels: None for those of values that were grouped at once. values: None if not known."""

    levels: Levels | None = ()
    values: Values | None = None

    @cached_property
    def packed(self) -> list[str] | None:
        return None if self.levels is None else facet_levels.packed(self.levels)


class FacetTrees:
    """The trees of one version of an index; they do not change."""

    def __init__(self, trees: Mapping[_Key, Tree] | None = None) -> None:
        self._trees: Mapping[_Key, Tree] = trees or {}

    @classmethod
    def of(cls, snapshot: Snapshot, packed: Packed | None) -> FacetTrees:
        """The trees that were stored with a version; grouped anew if none were."""
        if packed is not None:
            return cls(
                {
                    (kind, name): Tree(None if texts is None else facet_levels.unpacked(texts))
                    for name, kinds in packed.items()
                    for kind, texts in kinds.items()
                }
            )
        return cls(
            {
                (kind, name): Tree(None)
                for name in _columns(snapshot.segments)
                for kind in KINDS
                if _has_levels(snapshot, name, kind)
            }
        )

    def packed(self) -> Packed:
        """What `of` reads."""
        found: Packed = {}
        for (kind, name), tree in self._trees.items():
            if tree.levels != ():
                found.setdefault(name, {})[kind] = tree.packed
        return found

    def after(self, old: Snapshot, new: Snapshot, touched: Collection[int]) -> FacetTrees:
        """The trees after a batch, which took an index from one state to another.

        touched: the documents that it added, changed or deleted.
        """
        batch = _Batch(self._trees, old, new)
        if old.settings.raw != new.settings.raw:
            batch.resettle()
        batch.apply(touched)
        return FacetTrees(batch.trees)


def _at_most(snapshot: Snapshot) -> dict[_Key, int]:
    """How many values each field has, at most: those of all segments."""
    found: dict[_Key, int] = {}
    for segment in snapshot.segments:
        for place, name in enumerate(segment.meta["columns"]):
            numbers = len(segment[f"column/{place}/numbers"])
            strings = len(segment[f"column/{place}/keys/offsets"]) - 1
            for key, count in (((NUMBERS, name), numbers), ((STRINGS, name), strings)):
                found[key] = found.get(key, 0) + count
    return found


def _has_levels(snapshot: Snapshot, name: str, kind: str) -> bool:
    """Numbers are grouped in any case when they change, strings only if they can be compared."""
    return kind == NUMBERS or snapshot.settings.is_comparable(name)


def _columns(held: Iterable[Segment]) -> set[str]:
    return {name for segment in held for name in segment.meta["columns"]}


class _Batch:
    """Makes the trees of the state `new` of those of `old`."""

    def __init__(self, trees: Mapping[_Key, Tree], old: Snapshot, new: Snapshot) -> None:
        self.trees = dict(trees)
        self._before = trees
        self._old = old
        self._new = new

    def resettle(self) -> None:
        """Keep the trees of fields that remain facets; those compared no more lose their levels."""
        old, new = self._old.settings, self._new.settings
        for (kind, name), tree in self._before.items():
            if new.column_match(name) is not Match.YES:
                del self.trees[kind, name]
            elif old.is_comparable(name) and not new.is_comparable(name):
                self.trees[kind, name] = replace(tree, levels=())

    def apply(self, touched: Collection[int]) -> None:
        followed: list[tuple[str, str, dict[int, int]]] = []
        for (kind, name), change in self._changes(touched).items():
            if not _has_levels(self._new, name, kind):
                self.trees.pop((kind, name), None)
            elif change is None:
                self.trees[kind, name] = Tree(None)
            else:
                followed.append((kind, name, self._change_values(kind, name, change)))
        for kind, name, places in sorted(followed, key=lambda one: self._order(one[1])):
            levels, values = self._known(self._new, kind, name)
            later = partial(self._later, kind, name)
            levels = facet_levels.changed(levels, len(values), places, later)
            self.trees[kind, name] = Tree(levels, values)

    def _order(self, name: str) -> int:
        return self._new.fields.number(name)

    def _changes(self, touched: Collection[int]) -> dict[_Key, Change | None]:
        """The values that changed (None: many); all values of a field that was no facet before."""
        documents = np.sort(np.fromiter(touched, np.int64, len(touched)))
        before, after = held_rows(self._old, documents), held_rows(self._new, documents)
        changes = {
            name: self._value_changes(before, after, name)
            for name in _columns(segment for segment, _, _ in (*before, *after))
        }
        old, new = self._old.settings, self._new.settings
        if old.raw != new.raw:
            everything = _everything(self._new)
            for name in _columns(self._new.segments):
                if old.column_match(name) is not Match.YES:
                    changes[name] = self._value_changes([], everything, name)
        return {
            (kind, name): change
            for name, found in changes.items()
            for kind, change in zip(KINDS, found, strict=True)
            if (change is None or len(change)) and new.column_match(name) is Match.YES
        }

    def _value_changes(self, before: HeldRows, after: HeldRows, name: str) -> list[Change | None]:
        least = (_AT_LEAST, _AT_LEAST)
        changes = value_changes(before, after, name, least)
        if None in changes and self._limits != least:
            return value_changes(before, after, name, self._limits)
        return changes

    @cached_property
    def _limits(self) -> tuple[int, int]:
        """From how many changed numbers, and strings, on those of a field are grouped anew."""
        keys = dict.fromkeys(KINDS, 0)
        for (kind, name), values in _at_most(self._old).items():
            levels = self._before.get((kind, name), Tree()).levels
            keys[kind] += values + (values // 3 if levels is None else sum(map(len, levels)))
        numbers, strings = (
            min(max(keys[kind] // _SHARE, _AT_LEAST), _AT_MOST) for kind in (NUMBERS, STRINGS)
        )
        return numbers, strings

    def _change_values(self, kind: str, name: str, change: Change) -> dict[int, int]:
        """Take a change of values; what became of the places, as `facet_levels` wants it."""
        levels, values = self._known(self._old, kind, name)
        values, places = values.changed(change)
        self.trees[kind, name] = Tree(levels, values)
        return places

    def _later(self, kind: str, name: str) -> int:
        """How many keys the engine keeps for the fields after one; from 16 on, it may be more."""
        found = 0
        for other in sorted(_columns(self._new.segments), key=self._order, reverse=True):
            if found >= _COUNTED or other == name:
                break
            found += self._keys(kind, other)
        return found

    def _keys(self, kind: str, name: str) -> int:
        tree = self.trees.get((kind, name), Tree())
        if tree.values is None:
            some = np.flatnonzero(self._new.alive)[:_SAMPLE]
            found = len(_values(held_rows(self._new, some), kind, name))
            if found >= _COUNTED:
                return found
        levels, values = self._known(self._new, kind, name)
        self.trees[kind, name] = Tree(tree.levels, values)
        return len(values) + sum(map(len, levels))

    def _known(self, snapshot: Snapshot, kind: str, name: str) -> tuple[Levels, Values]:
        """A tree's levels and values, in full."""
        tree = self.trees.get((kind, name), Tree())
        values = tree.values
        if values is None:
            values = _values(_everything(snapshot), kind, name)
        levels = BUILT[kind](len(values)) if tree.levels is None else tree.levels
        return levels, values


def _everything(snapshot: Snapshot) -> HeldRows:
    return held_rows(snapshot, np.flatnonzero(snapshot.alive))


def _values(held: HeldRows, kind: str, name: str) -> Values:
    """The values of a field in some documents."""
    limits = (sys.maxsize, 0) if kind == NUMBERS else (0, sys.maxsize)
    change = value_changes([], held, name, limits)[KINDS.index(kind)]
    assert change is not None
    return Values.of(change)
