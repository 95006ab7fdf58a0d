"""Meilisearch's trees of facet values for all fields of an index, as they follow its changes.

What the groups over values are is told in `facet_levels`. Each field has a tree of its strings and
one of its numbers; here stands when one of them is grouped anew, changed or dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np

from meililite.index import facet_levels
from meililite.index.facet_levels import NUMBERS, STRINGS, Levels, Packed
from meililite.index.facet_values import NONE, Change, Values, differences, values_of
from meililite.index.patterns import Match
from meililite.index.snapshot import HeldRows, Snapshot, held_rows

_BUILD: dict[str, Callable[[int], Levels]] = {
    NUMBERS: facet_levels.built_of_numbers,
    STRINGS: facet_levels.built,
}

# So many changed values of a field in one batch, and its tree is grouped anew: a share of all keys
# of the kind, within bounds.
_SHARE = 500
_AT_LEAST = 1000
_AT_MOST = 100_000


@dataclass(frozen=True)
class Tree:
    values: Values
    levels: Levels

    @cached_property
    def keys(self) -> int:
        """How many keys the engine keeps for it."""
        return len(self.values) + sum(map(len, self.levels))

    @cached_property
    def packed(self) -> list[str]:
        return facet_levels.packed(self.levels)


class FacetTrees:
    """The trees of one version of an index; they do not change."""

    def __init__(self, trees: Mapping[str, Mapping[str, Tree]] | None = None) -> None:
        self._trees = trees or {NUMBERS: {}, STRINGS: {}}  # by kind and field

    @classmethod
    def of(cls, snapshot: Snapshot, packed: Packed | None) -> FacetTrees:
        """The trees that were stored with a version; grouped anew if none were."""
        trees: dict[str, dict[str, Tree]] = {NUMBERS: {}, STRINGS: {}}
        for name in sorted(_columns(snapshot)):
            for kind, values in zip(trees, values_of(snapshot.column(name)), strict=True):
                if packed is not None:
                    levels = facet_levels.unpacked(packed.get(name, {}).get(kind, ()))
                elif _has_levels(snapshot, name, kind):
                    levels = _BUILD[kind](len(values))
                else:
                    levels = ()
                trees[kind][name] = Tree(values, levels)
        return cls(trees)

    def packed(self) -> Packed:
        """What `of` reads."""
        found: Packed = {}
        for kind, trees in self._trees.items():
            for name, tree in trees.items():
                if tree.levels:
                    found.setdefault(name, {})[kind] = tree.packed
        return found

    def after(self, old: Snapshot, new: Snapshot, touched: Collection[int]) -> FacetTrees:
        """The trees after a batch, which took an index from one state to another.

        touched: the documents that it added, changed or deleted.
        """
        changes = _changes(old, new, touched)
        resettled = old.settings.raw != new.settings.raw
        found: dict[str, dict[str, Tree]] = {}
        for kind, trees in self._trees.items():
            kept = _resettled(trees, old, new) if resettled else trees
            limit = sum(tree.keys for tree in trees.values()) // _SHARE
            limit = min(max(limit, _AT_LEAST), _AT_MOST)
            found[kind] = _followed(kept, kind, changes[kind], limit, new)
        return FacetTrees(found)


def _has_levels(snapshot: Snapshot, name: str, kind: str) -> bool:
    """Numbers are grouped in any case when they change, strings only if they can be compared."""
    return kind == NUMBERS or snapshot.settings.is_comparable(name)


def _columns(snapshot: Snapshot) -> set[str]:
    return {name for segment in snapshot.segments for name in segment.meta["columns"]}


def _changes(
    old: Snapshot, new: Snapshot, touched: Collection[int]
) -> dict[str, dict[str, Change]]:
    """The values that changed, by kind and field: all of a field that was no facet before."""
    documents = np.sort(np.fromiter(touched, np.int64, len(touched)))
    before, after = held_rows(old, documents), held_rows(new, documents)
    names = _names(before) | _names(after)
    fresh: set[str] = set()
    everything: HeldRows = []
    if old.settings.raw != new.settings.raw:
        names = {name for name in names if new.settings.column_match(name) is Match.YES}
        wanted = {name for name in _columns(new) if new.settings.column_match(name) is Match.YES}
        fresh = {name for name in wanted if old.settings.column_match(name) is not Match.YES}
        everything = held_rows(new, np.flatnonzero(new.alive)) if fresh else []
    found: dict[str, dict[str, Change]] = {NUMBERS: {}, STRINGS: {}}
    for name in names | fresh:
        if name in fresh:
            changes = differences([], everything, name)
        else:
            changes = differences(before, after, name)
        for kind, change in zip(found, changes, strict=True):
            if change:
                found[kind][name] = change
    return found


def _names(held: HeldRows) -> set[str]:
    return {name for segment, _, _ in held for name in segment.meta["columns"]}


def _resettled(trees: Mapping[str, Tree], old: Snapshot, new: Snapshot) -> dict[str, Tree]:
    """The trees without those of fields that are no facets any more, and without the levels of
    those that can be compared no more.
    """
    kept: dict[str, Tree] = {}
    for name, tree in trees.items():
        if new.settings.column_match(name) is Match.YES:
            lost = old.settings.is_comparable(name) and not new.settings.is_comparable(name)
            kept[name] = replace(tree, levels=()) if lost else tree
    return kept


def _followed(
    trees: Mapping[str, Tree], kind: str, changes: Mapping[str, Change], limit: int, new: Snapshot
) -> dict[str, Tree]:
    """The trees of a kind after its changes; `limit` and more are too many to follow one by one."""
    found = dict(trees)
    followed: dict[str, dict[int, int]] = {}
    for name, change in changes.items():
        tree = trees.get(name, Tree(NONE, ()))
        values, touched = tree.values.changed(change)
        levels = tree.levels
        if _has_levels(new, name, kind):
            if len(change) < limit:
                followed[name] = touched
            else:
                levels = _BUILD[kind](len(values))
        found[name] = Tree(values, levels)
    order = sorted(found, key=new.fields.number, reverse=True)
    behind = list(accumulate((found[name].keys for name in order), initial=0))
    for name, later in zip(order, behind, strict=False):
        if name in followed:
            values, levels = found[name].values, found[name].levels
            levels = facet_levels.changed(levels, len(values), followed[name], later)
            found[name] = Tree(values, levels)
    return found
