"""Counting the values of fields among the documents that were found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.errors import ApiError
from meililite.index.columns import Column
from meililite.index.facet_levels import NUMBERS, STRINGS, Groups
from meililite.index.patterns import Match, below, match_field, match_pattern, stronger
from meililite.index.settings import FilterableRule, Settings
from meililite.index.snapshot import Snapshot

# From so many documents on, Meilisearch lists values by its tree of values instead of by document,
# which shows in the order of numbers.
_BY_TREE = 3000
_BITS_AT_ONCE = 128  # so many bits are counted in the time that one value takes
_CHUNK = 1 << 15  # words of bits that are counted together, so that they stay in the cache

Counts = NDArray[np.int64]
Levels = list[Groups]


class Candidates:
    """The documents whose values are counted, in the shapes that counting needs."""

    def __init__(self, mask: NDArray[np.bool_]) -> None:
        self.mask = mask
        self.count = int(np.count_nonzero(mask))
        self._rows: NDArray[np.int64] | None = None
        self._packed: NDArray[np.uint64] | None = None

    @property
    def rows(self) -> NDArray[np.int64]:
        if self._rows is None:
            self._rows = np.flatnonzero(self.mask)
        return self._rows

    @property
    def packed(self) -> NDArray[np.uint64]:
        if self._packed is None:
            packed = np.packbits(self.mask, bitorder="little")
            self._packed = np.pad(packed, (0, -len(packed) % 8)).view(np.uint64)
        return self._packed


@dataclass(frozen=True)
class Facet:
    """The counts of a field's values; `groups` are places in the column's dictionary."""

    column: Column
    candidates: Candidates
    counts: Counts  # by group: spellings of one value count together

    def spelling(self, group: int) -> str:
        """The value as the first of the documents writes it."""
        dictionary = self.column.dictionary
        key = group - len(dictionary.numbers)
        start, stop = int(dictionary.first[key]), int(dictionary.first[key + 1])
        if stop - start == 1:
            return dictionary.names[group]
        start = self._first_used(start, stop)
        return dictionary.strings[start].decode("utf-8", "surrogatepass")

    def counted(self, groups: Sequence[int]) -> dict[str, int]:
        """The values of the groups with their counts, in this order."""
        dictionary = self.column.dictionary
        counts = self.counts[groups].tolist()
        if len(dictionary.keys) == len(dictionary.strings):  # no value has two spellings
            names = dictionary.names
            return {names[group]: count for group, count in zip(groups, counts, strict=True)}
        numbers = len(dictionary.numbers)
        return {
            self.spelling(group) if group >= numbers else dictionary.names[group]: count
            for group, count in zip(groups, counts, strict=True)
        }

    def _first_used(self, start: int, stop: int) -> int:
        base = len(self.column.dictionary.numbers)
        firsts: list[tuple[int, int]] = []
        for place in range(start, stop):
            code = base + place
            rows = np.flatnonzero(self.column.rows_with(code, code + 1) & self.candidates.mask)
            if len(rows):
                firsts.append((int(rows[0]), place))
        return min(firsts)[1]


def count_values(column: Column, candidates: Candidates) -> Facet:
    """How many of the candidates have each value of the column."""
    codes = _count_codes(column, candidates)
    starts = column.dictionary.group_starts
    counts = codes if len(starts) == len(codes) else np.add.reduceat(codes, starts)
    return Facet(column, candidates, counts)


def _count_codes(column: Column, candidates: Candidates) -> Counts:
    """How many of the candidates have each code, by the cheaper of two ways."""
    size = len(column.dictionary)
    if not size:
        return np.zeros(0, np.int64)
    values = len(column) if column.values is None else len(column.values)
    entries = candidates.count * values // len(column)
    if column.bits is not None and size * len(column) < _BITS_AT_ONCE * entries:
        return count_bits(column.bits, candidates.packed)
    if column.values is not None:
        _, codes = column.entries(candidates.rows)
    elif candidates.count == len(column):
        codes = column.codes
    else:
        codes = column.codes[candidates.rows]
    return np.bincount(codes, minlength=size + 1)[:size]


def count_bits(bits: NDArray[np.uint64], chosen: NDArray[np.uint64]) -> Counts:
    """For each row of bits how many are set in `chosen`, too."""
    found = np.empty(len(bits), np.int64)
    step = max(1, _CHUNK // len(chosen))
    for start in range(0, len(bits), step):
        both = np.bitwise_count(bits[start : start + step] & chosen)
        found[start : start + step] = both.sum(axis=1, dtype=np.uint32)
    return found


def distribution(
    facet: Facet, order: str, limit: int, levels_of: Callable[[str, int], Levels]
) -> dict[str, int]:
    """The values and their counts: numbers, then strings, each as `order` says.

    levels_of: gives the groups of NUMBERS or STRINGS (`Snapshot.groups`), by how many values there
    are.
    """
    if limit <= 0:
        return {}
    numbers = len(facet.column.dictionary.numbers)
    by_document = order == "alpha" and facet.candidates.count <= _BY_TREE
    numbers_levels, strings_levels = partial(levels_of, NUMBERS), partial(levels_of, STRINGS)
    found = facet.counted(_ordered(facet, 0, numbers, order, limit, numbers_levels))
    if by_document:
        found = dict(sorted(_all_numbers(facet).items())[:limit])
        limit -= len(found)
    elif len(found) < limit:
        limit -= len(found)
    else:
        limit = len(facet.counts)  # as Meilisearch does: full of numbers, it takes every string
    stop = len(facet.counts)
    return found | facet.counted(_ordered(facet, numbers, stop, order, limit, strings_levels))


def _all_numbers(facet: Facet) -> dict[str, int]:
    numbers = len(facet.column.dictionary.numbers)
    return facet.counted(np.flatnonzero(facet.counts[:numbers]).tolist())


def _ordered(
    facet: Facet, start: int, stop: int, order: str, limit: int, levels: Callable[[int], Levels]
) -> list[int]:
    """The groups from `start` to before `stop` that have a count, the first `limit` of them."""
    counts = facet.counts[start:stop]
    used = np.flatnonzero(counts != 0)  # of booleans this is several times as fast
    if order == "alpha" or len(used) <= 1:
        return list((used[:limit] + start).tolist())
    found = counts[used]
    if len(used) > limit:
        least = np.partition(found, len(found) - limit)[len(found) - limit]
        used = used[found >= least]
        found = counts[used]
    elif len(np.unique(found)) == len(found):
        return list((used[np.argsort(-found)] + start).tolist())
    depth, place = _tree_depth(facet, start, stop, used, levels)
    return list((used[_first(limit, -found, depth, -place)] + start).tolist())


def _first(limit: int, *ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the first `limit` items stand when they are sorted by the ranks, one after another."""
    key = ranks[0] - ranks[0].min()
    for rank in ranks[1:]:
        lower = rank - rank.min()
        key = key * (lower.max() + 1) + lower
    if limit < len(key):
        chosen = np.argpartition(key, limit)[:limit]
        return chosen[np.argsort(key[chosen])]
    return np.argsort(key)


def _tree_depth(
    facet: Facet, start: int, stop: int, used: NDArray[np.int64], levels: Callable[[int], Levels]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How values with equal counts are ordered: (depth, place), deeper later, higher place first.

    Meilisearch opens its groups of values from the largest count down. A value whose group has the
    very same count is seen only when that group is opened, after the values already in sight.
    """
    in_use = facet.column.groups_in_use[start:stop]
    counts, places = facet.counts[start:stop], used
    if not in_use.all():
        counts, places = counts[in_use], (np.cumsum(in_use) - 1)[used]
    depth = np.zeros(len(used), np.int64)
    same = np.arange(len(used))  # as their groups, as far as those were looked at
    groups: NDArray[np.integer[Any]] = places
    own, totals = counts[places], counts
    for number, level in enumerate(levels(len(counts)), 1):
        totals = _group_totals(facet, start, stop, in_use, totals, level)
        groups = level.owners[groups]
        still = totals[groups] == own
        same, own, groups = same[still], own[still], groups[still]
        if not len(same):
            break
        depth[same] = number
    return depth, places


def _group_totals(
    facet: Facet,
    start: int,
    stop: int,
    in_use: NDArray[np.bool_],
    below: Counts,
    level: Groups,
) -> Counts:
    """How many documents have a value of each group; `below`: of each item of the level below."""
    column = facet.column
    if column.values is None:
        return np.add.reduceat(below, level.firsts)
    if column.bits is not None:
        codes = column.dictionary.group_starts[start + np.flatnonzero(in_use)[level.starts]]
        stop_code = int(np.append(column.dictionary.group_starts, len(column.dictionary))[stop])
        return count_bits(column.united(codes, stop_code), facet.candidates.packed)
    rows, codes = column.entries(facet.candidates.rows)
    groups = column.dictionary.groups[codes]
    inside = (groups >= start) & (groups < stop)
    places = (np.cumsum(in_use) - 1)[groups[inside] - start]
    owners = np.searchsorted(level.starts, places, "right") - 1
    pairs = np.unique(rows[inside] * len(level.starts) + owners)
    return np.bincount(pairs % len(level.starts), minlength=len(level.starts))


def stats(facet: Facet) -> dict[str, float] | None:
    """The smallest and largest number found; None if there is none."""
    numbers = facet.column.dictionary.numbers
    used = facet.counts[: len(numbers)] != 0
    if not used.any():
        return None
    last = len(used) - 1 - int(used[::-1].argmax())
    return {"min": float(numbers[used.argmax()]), "max": float(numbers[last])}


def facet_answer(
    snapshot: Snapshot, names: Sequence[str], mask: NDArray[np.bool_]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(facetDistribution, facetStats) of the documents in the mask.

    names: fields or patterns. Raises ApiError(invalid_search_facets).
    """
    candidates = Candidates(mask)
    counted: dict[str, Any] = {}
    found_stats: dict[str, Any] = {}
    selected = snapshot.memory.get(("facets", *names), lambda: _selected(snapshot, names))
    for name, order in selected.items():
        count = partial(_counted, snapshot, name, order, candidates)
        if candidates.count == snapshot.count:
            found = snapshot.memory.get(("facet", name, order), count)
        else:
            found = count()
        counted[name] = found[0]
        if found[1] is not None:
            found_stats[name] = found[1]
    return counted, found_stats


def _counted(
    snapshot: Snapshot, name: str, order: str, candidates: Candidates
) -> tuple[dict[str, int], dict[str, float] | None]:
    facet = count_values(snapshot.column(name), candidates)
    levels = partial(snapshot.groups, name)
    return distribution(facet, order, snapshot.settings.max_values_per_facet, levels), stats(facet)


def _selected(snapshot: Snapshot, names: Sequence[str]) -> dict[str, str]:
    """The fields to count with their order: those that match, and those below them.

    Fields that no name matches themselves take the order of `*`. Raises ApiError.
    """
    settings = snapshot.settings
    check_names(settings, names)
    known = [field for field in snapshot.fields.names if settings.is_filterable(field)]
    matched = {
        field
        for field in known
        if stronger(match_pattern(name, field) for name in names) is Match.YES
    }
    return {
        field: settings.facet_order(field if field in matched else "*")
        for field in sorted(known)
        if any(below(field, name) for name in matched)
    }


def check_names(settings: Settings, names: Sequence[str]) -> None:
    """Raises ApiError(invalid_search_facets) for a name that no filterable rule allows."""
    for name in names:
        rule_index = _refusing_rule(settings, name)
        if rule_index is None:
            continue
        if rule_index >= 0:
            raise ApiError(
                "invalid_search_facets",
                f"Invalid facet distribution: Attribute `{name}` matched rule #{rule_index} in "
                "filterableAttributes, but this rule does not enable filtering.\n"
                f"Hint: enable filtering in rule #{rule_index} by modifying the features.filter "
                f"object\nHint: prepend another rule matching `{name}` with appropriate filter "
                f"features before rule #{rule_index}",
            )
        patterns = sorted({p for r in settings.filterable if r.filterable for p in r.patterns})
        known = (
            f"Available filterable attributes patterns are: `{', '.join(patterns)}`."
            if patterns
            else "This index does not have configured filterable attributes."
        )
        raise ApiError(
            "invalid_search_facets",
            f"Invalid facet distribution: Pattern `{name}` is not filterable. {known}",
        )


def _refusing_rule(settings: Settings, name: str) -> int | None:
    """None if the name is allowed; the rule that forbids it; -1 if no rule knows it."""
    for index, rule in enumerate(settings.filterable):
        if rule.filterable:
            if _intersects(rule, name):
                return None
        elif rule.match(name) is Match.YES:
            return index
    return -1


def _intersects(rule: FilterableRule, name: str) -> bool:
    if rule.is_field:
        field = rule.patterns[0]
        return bool(match_field(name, field)) or bool(match_pattern(name, field))
    return any(
        bool(match_pattern(name, pattern)) or bool(match_pattern(pattern, name))
        for pattern in rule.patterns
    )
