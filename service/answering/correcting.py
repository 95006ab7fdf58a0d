"""The spelling of a query that found nothing, by the words that its index and vertical know."""

import re
import time

from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.vertical import Vertical
from engine.client import Engine
from service.answering import filters
from service.answering.asking import ask
from service.answering.results import Result

SHORTEST = 4  # letters: of shorter words, each is like many others
MOST_WORDS = 10  # of one query
MOST_SPELLINGS = 4  # of one word
NEAR_ENOUGH = 0.65
"""Of 1: two letters of six may be wrong, missing, too many or exchanged (optimal string alignment).
The engine itself forgives one of five to eight, and two of nine."""

KNOWN_SECONDS = 300.0
"""For how long the words of an index are remembered."""

_WORD = re.compile(r"[^\W\d_]+")


class Speller:
    """Corrects what the engine's own tolerance does not reach; its words are read when needed."""

    def __init__(self, vertical: Vertical) -> None:
        self.vertical = vertical
        self._words: frozenset[str] = frozenset()
        self._read_at = -KNOWN_SECONDS

    async def corrected(self, engine: Engine, q: str, text: str) -> list[str]:
        """The query with those words of its `text` corrected that are found nowhere; several where
        words are equally near to several others, none where all are found or like no other.

        Raises EngineAway or EngineError.
        """
        words = [word for word in _words_of(text) if len(word) >= SHORTEST][:MOST_WORDS]
        lost = await self._lost(engine, sorted(set(words))) if words else []
        better = {word: near for word in lost if (near := nearest(word, self._words))}
        spellings = max((len(near) for near in better.values()), default=0)
        return [_replaced(q, better, place) for place in range(spellings)]

    async def _lost(self, engine: Engine, words: list[str]) -> list[str]:
        """The words that are found nowhere; reads the vocabulary, too, where it is old."""
        old = time.monotonic() - self._read_at >= KNOWN_SECONDS
        query = {"indexUid": self.vertical.index, "limit": 0}
        vocabulary = [filters.query(self.vertical)] if old else []
        results = await ask(engine, [*({**query, "q": word} for word in words), *vocabulary])
        if old:
            self._words, self._read_at = _vocabulary(self.vertical, results[-1]), time.monotonic()
        found = zip(words, results, strict=False)
        return [word for word, result in found if result.total == 0]


def _vocabulary(vertical: Vertical, result: Result) -> frozenset[str]:
    """The words of the values that there are, and those that are read as filters."""
    fields = {facet.field for facet in vertical.facets.values()}
    values = (value for field in fields for value in result.counts(field))
    found = {word for value in values for word in _words_of(value)}
    read = (phrase for phrase in vertical.words().phrases if phrase.isalpha())
    return frozenset(word for word in (*found, *read) if len(word) >= SHORTEST)


def _words_of(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def nearest(word: str, known: frozenset[str]) -> list[str]:
    """The known words that a word is most like, at most MOST_SPELLINGS."""
    found = process.extract(
        word, known, scorer=OSA.normalized_similarity, score_cutoff=NEAR_ENOUGH, limit=None
    )
    best = max((score for _, score, _ in found), default=0)
    return sorted(other for other, score, _ in found if score == best)[:MOST_SPELLINGS]


def _replaced(q: str, better: dict[str, list[str]], place: int) -> str:
    """The query with each word as it is meant in this place of its spellings, or in the last."""

    def corrected(found: re.Match[str]) -> str:
        spellings = better.get(found[0].lower())
        return spellings[min(place, len(spellings) - 1)] if spellings else found[0]

    return _WORD.sub(corrected, q)
