"""The values of a facet that documents hold, kept in order while an index changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meililite.index.facet_changes import Change
from meililite.index.strings import StringTable

_FEW = 64  # so many keys are looked up in the table; for more it is unpacked


@dataclass(frozen=True)
class Values:
    """The keys of values of one kind, ascending, and how many documents hold each."""

    keys: StringTable
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, change: Change) -> Values:
        """The values that a change makes of none."""
        return cls(StringTable.of(change.keys), change.net)

    def changed(self, change: Change) -> tuple[Values, dict[int, int]]:
        """The values after the change, and what became of the places.

        For every changed value: how many values stand in its place, or after the value before it
        if it is new (-1: before all), as `facet_levels.changed` wants them.
        """
        places = self._places(change.keys)
        known = [
            place < len(self) and self.keys[place] == key
            for place, key in zip(places, change.keys, strict=True)
        ]
        counts = self.counts.copy()
        counts[[p for p, is_known in zip(places, known, strict=True) if is_known]] += change.net[
            known
        ]
        touched: dict[int, int] = {}
        for place, is_known in zip(places, known, strict=True):
            if is_known:
                touched[place] = int(counts[place] > 0)
            else:
                touched[place - 1] = touched.get(place - 1, int(place > 0)) + 1
        new = [k for k, is_known in enumerate(known) if not is_known]
        return self._edited(counts, change, new, [places[k] for k in new]), touched

    def _places(self, keys: Sequence[bytes]) -> list[int]:
        """For each key where it stands or would be inserted."""
        if len(keys) <= _FEW:
            return [self.keys.bisect(key) for key in keys]
        known = list(self.keys)
        return [bisect_left(known, key) for key in keys]

    def _edited(
        self, counts: NDArray[np.int64], change: Change, new: Sequence[int], before: Sequence[int]
    ) -> Values:
        """With the counts, `new` ones of the change put before places, and without what is gone."""
        keys = self.keys
        if new:
            keys = keys.inserted(before, [change.keys[k] for k in new])
            counts = np.insert(counts, before, change.net[new])
        gone = np.flatnonzero(counts == 0)
        if len(gone):
            keys = keys.without(gone.tolist())
            counts = np.delete(counts, gone)
        return Values(keys, counts)
