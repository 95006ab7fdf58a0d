"""Reading a query: the rules of one vertical over its words."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cachetools import LRUCache

from catalog.vertical import Vertical
from service.reading.amounts import amounts
from service.reading.found import Rule
from service.reading.phrases import phrases
from service.reading.pieces import Piece, pieces
from service.reading.places import places
from service.reading.undo import as_text, without

MOST_BYTES = 16 * 1024 * 1024  # of queries that are remembered


@dataclass(frozen=True, slots=True)
class Undo:
    """Queries instead of one: without a piece, and with its words as text (if they were read)."""

    without: str
    as_text: str | None


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query's pieces, and how to undo each."""

    pieces: tuple[Piece, ...]
    undo: tuple[Undo, ...]

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes, rather too many than too few."""
        undone = (text for undo in self.undo for text in (undo.without, undo.as_text or ""))
        return 1_500 + 500 * len(self.pieces) + sum(map(sys.getsizeof, undone))


class QueryReader:
    """What the words of queries mean in a vertical: no network, no file, no wait.

    The vocabulary is read by the first query, or by `prepare`.
    """

    def __init__(self, vertical: Vertical) -> None:
        self._vertical = vertical
        self._rules = lru_cache(maxsize=2)(self._rules_of)  # of this year, and of the next
        self._known: LRUCache[tuple[str, int], ReadQuery] = LRUCache(
            MOST_BYTES, getsizeof=lambda found: found.size
        )

    def prepare(self) -> None:
        """Have the vocabulary read: 0.1 s, which no request should pay."""
        self._rules(datetime.now(UTC).year)

    def read(self, q: str, this_year: int | None = None) -> ReadQuery:
        """How a query reads; `this_year` (UTC's if None) decides which numbers are years."""
        asked = (q, this_year or datetime.now(UTC).year)
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = self._read_anew(*asked)
        return found

    def _read_anew(self, q: str, this_year: int) -> ReadQuery:
        rules = self._rules(this_year)
        found = pieces(q, rules)
        undo = tuple(
            Undo(
                without(q, found, index, lambda part: pieces(part, rules)),
                None if piece.meaning is None else as_text(q, piece),
            )
            for index, piece in enumerate(found)
        )
        return ReadQuery(found, undo)

    def _rules_of(self, this_year: int) -> tuple[Rule, ...]:
        """Of readings of equal length the first rule's counts."""
        words = self._vertical.words()
        rules = (phrases(words.phrases), amounts(words, this_year))
        return (places(words.phrases, this_year), *rules) if self._vertical.place else rules
