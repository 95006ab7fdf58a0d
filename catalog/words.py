"""What people type when they mean a vertical's values: the words that a search is read by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.vocabulary import spaceless, squeeze

Meaning = Mapping[str, Any]
"""Parameter → value, as the API takes it: a tuple for a facet, a whole number for a bound."""

MILES = ("mi", "mile", "miles")
KILOMETERS = ("km", "kms", "kilometer", "kilometers", "kilometre", "kilometres")


@dataclass(frozen=True)
class Words:
    """The words of one vertical. Phrases are squeezed: without case, accents, spaces, punctuation.

    A phrase that means None stays text though its words alone would be read; one that means
    nothing (`{}`) is true of every thing there is.
    """

    phrases: Mapping[str, Meaning | None] = field(default_factory=dict)
    money: str | None = None  # the range of amounts in dollars
    years: str | None = None  # the range of years
    units: Mapping[str, str] = field(default_factory=dict)  # word after an amount → its range
    times: Mapping[str, float] = field(default_factory=dict)  # such a word → its range's units
    labels: Mapping[str, str] = field(default_factory=dict)  # word before an amount → its range
    other_before: Mapping[str, None] = field(default_factory=dict)
    other_after: Mapping[str, None] = field(default_factory=dict)
    """Phrases beside a number that is about something else than any range."""
    together: frozenset[str] = frozenset()
    """Facets of which one thing has several values: each reading of them must hold."""
    spellings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By facet: the `spellings_of` its vocabulary."""

    def proper(self, facet: str, value: str) -> str:
        """The value of a facet's vocabulary that is written like this but for case, accents and
        spacing; any other value as it is.
        """
        known = self.spellings.get(facet)
        if known is None:
            return value
        return known.get(value) or known.get(spaceless(value), value)


def spellings_of(values: Iterable[str]) -> dict[str, str]:
    """Each value by itself and without spaces; of those alike, the first."""
    named = tuple(values)
    return {spaceless(value): value for value in reversed(named)} | {one: one for one in named}


Phrases = dict[str, Meaning | None]


def phrases_of(data: Mapping[str, Any]) -> Phrases:
    """The plain phrases in a file of words; `vocabularies/cars_words.yml` says what is in it."""
    found: Phrases = {}
    for parameter, values in data["facets"].items():
        found.update(_of_facet(parameter, values))
    for name, words in data["sorts"].items():
        found.update({squeeze(word): {"sort": name} for word in words})
    for parameter, numbers in data["bounds"].items():
        for number, words in numbers.items():
            found.update({squeeze(word): {parameter: number} for word in words})
    found.update({squeeze(word): {} for word in data["nothing"]})
    return found


def exceptions_of(data: Mapping[str, Any]) -> Phrases:
    """The phrases in a file of words that mean several things at once, or that stay text."""
    found: Phrases = {squeeze(phrase): None for phrase in data["text"]}
    for phrase, meaning in data["phrases"].items():
        found[squeeze(phrase)] = {name: tuple(values) for name, values in meaning.items()}
    for parameter, nouns in data["text_before"].items():
        for word in _of_facet(parameter, data["facets"][parameter]):
            found.update({word + squeeze(noun): None for noun in nouns})
    return found


def _of_facet(parameter: str, values: Mapping[str, Iterable[str]]) -> Phrases:
    """Phrase → every value that it stands under."""
    gathered: dict[str, dict[str, None]] = {}
    for value, words in values.items():
        for word in words:
            gathered.setdefault(squeeze(word), {})[value] = None
    return {word: {parameter: tuple(meant)} for word, meant in gathered.items()}
