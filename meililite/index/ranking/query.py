"""Reading a query: words, phrases in quotes, and what must not occur."""

from __future__ import annotations

from dataclasses import dataclass, field

from meililite.index.numbers import is_number
from meililite.index.ranking.terms import Phrase, Subset, Term
from meililite.index.settings import Settings
from meililite.index.snapshot import Snapshot
from meililite.index.tokens import MAX_WORD_BYTES, Token

_MAX_TOKENS = 1000
_MAX_TERMS = 10
_MAX_SYNONYMS = 50
_MAX_SYNONYM_WORDS = 100


@dataclass
class Query:
    """The terms in their order; `excluded_*` must not occur in a document."""

    terms: list[Subset] = field(default_factory=list)
    excluded_words: list[str] = field(default_factory=list)
    excluded_phrases: list[Phrase] = field(default_factory=list)


def typos_allowed(word: str, settings: Settings) -> int:
    """How many typos the settings allow in a word."""
    typo = settings.typo
    if not typo.enabled or len(word) < typo.one or word in typo.exact_words:
        return 0
    if typo.disable_on_numbers and is_number(word):
        return 0
    return 1 if len(word) < typo.two else 2


def word_term(snapshot: Snapshot, word: str, typos: int, *, prefix: bool) -> Term:
    """The term of one word, with its synonyms."""
    if len(word.encode()) > MAX_WORD_BYTES:
        return Term(word)
    term = Term(word, prefix, typos)
    term.synonyms = synonyms_of(snapshot, (word,))
    return term


def synonyms_of(snapshot: Snapshot, words: tuple[str, ...]) -> list[Phrase]:
    """What the settings say means the same as the words."""
    found: list[Phrase] = []
    total = 0
    for phrase in snapshot.synonyms.get(words, ())[:_MAX_SYNONYMS]:
        if total + len(phrase) <= _MAX_SYNONYM_WORDS:
            total += len(phrase)
            found.append(phrase)
    return found


def parse_query(snapshot: Snapshot, text: str) -> Query:
    """Read the query as Meilisearch does."""
    reader = _Reader(snapshot)
    tokens = snapshot.tokenizer.tokens(text)[:_MAX_TOKENS]
    for index, token in enumerate(tokens):
        if token.lemma:
            if len(reader.query.terms) >= _MAX_TERMS:
                return reader.query
            reader.read(token, last=index == len(tokens) - 1)
    reader.close_phrase()
    return reader.query


class _Reader:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.query = Query()
        self._position = -1
        self._phrase: list[str | None] | None = None
        self._phrase_at = (0, 0)
        self._phrase_excluded = False
        self._exclude_next = False
        self._after_space = True

    def read(self, token: Token, *, last: bool) -> None:
        if token.is_separator:
            self._separator(token)
        else:
            self._word(token, last=last)
        self._after_space = token.lemma[-1].isspace()

    def _word(self, token: Token, *, last: bool) -> None:
        self._position += 1
        if self._phrase is not None:
            start = self._position if not any(self._phrase) else self._phrase_at[0]
            self._phrase_at = (start, self._position)
            self._phrase.append(None if token.kind == "stop" else token.lemma)
        elif self._exclude_next:
            self.query.excluded_words.append(token.lemma)
            self._exclude_next = False
        elif last or token.kind == "word":
            settings = self.snapshot.settings
            typos = typos_allowed(token.lemma, settings)
            prefix = last and settings.prefix_search
            term = word_term(self.snapshot, token.lemma, typos, prefix=prefix)
            self._add(term, (self._position, self._position))

    def _add(self, term: Term, positions: tuple[int, int]) -> None:
        number = len(self.query.terms)
        self.query.terms.append(Subset(term, positions, (number, number)))

    def _separator(self, token: Token) -> None:
        if token.kind == "hard":
            self._position += 7
            if self._phrase is not None:
                self.close_phrase()
                self._phrase = []
        quotes = token.lemma.count('"')
        if quotes:
            if self._phrase is not None:
                quotes -= 1
                if self.close_phrase():
                    self._phrase_excluded = False
            self._phrase = None
            if quotes % 2:
                self._phrase_excluded = self._exclude_next
                self._phrase = []
        self._exclude_next = self._phrase is None and token.lemma == "-" and self._after_space

    def close_phrase(self) -> bool:
        """Take the phrase that was read so far; whether there was one."""
        words, self._phrase = self._phrase, None
        if not words or not any(words):
            return False
        phrase = tuple(words)
        if self._phrase_excluded:
            self.query.excluded_phrases.append(phrase)
        else:
            text = " ".join(word for word in phrase if word)
            self._add(Term(text, phrase=phrase), self._phrase_at)
        return True
