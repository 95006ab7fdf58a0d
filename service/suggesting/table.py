"""Suggestions in memory, found by the beginnings of their words."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import nsmallest

from catalog.vocabulary import fold
from service.suggesting.spelling import one_edit
from service.suggesting.suggestion import Found, Suggestion, Typed

PAST = chr(0x10FFFF)


def endings(name: str) -> list[str]:
    """A name from each of its words to its end, squeezed: `landrover`, `rover`."""
    words = fold(name).split()
    return ["".join(words[number:]) for number in range(len(words))]


class Beginnings:
    """Keys in their order, each with the number of the suggestion that it is for."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(set(pairs))
        self._keys = [key for key, _ in ordered]
        self._numbers = array("I", [number for _, number in ordered])

    def of(self, text: str) -> Sequence[int]:
        """The numbers of the keys that begin with this text, in the order of the keys."""
        first = bisect_left(self._keys, text)
        return self._numbers[first : bisect_left(self._keys, text + PAST, first)]

    def any_of(self, text: str) -> bool:
        """Whether a key begins with this text."""
        at = bisect_left(self._keys, text)
        return at < len(self._keys) and self._keys[at].startswith(text)


class Table:
    """The suggestions of one kind, which are given best first."""

    def __init__(self, suggestions: Iterable[Suggestion] = ()) -> None:
        self.suggestions = tuple(suggestions)
        names: list[tuple[str, int]] = []
        later: list[tuple[str, int]] = []
        for number, suggestion in enumerate(self.suggestions):
            for name in {suggestion.text, *suggestion.names}:
                first, *rest = endings(name) or [""]
                names.append((first, number))
                later += [(ending, number) for ending in rest]
        self._names = Beginnings(names)
        self._later = Beginnings(later)

    def find(self, typed: Typed, most: int) -> list[Found]:
        """At most so many: those whose name begins so, then those with such a word, best first.

        When nothing is found so, those are that one edit makes of what was typed.
        """
        numbers = self._beginning(typed.squeezed, most)
        if len(numbers) < most and len(typed.words) > 1:
            others = self._with_words(typed.telling, most)
            numbers += [number for number in others if number not in numbers]
        if not numbers:
            return self._misspelled(typed.squeezed, most)
        matched = (typed.squeezed, *typed.words)
        return [Found(self.suggestions[number], matched) for number in numbers[:most]]

    def _beginning(self, text: str, most: int) -> list[int]:
        """The numbers of the best of which a word begins so; a name's beginning goes first."""
        first = nsmallest(most, set(self._names.of(text)))
        if len(first) == most:
            return first
        later = set(self._later.of(text)).difference(first)
        return first + nsmallest(most - len(first), later)

    def _with_words(self, words: Sequence[str], most: int) -> list[int]:
        """The numbers of the best that have a word beginning with each of these."""
        found = self._with_word(words[0])
        for word in words[1:]:
            if not found:  # long before a hundred words were looked for
                break
            found &= self._with_word(word)
        return nsmallest(most, found)

    def _with_word(self, word: str) -> set[int]:
        return {*self._names.of(word), *self._later.of(word)}

    def _misspelled(self, text: str, most: int) -> list[Found]:
        meant: dict[int, str] = {}
        for spelled in one_edit(text, self._begins):
            for number in self._beginning(spelled, most):
                meant.setdefault(number, spelled)
        return [
            Found(self.suggestions[number], (meant[number],), misspelled=True)
            for number in nsmallest(most, meant)
        ]

    def _begins(self, text: str) -> bool:
        return self._names.any_of(text) or self._later.any_of(text)
