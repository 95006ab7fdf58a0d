"""Words within a few typos of one another: insertions, deletions, changes, and swaps."""

from __future__ import annotations

from rapidfuzz.distance import OSA


def prefix_within(query: str, word: str, typos: int) -> bool:
    """Whether some start of the word is within so many typos of the query."""
    longest = min(len(word), len(query) + typos)
    shortest = max(0, len(query) - typos)
    return any(
        OSA.distance(query, word[:length], score_cutoff=typos) <= typos
        for length in range(shortest, longest + 1)
    )
