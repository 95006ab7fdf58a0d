"""Meilisearch's trees of facet values, said plainly: one sorted list of keys for all fields.

A key is (field, level, left bound); level 0 holds the values, a group above stands for the run of
keys of the level below from its bound to before the next one, as far as its size says.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from typing import Any

Key = tuple[int, int, Any]
Value = Any

GROUP, MOST, LEAST = 4, 8, 5
SHARE, AT_MOST = 500, 100_000


class PlainTrees:
    """The values of one kind (strings or numbers) of every field, with their documents.

    at_once: so many changed values are grouped anew all together. numbers: of numbers, which are
    then grouped by another rule.
    """

    def __init__(self, at_once: int, *, numbers: bool = False) -> None:
        self.at_once = at_once
        self.numbers = numbers
        self.keys: list[Key] = []
        self.sizes: dict[Key, int] = {}
        self.held: dict[int, dict[Value, set[int]]] = {}

    def update(self, held: dict[int, dict[Value, set[int]]], levelled: set[int]) -> None:
        """Take what documents hold each value of each field now."""
        limit = min(max(len(self.keys) // SHARE, self.at_once), AT_MOST)
        changed: dict[int, list[Value]] = {}
        for field in self.held.keys() | held.keys():
            before, after = self.held.get(field, {}), held.get(field, {})
            for value in before.keys() | after.keys():
                if before.get(value, set()) != after.get(value, set()):
                    changed.setdefault(field, []).append(value)
                    key = (field, 0, value)
                    if value in after:
                        self._put(key, 1)
                    else:
                        self._drop(key)
        self.held = held
        fields = sorted(levelled & changed.keys())
        for field in fields:
            if len(changed[field]) >= limit:
                self._rebuild(field)
        for field in fields:
            if len(changed[field]) < limit:
                self._regroup(field, sorted(changed[field], reverse=True))
                self._grow_or_shrink(field)

    def sizes_of(self, field: int) -> list[list[int]]:
        """For each level above the values, how many keys below each group covers."""
        return [
            [self.sizes[key] for key in self._level(field, level)]
            for level in range(1, self._highest(field) + 1)
        ]

    def forget(self, field: int) -> None:
        """Take it that the field never was a facet."""
        for key in [key for key in self.keys if key[0] == field]:
            self._drop(key)
        self.held.pop(field, None)

    def drop_levels(self, field: int) -> None:
        for key in [key for key in self.keys if key[0] == field and key[1]]:
            self._drop(key)

    def _put(self, key: Key, size: int) -> None:
        if key not in self.sizes:
            insort(self.keys, key)
        self.sizes[key] = size

    def _drop(self, key: Key) -> None:
        if self.sizes.pop(key, None) is not None:
            del self.keys[bisect_left(self.keys, key)]

    def _level(self, field: int, level: int) -> list[Key]:
        return [key for key in self.keys if key[:2] == (field, level)]

    def _highest(self, field: int) -> int:
        return max((key[1] for key in self.keys if key[0] == field), default=0)

    def _rebuild(self, field: int) -> None:
        self.drop_levels(field)
        level = 0
        while True:
            below = self._level(field, level)
            groups = [below[start : start + GROUP] for start in range(0, len(below), GROUP)]
            if self.numbers and len(groups) < LEAST:
                return
            level += 1
            for group in groups:
                self._put((field, level, group[0][2]), len(group))
            if len(groups) // GROUP < LEAST and not self.numbers:
                return

    def _regroup(self, field: int, children: list[Value]) -> None:
        """Arrange the groups over changed values anew; `children` in descending order."""
        level = 0
        while children:
            parents: list[Value] = []
            above = [key[2] for key in self._level(field, level + 1)]
            last: Value = None
            for child in children:
                if last is None or child < last:
                    place = bisect_right(above, child)
                    if place:
                        last = above[place - 1]
                        parents.append(last)
                    elif above:
                        # Left of all groups: the first one starts at the least of the changed.
                        self._drop((field, level + 1, above[0]))
                        parents.append(children[-1])
                        for other in children[children.index(child) :]:
                            self._arrange(field, level, other)
                        break
                    else:
                        for other in children[children.index(child) :]:
                            self._arrange(field, level, other)
                        return
                self._arrange(field, level, child)
            children, level = parents, level + 1

    def _arrange(self, field: int, level: int, bound: Value) -> None:
        """Group the keys below from the bound to before the next group's."""
        if not level:
            return
        own = (field, level, bound)
        after = [key for key in self._level(field, level) if key > own]
        start = bisect_left(self.keys, (field, level - 1, bound))
        first = True
        while True:
            stop = bisect_left(self.keys, (field, level - 1, after[0][2])) if after else None
            count = len(self.keys[start:stop][: 2 * MOST])
            take = MOST if count >= 2 * MOST else count // 2 if count >= GROUP else count
            window = self.keys[start:stop][:take]
            group = [key for key in window if key[:2] == (field, level - 1)]
            if first and (not group or group[0][2] != bound):
                self._drop(own)
            if not group:
                return
            self._put((field, level, group[0][2]), len(group))
            start, first = bisect_right(self.keys, group[-1]), False

    def _grow_or_shrink(self, field: int) -> None:
        highest = self._highest(field)
        top = self._level(field, highest)
        if len(top) >= GROUP * LEAST:
            for start in range(0, len(top), GROUP):
                group = top[start : start + GROUP]
                self._put((field, highest + 1, group[0][2]), len(group))
        elif len(top) < LEAST and highest:
            for key in top:
                self._drop(key)

    def by_count(self, field: int, candidates: set[int]) -> list[tuple[Value, int]]:
        """The values of the candidates, the most frequent first."""

        def documents(key: Key) -> set[int]:
            if not key[1]:
                return self.held[field][key[2]]
            return set[int]().union(*map(documents, self._children(key)))

        heap: list[Any] = []

        def push(keys: list[Key]) -> None:
            for key in keys:
                if count := len(documents(key) & candidates):
                    heapq.heappush(heap, (-count, key[1], _Last(key[2]), key))

        push(self._level(field, self._highest(field)))
        found = []
        while heap:
            negated, level, _, key = heapq.heappop(heap)
            if level:
                push(self._children(key))
            else:
                found.append((key[2], -negated))
        return found

    def _children(self, key: Key) -> list[Key]:
        field, level, bound = key
        start = bisect_left(self.keys, (field, level - 1, bound))
        return self.keys[start : start + self.sizes[key]]


class _Last:
    """Orders the other way round."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __lt__(self, other: _Last) -> bool:
        return bool(self.value > other.value)


def touched(old: dict[int, Any], now: dict[int, Any]) -> dict[int, int]:
    """What became of the places of values, by who holds them: see `facet_levels.changed`."""
    order = sorted(old)
    found: dict[int, int] = {}
    for value in sorted(v for v in old.keys() | now.keys() if old.get(v) != now.get(v)):
        place = bisect_left(order, value)
        if value in old:
            found[place] = found.get(place, 1) - (value not in now)
        else:
            found[place - 1] = found.get(place - 1, int(place > 0)) + 1
    return found
