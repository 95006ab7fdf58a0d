"""What a query asks for, word by word."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

Phrase = tuple[str | None, ...]  # None stands for a stop word


@dataclass(eq=False)
class Term:
    """A word of the query, several joined into one, or a phrase.

    `parts` are the words that were joined; `phrase` is set for a phrase alone. Terms are equal
    only if they are the same: two equal words of a query are two terms.
    """

    word: str
    is_prefix: bool = False
    max_typos: int = 0
    parts: tuple[str, ...] = ()
    phrase: Phrase | None = None
    synonyms: list[Phrase] = field(default_factory=list)

    @property
    def is_joined(self) -> bool:
        return bool(self.parts)


@dataclass(frozen=True)
class Subset:
    """A term at its place in the query, and which of its spellings are still meant.

    positions: of its first and last word in the query; ids: of the first and last term it covers.
    zero, one, two: spellings with so many typos.
    """

    term: Term
    positions: tuple[int, int]
    ids: tuple[int, int]
    zero: bool = True
    one: bool = True
    two: bool = True

    @property
    def size(self) -> int:
        """How many terms of the query it covers."""
        return self.ids[1] - self.ids[0] + 1

    @property
    def spelling(self) -> tuple[Any, ...]:
        """What its words are, phrases left out: equal ones have the same words in an index."""
        term = self.term
        meant = (self.zero, self.one, self.two)
        return (term.word, term.is_prefix, term.max_typos, term.phrase is None, *meant)

    def with_typos(self, typos: int) -> Subset:
        """Only the spellings with exactly so many typos, of those still meant."""
        return replace(
            self,
            zero=self.zero and typos == 0,
            one=self.one and typos == 1,
            two=self.two and typos == 2,
        )
