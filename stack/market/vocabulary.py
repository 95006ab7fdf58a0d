"""The words of the market: tables of spellings and how often each is seen."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "vocabularies"

Strings = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def rows(name: str) -> Iterator[list[str]]:
    """The rows of `vocabularies/NAME.tsv`, without its line of origin and its header."""
    lines = (FOLDER / f"{name}.tsv").read_text().splitlines()
    for line in lines[2:]:
        yield line.split("\t")


class Spellings:
    """Spellings drawn as often as they are seen."""

    def __init__(self, seen: list[tuple[str, int]]) -> None:
        self.words: Strings = np.array([word for word, _ in seen], dtype=object)
        counts = np.array([count for _, count in seen], dtype=float)
        self.cumulative: Floats = np.cumsum(counts / counts.sum())

    def draw(self, rng: np.random.Generator, n: int) -> Strings:
        """`n` spellings."""
        return self.words[pick(self.cumulative, rng, n)]


def pick(cumulative: Floats, rng: np.random.Generator, n: int) -> Ints:
    """`n` positions, each as likely as its step in `cumulative` (which ends at 1)."""
    return np.searchsorted(cumulative[:-1], rng.random(n), side="right")


@cache
def spellings(name: str) -> Spellings:
    """All spellings of a table."""
    return Spellings([(row[0], int(row[1])) for row in rows(name)])


@cache
def families(name: str) -> dict[str, Spellings]:
    """The spellings of a table with families: what means the same, by its meaning."""
    grouped: dict[str, list[tuple[str, int]]] = {}
    for word, seen, family in rows(name):
        grouped.setdefault(family, []).append((word, int(seen)))
    return {family: Spellings(words) for family, words in grouped.items()}


def shares(name: str) -> dict[str, float]:
    """What part of the listings each word of a table has; they sum to 1."""
    seen = {row[0]: int(row[1]) for row in rows(name)}
    total = sum(seen.values())
    return {word: count / total for word, count in seen.items()}
