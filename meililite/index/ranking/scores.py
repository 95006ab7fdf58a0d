"""How well a document matches: one score of each ranking rule, and all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_MATCH_TYPES = {3: "exactMatch", 2: "matchesStart", 1: "noExactMatch"}


@dataclass(frozen=True)
class Score:
    """What one rule says: a rank of so many, the best being `max_rank`; for orders, a value.

    `rule` is the rule's name, or `exactAttribute` for the first half of exactness.
    """

    rule: str
    rank: int = 0
    max_rank: int = 0
    value: Any = None
    extra: dict[str, Any] | None = None

    @property
    def is_order(self) -> bool:
        return self.max_rank == 0


# Instead of the scores of the rules that there was no time for.
SKIPPED = Score("skipped", 0, 1)


def merged(scores: Sequence[Score]) -> float:
    """All ranks as one number from 0 to 1: the first rule counts most."""
    rank = most = 1
    for score in scores:
        if not score.is_order:
            rank = (rank - 1) * score.max_rank + score.rank
            most *= score.max_rank
    return rank / most


def details(scores: Sequence[Score], *, unified: bool) -> dict[str, Any]:
    """`_rankingScoreDetails`; unified: `attribute` stands for attributeRank and wordPosition."""
    found: dict[str, Any] = {}
    attribute: Score | None = None
    for score in scores:
        order = len(found)
        if score.is_order:
            found[score.rule] = {"order": order, "value": score.value, **(score.extra or {})}
        elif score is SKIPPED:
            found[score.rule] = {"order": order}
        elif score.rule == "exactAttribute":
            match = _MATCH_TYPES[score.rank]
            found["exactness"] = {"order": order, "matchType": match, "score": _own(score)}
        elif score.rule == "exactness":
            _add_exact_words(found["exactness"], score)
        elif unified and score.rule == "attributeRank":
            attribute = score
            found["attribute"] = {"order": order, "attributeRankingOrderScore": _own(score)}
        elif unified and score.rule == "wordPosition" and attribute is not None:
            both = {"queryWordDistanceScore": _own(score), "score": merged([attribute, score])}
            found["attribute"] |= both
        else:
            found[score.rule] = {"order": order, **_counts(score), "score": _own(score)}
    return found


def _own(score: Score) -> float:
    return score.rank / score.max_rank


def _counts(score: Score) -> dict[str, int]:
    if score.rule == "words":
        return {"matchingWords": score.rank, "maxMatchingWords": score.max_rank}
    if score.rule == "typo":
        return {"typoCount": score.max_rank - score.rank, "maxTypoCount": score.max_rank - 1}
    return {}


def _add_exact_words(found: dict[str, Any], score: Score) -> None:
    if found["matchType"] != _MATCH_TYPES[1]:
        return
    found["matchingWords"] = score.rank - 1
    found["maxMatchingWords"] = score.max_rank - 1
    found["score"] = merged([Score("exactAttribute", 1, 3), score])
