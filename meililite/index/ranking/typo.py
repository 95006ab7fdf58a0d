"""The ranking rule `typo`: fewer typos first."""

from __future__ import annotations

import numpy as np

from meililite.index.ranking.matches import Matches
from meililite.index.ranking.paths import NEVER, Costs, Documents, PathRule
from meililite.index.ranking.terms import Subset


class TypoRule(PathRule):
    """A word costs its typos; words read as one cost as many as they are."""

    name = "typo"
    by_edge = False
    splits = True

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs:
        found = np.full(len(candidates), NEVER, np.int16)
        for typos in range(_most(subset), -1, -1):
            held = matches.docs(subset.with_typos(typos))[candidates]
            found[held] = typos + _base(subset)
        return found

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        return _most(subset) + _base(subset)

    def used(self, subset: Subset, cost: int) -> Subset:
        return subset.with_typos(cost - _base(subset))


def _base(subset: Subset) -> int:
    return 0 if subset.size == 1 else subset.size


def _most(subset: Subset) -> int:
    term = subset.term
    if term.max_typos == 0:
        return 0 if term.phrase is not None else 1
    if term.max_typos == 1:
        return 1 if subset.one else 0
    return 2 if subset.two else 1 if subset.one else 0
