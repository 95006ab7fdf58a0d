"""The words and phrases that count as matches of a query."""

from __future__ import annotations

from dataclasses import dataclass

from meililite.index.normalization import decompose, fold
from meililite.index.ranking.graph import Graph
from meililite.index.ranking.matches import Matches
from meililite.index.ranking.terms import Phrase, Subset
from meililite.index.tokens import Token


@dataclass(frozen=True)
class _Words:
    """The spellings of one term; `typed` is how many characters of it the query has."""

    spellings: list[str]
    ids: tuple[int, ...]
    is_prefix: bool
    typed: int


@dataclass(frozen=True)
class LocatedPhrase:
    words: Phrase
    ids: tuple[int, ...]


class MatchingWords:
    """Finds which term of the query a word of a text matches."""

    def __init__(self, matches: Matches, graph: Graph) -> None:
        terms = [subset for _, subset in graph.terms()]
        single = [subset for subset in terms if not subset.term.is_joined]
        joined = [subset for subset in terms if subset.term.is_joined]
        self.phrases: list[LocatedPhrase] = []
        words: list[_Words] = []
        for subset in [*single, *joined]:
            ids = tuple(range(subset.positions[0], subset.positions[1] + 1))
            self.phrases += [LocatedPhrase(phrase, ids) for phrase in matches.phrases(subset)]
            term = subset.term
            spellings = _spellings(matches, subset)
            words.append(_Words(spellings, ids, term.is_prefix, len(term.word)))
        self._words = sorted(words, key=lambda found: (found.is_prefix, -len(found.ids)))
        self._exact: dict[str, tuple[int, ...]] = {}
        for found in reversed([found for found in self._words if not found.is_prefix]):
            self._exact.update(dict.fromkeys(found.spellings, found.ids))
        self._prefixes = [found for found in self._words if found.is_prefix]

    def match(self, token: Token, text: str) -> tuple[int, tuple[int, ...]] | None:
        """(how many characters of the token match, ids of the query's words), or None."""
        ids = self._exact.get(token.lemma)
        if ids is not None:
            return token.end - token.start, ids
        for found in self._prefixes:
            for spelling in found.spellings:
                if token.lemma.startswith(spelling):
                    typed = len(spelling[: found.typed].encode())
                    return _original_length(token, text, typed), found.ids
        return None


def _spellings(matches: Matches, subset: Subset) -> list[str]:
    term = subset.term
    found: list[str] = []
    exact = matches.exact_word(term)
    if exact is not None:
        found.append(exact)
    if term.is_prefix and not matches.is_common_prefix(term):
        found += matches.snapshot.vocabulary.prefix_words(term.word)
    one, two = matches.near(term)
    return [spelling for spelling in [*found, *one, *two] if spelling]


def _original_length(token: Token, text: str, typed: int) -> int:
    """How many characters of the text give so many bytes of its normal form."""
    if token.lemma.isascii() and len(token.lemma) == token.end - token.start:
        return min(typed, token.end - token.start)
    count = done = 0
    for char in text[token.start : token.end]:
        if done >= typed:
            break
        done += len(fold(decompose(char), token.script).encode())
        count += 1
    return count
