"""Which documents match a query, and in which order."""

from __future__ import annotations

from meililite.index.ranking.ranker import Ranked, rank
from meililite.index.ranking.scores import Score

__all__ = ["Ranked", "Score", "rank"]
