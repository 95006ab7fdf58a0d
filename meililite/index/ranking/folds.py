"""What words say of each document: what their postings in it say, folded into one value.

What frequent words say is found for all documents at once and kept for later searches, whatever
these search otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.matches import Keys, Matches, Places
from meililite.index.ranking.terms import Subset
from meililite.index.words_building import documents_of

Name = tuple[Any, ...]
Found = NDArray[Any]

_FREQUENT = 2  # words with a posting in so few documents are worth to be kept
_WIDE = 8  # where so large a part of all documents is asked for


@dataclass(frozen=True)
class Fold:
    """name: tells it from any other, with all that its values depend on besides the index.

    nothing: the value of a document without postings, in the type of all values; restricted:
    only postings in the fields to search count.
    """

    name: Name
    combine: np.ufunc
    nothing: np.generic
    value: Callable[[Keys], Found]
    restricted: bool = False

    def into(self, found: Found, keys: Keys, places: Places) -> None:
        """Fold in the postings, those of `found[places[k]]` at `keys[k]`."""
        if len(keys):
            self.combine.at(found, places, self.value(keys))


def of_subset(matches: Matches, fold: Fold, subset: Subset, candidates: NDArray[np.int64]) -> Found:
    """The value of each candidate, of all words that the subset means but phrases."""
    prefix = matches.prefix_postings(subset)
    keys = [matches.postings(subset), *([] if prefix is None else [prefix])]
    known = _of_all(matches, fold, subset.spelling, keys, candidates)
    if known is not None:
        return known
    own = [matches.postings(subset), matches.prefix_postings_within(subset)]
    return _of_each(matches, fold, own, candidates)


def of_word(matches: Matches, fold: Fold, word: str, candidates: NDArray[np.int64]) -> Found:
    """The value of each candidate, of the word itself."""
    keys = [matches.word_postings(word)]
    known = _of_all(matches, fold, (word,), keys, candidates)
    return _of_each(matches, fold, keys, candidates) if known is None else known


def of_all(
    matches: Matches,
    name: Name,
    postings: int,
    candidates: NDArray[np.int64],
    find: Callable[[], Found],
) -> Found | None:
    """What `find` gives for all documents, for the candidates; None if it is not worth it.

    postings: how many have to be read for it.
    """
    terms, size = matches.snapshot.terms, matches.snapshot.size
    found: Found | None = terms.find(name)
    if found is None and len(candidates) * _WIDE >= size and postings * _FREQUENT >= size:
        found = terms.get(name, find)
    return None if found is None else found[candidates]


def _of_all(
    matches: Matches, fold: Fold, words: Name, parts: list[Keys], candidates: NDArray[np.int64]
) -> Found | None:
    def find() -> Found:
        found = np.full(matches.snapshot.size, fold.nothing)
        for keys in parts:
            fold.into(found, keys, documents_of(keys))
        return found

    if fold.restricted and matches.is_restricted:
        return None
    return of_all(matches, (*fold.name, *words), sum(map(len, parts)), candidates, find)


def _of_each(
    matches: Matches, fold: Fold, parts: list[Keys], candidates: NDArray[np.int64]
) -> Found:
    found = np.full(len(candidates), fold.nothing)
    for part in parts:
        keys, places = matches.among(part, candidates)
        if fold.restricted:
            keys, places = matches.in_fields(keys, places)
        fold.into(found, keys, places)
    return found
