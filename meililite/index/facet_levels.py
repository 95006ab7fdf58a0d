"""The groups that Meilisearch makes of a facet's values, and of those groups, level by level.

Among values with equal counts the order of an answer follows these groups (`facets`), and they
follow the history of an index: values that arrive together are grouped by fours, and a change
arranges the groups around it anew. The rules are those of milli 1.50, Meilisearch's engine.

Levels stand from the lowest to the highest. A level is a byte for each of its groups, from left to
right: how many items of the level below it covers, values for the lowest.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Levels = tuple[bytes, ...]
Packed = dict[str, dict[str, list[str] | None]]  # by field and kind; None: grouped at once
KINDS = NUMBERS, STRINGS = "numbers", "strings"

_GROUP = 4  # items in a group that is made anew
_MOST = 8  # items in a group, at most
_LEAST = 5  # groups in a level, at least
_FIRST = -1  # the place before all others


def built(values: int) -> Levels:
    """The levels over so many strings that are grouped at once: always one, if there are any."""
    levels: list[bytes] = []
    items = values
    while items and (not levels or items // _GROUP >= _LEAST):
        levels.append(_fours(items))
        items = len(levels[-1])
    return tuple(levels)


def built_of_numbers(values: int) -> Levels:
    """The levels over so many numbers that are grouped at once."""
    levels: list[bytes] = []
    while len(level := _fours(values)) >= _LEAST:
        levels.append(level)
        values = len(level)
    return tuple(levels)


BUILT = {NUMBERS: built_of_numbers, STRINGS: built}


def _fours(items: int) -> bytes:
    whole, rest = divmod(items, _GROUP)
    return bytes([_GROUP]) * whole + bytes([rest] if rest else [])


@dataclass(frozen=True)
class _Change:
    """What became of the items of one level: values, or the groups of a level.

    touched: for the place of a changed item how many stand there instead. before: how many new
    ones stand before all others. joined: how many stand in the place of the first item, which new
    ones before it were grouped with; None if they were not.
    """

    touched: Mapping[int, int]
    before: int
    joined: int | None = None


def changed(
    levels: Levels, values: int, touched: Mapping[int, int], later: Callable[[], int]
) -> Levels:
    """The levels after a change of few values.

    values: how many there are now. touched: for the place of every value that other documents
    hold now how many values stand there instead (none if it is gone; new ones stand at the place
    of the value before them, and at -1 if there is none). later: says how many keys of
    other fields the engine finds behind those of this one (only the first 16 count).
    """
    inner = {place: count for place, count in touched.items() if place != _FIRST}
    change = _Change(inner, touched.get(_FIRST, 0))
    found: list[bytes] = []
    for index, level in enumerate(levels):
        above = [len(other) for other in levels[index + 1 :]]
        items = _touched_groups(level, change)
        sizes = _arranged(level, items, above, lowered=change.before > 0, later=later)
        found.append(_spliced(level, sizes))
        change = _above(change, sizes)
    while found and not found[-1]:
        found.pop()
    return _grown_or_cut(found, values)


def _touched_groups(level: bytes, change: _Change) -> dict[int, int]:
    """How many items each touched group has now.

    New items before all others join the first group, or are one of their own (at -1) when
    something else changed in the first.
    """
    places = list(change.touched)
    ends = np.cumsum(np.frombuffer(level, np.uint8), dtype=np.int64)
    items: dict[int, int] = {}
    for place, group in zip(places, np.searchsorted(ends, places, "right").tolist(), strict=True):
        items[group] = items.get(group, level[group]) + change.touched[place] - 1
    if change.before:
        rest = 0 if change.joined is None else change.joined - 1
        if 0 in items:
            items[0] += rest
            items[_FIRST] = change.before
        else:
            items[0] = change.before + level[0] + rest
    return items


def _arranged(
    level: bytes,
    items: Mapping[int, int],
    above: Sequence[int],
    *,
    lowered: bool,
    later: Callable[[], int],
) -> dict[int, list[int]]:
    """For every touched group the sizes of the groups that replace it.

    above: how many groups the levels above have. lowered: whether there are new items before all
    others; the engine then has dropped the first group of the level already.
    """
    keys = len(level) - lowered
    to_the_right = False  # whether a group was put there
    least = min(items, default=_FIRST)
    found: dict[int, list[int]] = {}
    for done, group in enumerate(sorted(items, reverse=True)):
        bounded = to_the_right or len(level) - 1 - group > done
        has_key = group > 0 or (group == 0 and not lowered)
        # The rightmost group has no end for the engine, which counts what stands behind it too.
        dropped_above = bool(above) and lowered and group == least
        tail = None if bounded else keys + sum(above) - dropped_above
        if tail is not None and tail < 2 * _MOST:
            tail += later()
        found[group] = _split(items[group], tail, has_key=has_key)
        keys += len(found[group]) - has_key
        to_the_right = to_the_right or bool(found[group])
    return found


def _above(change: _Change, sizes: Mapping[int, Sequence[int]]) -> _Change:
    """What the change of a level is to the one above, by the sizes of its new groups."""
    touched = {group: len(new) for group, new in sizes.items() if group != _FIRST}
    if not change.before or _FIRST in sizes:
        return _Change(touched, len(sizes.get(_FIRST, ())))
    # A group belongs to the new ones before all if its first item does.
    firsts = accumulate(sizes[0][:-1], initial=0)
    before = sum(first < change.before for first in firsts)
    del touched[0]
    return _Change(touched, before, len(sizes[0]) - before)


def _split(items: int, tail: int | None, *, has_key: bool) -> list[int]:
    """The sizes of the groups for so many items; `tail` keys behind them count as items, too."""
    sizes: list[int] = []
    while items:
        seen = min(items + (tail or 0), 2 * _MOST)
        size = _MOST if seen == 2 * _MOST else seen // 2 if seen >= _GROUP else seen
        sizes.append(min(size, items))
        items -= sizes[-1]
        if tail is not None and not (has_key and len(sizes) == 1):
            tail += 1  # the group's own key is new, and stands behind the items
    return sizes


def _spliced(level: bytes, arranged: Mapping[int, Sequence[int]]) -> bytes:
    pieces: list[bytes] = []
    start = 0
    for group in sorted(arranged):
        pieces += [level[start : max(group, 0)], bytes(arranged[group])]
        start = group + 1
    return b"".join([*pieces, level[start:]])


def _grown_or_cut(levels: Sequence[bytes], values: int) -> Levels:
    """With a level more when the highest has many groups, one less when it has few."""
    highest = len(levels[-1]) if levels else values
    if highest >= _GROUP * _LEAST:
        return (*levels, _fours(highest))
    return tuple(levels[:-1] if highest < _LEAST else levels)


@dataclass(frozen=True)
class Groups:
    """The groups of a level."""

    starts: NDArray[np.int64]  # the first value of every group
    firsts: NDArray[np.int64]  # the first item of every group
    owners: NDArray[np.int32]  # for each item its group


def groups(levels: Levels) -> list[Groups]:
    """The groups of each level; values and items are named by their places."""
    found: list[Groups] = []
    for level in levels:
        sizes = np.frombuffer(level, np.uint8)
        firsts = np.cumsum(sizes, dtype=np.int64) - sizes
        owners = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        found.append(Groups(found[-1].starts[firsts] if found else firsts, firsts, owners))
    return found


def packed(levels: Levels) -> list[str]:
    """The levels as JSON can hold them."""
    return [b64encode(zlib.compress(level, 1)).decode() for level in levels]


def unpacked(texts: Iterable[str]) -> Levels:
    """The levels that `packed` packed."""
    return tuple(zlib.decompress(b64decode(text)) for text in texts)
