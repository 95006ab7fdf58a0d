"""One document for each value of a field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meililite.errors import ApiError
from meililite.index.patterns import Match, match_field
from meililite.index.settings import Settings
from meililite.index.snapshot import Snapshot


class Distinct:
    """Remembers which values were taken; documents without a value are all different."""

    def __init__(self, snapshot: Snapshot, field: str) -> None:
        self._column = snapshot.column(field)
        self._groups = self._column.dictionary.groups
        self._taken = np.zeros(len(self._column.dictionary.group_starts), bool)

    def take(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the documents that share no value with one before them, here or earlier."""
        index, codes = self._column.entries(rows)
        groups = self._groups[codes]
        if self._column.values is None:
            return self._take_single(rows, index, groups)
        starts = np.searchsorted(index, np.arange(len(rows) + 1))
        kept: list[int] = []
        for place in range(len(rows)):
            values = groups[starts[place] : starts[place + 1]]
            if not self._taken[values].any():
                self._taken[values] = True
                kept.append(place)
        return rows[kept]

    def _take_single(
        self, rows: NDArray[np.int64], index: NDArray[np.int64], groups: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        keep = np.ones(len(rows), bool)
        keep[index] = False
        _, first = np.unique(groups, return_index=True)
        first = first[~self._taken[groups[first]]]
        keep[index[first]] = True
        self._taken[groups[first]] = True
        return rows[keep]

    def left(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the documents that share no value with one already taken."""
        index, codes = self._column.entries(rows)
        keep = np.ones(len(rows), bool)
        keep[index[self._taken[self._groups[codes]]]] = False
        return rows[keep]


def check_distinct(settings: Settings, field: str, place: str = "") -> None:
    """Raises ApiError(invalid_search_distinct) if the field cannot be filtered."""
    found = settings.rule_for(field)
    if found is not None and found[1].filterable:
        return
    message = (
        f"Attribute `{field}` is not filterable and thus, cannot be used as distinct attribute. "
    )
    patterns = sorted({p for r in settings.filterable if r.filterable for p in r.patterns})
    if found is not None:
        index = found[0]
        message += (
            f"Note: this attribute matches rule #{index} in filterableAttributes, but this rule "
            f"does not enable filtering.\nHint: enable filtering in rule #{index} by adding "
            f"appropriate filter features.\nHint: prepend another rule matching {field} with "
            f"filter features before rule #{index}"
        )
    elif patterns:
        message += f"Available filterable attributes patterns are: `{_shown(settings, patterns)}`."
    else:
        message += "This index does not have configured filterable attributes."
    raise ApiError("invalid_search_distinct", place + message)


def _shown(settings: Settings, patterns: list[str]) -> str:
    """The patterns without those of fields that are not displayed."""
    if settings.displayed is None:
        return ", ".join(patterns)
    shown = [
        pattern
        for pattern in patterns
        if any(match_field(name, pattern) is Match.YES for name in settings.displayed)
    ]
    return ", ".join(shown) + (", <..hidden-attributes>" if len(shown) < len(patterns) else "")
