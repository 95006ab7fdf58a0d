"""The rule of the vocabulary: the longest phrase that it knows."""

from collections.abc import Mapping, Sequence

from catalog.words import Meaning
from service.reading.found import Found, Rule, phrase_at, words_at
from service.reading.tokens import Token

LONGEST = 6  # words of a phrase: `mercedes benz slk class` has four


def phrases(known: Mapping[str, Meaning | None]) -> Rule:
    """The rule for these phrases."""

    def rule(tokens: Sequence[Token], at: int) -> Found | None:
        length = words_at(tokens, at, known, LONGEST)
        if not length:
            return None
        return Found(at + length, known[phrase_at(tokens, at, length)])

    return rule
