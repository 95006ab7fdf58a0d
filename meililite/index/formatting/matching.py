"""Finding the matches of a query in a text."""

from __future__ import annotations

from dataclasses import dataclass

from meililite.index.formatting.words import LocatedPhrase, MatchingWords
from meililite.index.tokens import Token, Tokenizer


@dataclass(frozen=True)
class TextMatch:
    """A word, or the words of a phrase, that match: places among the words and the tokens.

    `length` is how many characters match, from the start of the first token; `ids` are the
    places in the query of what matches.
    """

    first_word: int
    last_word: int
    first_token: int
    last_token: int
    length: int
    ids: tuple[int, ...]

    @property
    def words(self) -> int:
        return self.last_word - self.first_word + 1


@dataclass(frozen=True)
class MatchedText:
    text: str
    tokens: list[Token]
    matches: list[TextMatch]


def match_text(text: str, tokenizer: Tokenizer, words: MatchingWords | None) -> MatchedText:
    """The tokens of the text and the matches among them."""
    tokens = tokenizer.tokens(text)
    if words is None:
        return MatchedText(text, tokens, [])
    places = [index for index, token in enumerate(tokens) if not token.is_separator]
    matches: list[TextMatch] = []
    at = 0
    while at < len(places):
        found = _phrase_at(tokens, places, at, words) or _word_at(text, tokens, places, at, words)
        if found is not None:
            matches.append(found)
            at = found.last_word
        at += 1
    return MatchedText(text, tokens, matches)


def _word_at(
    text: str, tokens: list[Token], places: list[int], at: int, words: MatchingWords
) -> TextMatch | None:
    found = words.match(tokens[places[at]], text)
    if found is None:
        return None
    length, ids = found
    return TextMatch(at, at, places[at], places[at], length, ids)


def _phrase_at(
    tokens: list[Token], places: list[int], at: int, words: MatchingWords
) -> TextMatch | None:
    for phrase in words.phrases:
        last = at + len(phrase.words) - 1
        if last < len(places) and _fits(phrase, [tokens[i] for i in places[at : last + 1]]):
            length = tokens[places[last]].end - tokens[places[at]].start
            return TextMatch(at, last, places[at], places[last], length, phrase.ids)
    return None


def _fits(phrase: LocatedPhrase, tokens: list[Token]) -> bool:
    return all(
        token.kind == "stop" if word is None else token.lemma == word
        for word, token in zip(phrase.words, tokens, strict=True)
    )
