"""Which documents hold the words that a query means, and where in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meililite.index.columns import spread
from meililite.index.postings import merged
from meililite.index.ranking.terms import Phrase, Subset, Term
from meililite.index.snapshot import Snapshot
from meililite.index.tokens import MAX_WORD_BYTES
from meililite.index.words_building import DOCUMENT_SHIFT, FIELD_SHIFT, documents_of, fields_of

Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]
Places = NDArray[np.integer[Any]]

FAR = 4  # words are as good as this far apart when they are farther
_WINDOW = 3  # words of a phrase are checked so many at a time
_SPARSE = 8  # so many postings a candidate make it worth to look for each candidate's
_NONE = np.zeros(0, np.int64)


class Matches:
    """Answers for one search: within `universe`, and in `fields` only if they are given."""

    def __init__(self, snapshot: Snapshot, universe: Mask, fields: set[int] | None) -> None:
        self.snapshot = snapshot
        self.universe = universe
        self._fields = None if fields is None else snapshot.field_mask(fields)
        self._docs: dict[Subset, Mask] = {}
        self._phrases: dict[Phrase, Mask] = {}
        self._postings: dict[Subset, Keys] = {}
        self._prefixes: dict[Subset, Keys] = {}
        self._among: dict[int, tuple[Keys, Keys, Places]] = {}
        self._among_of: NDArray[np.int64] | None = None
        self._slots: NDArray[np.int32] | None = None
        self._slotted: NDArray[np.int64] | None = None

    def narrow(self, universe: Mask) -> None:
        """Forget what was found for a wider universe."""
        self.universe = universe
        self._prefixes.clear()

    # --- the words of a term

    def near(self, term: Term) -> tuple[list[str], list[str]]:
        """The words with one and with two typos."""
        if term.phrase is not None or not term.max_typos:
            return [], []
        key = ("near", term.word, term.max_typos, term.is_prefix)
        return self.snapshot.terms.get(
            key,
            lambda: self.snapshot.vocabulary.near(term.word, term.max_typos, prefix=term.is_prefix),
        )

    def split(self, term: Term) -> Phrase | None:
        """The two words that the term's word can be split into, which stand together most often."""
        if term.phrase is not None or len(term.word.encode()) > MAX_WORD_BYTES:
            return None
        found = self.snapshot.terms.get(("split", term.word), lambda: self._split(term.word))
        if found == term.parts and term.max_typos < 2:
            return None
        return found

    def _split(self, word: str) -> Phrase | None:
        best: tuple[int, Phrase] | None = None
        for place in range(1, len(word)):
            left, right = word[:place], word[place:]
            if not (self._known(left) and self._known(right)):
                continue
            together = int(np.count_nonzero(self.distance(left, right) == 1))
            if together and (best is None or together > best[0]):
                best = (together, (left, right))
        return best[1] if best else None

    def _known(self, word: str) -> bool:
        return self.snapshot.terms.get(("known", word), lambda: self.snapshot.vocabulary.has(word))

    def exact_word(self, term: Term) -> str | None:
        """The term's own word, if it occurs."""
        return term.word if term.phrase is None and self._known(term.word) else None

    def is_common_prefix(self, term: Term) -> bool:
        """Whether the words that the term starts are looked up as a whole."""
        return term.is_prefix and self.snapshot.terms.get(
            ("common", term.word), lambda: self.snapshot.vocabulary.is_common_prefix(term.word)
        )

    def phrases(self, subset: Subset) -> list[Phrase]:
        """The phrases that stand for the term: itself, synonyms, its two halves."""
        term = subset.term
        found = [term.phrase] if term.phrase is not None else []
        found += term.synonyms
        if subset.one and (halves := self.split(term)) is not None:
            found.append(halves)
        return found

    # --- postings

    def word_postings(self, word: str) -> Keys:
        return self.snapshot.terms.get(
            ("word", word), lambda: self.snapshot.postings.of_words([word])
        )

    def _level_postings(self, term: Term, level: int) -> Keys:
        """The postings of the words with so many typos; without those of a common prefix."""
        if term.phrase is not None:
            return _NONE
        postings = self.snapshot.postings
        if level == 0:
            if term.is_prefix and not self.is_common_prefix(term):
                return self.snapshot.terms.get(
                    ("starts", term.word), lambda: self._starting(term.word)
                )
            return self.word_postings(term.word)
        if level > term.max_typos:
            return _NONE
        key = ("level", term.word, term.max_typos, term.is_prefix, level)
        return self.snapshot.terms.get(key, lambda: postings.of_words(self.near(term)[level - 1]))

    def _starting(self, word: str) -> Keys:
        """The postings of the word and of the first of those that it starts, which follow it."""
        longer = self.snapshot.vocabulary.prefix_words(word)
        if not longer:
            return self.word_postings(word)
        return self.snapshot.postings.between(word, longer[-1])

    def prefix_postings(self, subset: Subset) -> Keys | None:
        """The postings of all words that the term starts, word by word; None unless its prefix is
        common.
        """
        if not subset.zero or not self.is_common_prefix(subset.term):
            return None
        word = subset.term.word
        return self.snapshot.terms.get(
            ("prefix", word), lambda: self.snapshot.postings.of_prefix(word)
        )

    def _levels(self, subset: Subset) -> list[tuple[int, Keys]]:
        wanted = (subset.zero, subset.one, subset.two)
        found = [
            (level, self._level_postings(subset.term, level))
            for level, is_wanted in enumerate(wanted)
            if is_wanted
        ]
        return [(level, keys) for level, keys in found if len(keys)]

    def postings(self, subset: Subset) -> Keys:
        """The postings of the subset's words, sorted; without those of a common prefix."""
        found = self._postings.get(subset)
        if found is None:
            found = merged([keys for _, keys in self._levels(subset)])
            self._postings[subset] = found
        return found

    def prefix_postings_within(self, subset: Subset) -> Keys:
        """As `prefix_postings`, of the documents in the universe, and sorted."""
        found = self._prefixes.get(subset)
        if found is None:
            keys = self.prefix_postings(subset)
            found = _NONE if keys is None else keys.compress(self.universe[documents_of(keys)])
            found = self._prefixes[subset] = np.sort(found)
        return found

    @property
    def is_restricted(self) -> bool:
        """Whether only some of the fields are searched."""
        return self._fields is not None

    def in_fields(self, keys: Keys, places: Places) -> tuple[Keys, Places]:
        """Those of the postings, and of their places, that are in the fields to search."""
        if self._fields is None or not len(keys):
            return keys, places
        inside = self._fields[fields_of(keys)]
        return keys.compress(inside), places.compress(inside)

    def among(self, keys: Keys, candidates: NDArray[np.int64]) -> tuple[Keys, Places]:
        """(those of the postings, sorted, in the candidates' documents, their places there).

        The places are those that `slots` gives.
        """
        if self._among_of is not candidates:
            self._among.clear()
            self._among_of = candidates
        found = self._among.get(id(keys))
        if found is None:
            found = keys, *self._find_among(keys, candidates)
            self._among[id(keys)] = found  # holds the keys, so that their id stays theirs
        return found[1:]

    def _find_among(self, keys: Keys, candidates: NDArray[np.int64]) -> tuple[Keys, Places]:
        if len(candidates) * _SPARSE < len(keys):
            first = np.searchsorted(keys, candidates << DOCUMENT_SHIFT)
            counts = np.searchsorted(keys, (candidates + 1) << DOCUMENT_SHIFT) - first
            return keys[spread(first, counts)], np.repeat(np.arange(len(candidates)), counts)
        slots = self.slots(candidates)[documents_of(keys)]
        held = np.flatnonzero(slots >= 0)
        if len(held) == len(keys):
            return keys, slots
        return keys[held], slots[held]

    # --- documents

    def docs(self, subset: Subset) -> Mask:
        """The documents with any spelling that the subset means."""
        found = self._docs.get(subset)
        if found is None:
            found = self._docs[subset] = self._find_docs(subset)
        return found

    def _find_docs(self, subset: Subset) -> Mask:
        original = not subset.term.is_joined
        masks = [
            self._docs_of(subset.term, level, keys, original=original and level == 0)
            for level, keys in self._levels(subset)
        ]
        masks += [self.phrase_docs(phrase) for phrase in self.phrases(subset)]
        prefix = self.prefix_postings(subset)
        if prefix is not None:
            masks.append(self._docs_of(subset.term, -1, prefix, original=original))
        if len(masks) == 1:
            return masks[0]
        if not masks:
            return self.snapshot.nothing
        mask = np.zeros(self.snapshot.size, bool)
        for one in masks:
            mask |= one
        return mask

    def _docs_of(self, term: Term, level: int, keys: Keys, *, original: bool) -> Mask:
        """The documents of postings; what is derived does not count in exact fields."""
        if self._fields is not None:
            return self._mask(keys.compress(self._fields[fields_of(keys)]), original=original)
        key = ("docs", term.word, term.max_typos, term.is_prefix, level, original)
        return self.snapshot.terms.get(key, lambda: self._mask(keys, original=original))

    def _mask(self, keys: Keys, *, original: bool) -> Mask:
        tolerant = self.snapshot.tolerant_fields
        if not original and not tolerant.all() and len(keys):
            keys = keys.compress(tolerant[fields_of(keys)])
        mask = np.zeros(self.snapshot.size, bool)
        mask[documents_of(keys)] = True
        return mask

    def word_docs(self, word: str) -> Mask:
        """The documents with the word itself."""
        return self._docs_of(Term(word), 0, self.word_postings(word), original=True)

    def searches(self, number: int) -> bool:
        """Whether the field is among those to search."""
        return self._fields is None or bool(self._fields[number])

    def phrase_docs(self, phrase: Phrase) -> Mask:
        """The documents with the words of the phrase in their order."""
        found = self._phrases.get(phrase)
        if found is None:
            found = self._phrases[phrase] = self._find_phrase(phrase)
        return found

    def _find_phrase(self, phrase: Phrase) -> Mask:
        words = [word for word in phrase if word is not None]
        mask = self.word_docs(words[0]).copy()
        for word in words[1:]:
            mask &= self.word_docs(word)
        size = min(_WINDOW, len(phrase))
        for start in range(len(phrase) - size + 1):
            window = phrase[start : start + size]
            for i, left in enumerate(window):
                for j in range(i + 1, size):
                    right = window[j]
                    if left is not None and right is not None and mask.any():
                        mask &= self.distance(left, right) <= j - i
        return mask

    def distance(self, left: str, right: str) -> NDArray[np.int8]:
        """For each document how closely `right` follows `left`, at most 4."""
        return self.snapshot.terms.get(
            ("distance", left, right), lambda: self._distance(left, right)
        )

    def _distance(self, left: str, right: str) -> NDArray[np.int8]:
        near = np.full(self.snapshot.size, FAR, np.int8)
        first, second = self.word_postings(left), self.word_postings(right)
        if len(first) and len(second):
            steps, keys = nearest_steps(first, second, self.snapshot.by_attribute)
            np.minimum.at(near, documents_of(keys), steps)
        return near

    # --- candidates

    def slots(self, candidates: NDArray[np.int64]) -> NDArray[np.int32]:
        """For each document its place among the candidates, or -1."""
        if self._slots is None:
            self._slots = np.full(self.snapshot.size, -1, np.int32)
        if self._slotted is not candidates:
            if self._slotted is not None:
                self._slots[self._slotted] = -1
            self._slots[candidates] = np.arange(len(candidates), dtype=np.int32)
            self._slotted = candidates
        return self._slots


def nearest_steps(
    left: Keys, right: Keys, by_attribute: bool
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """(steps, posting): where a posting of `right` follows one of `left`, by how many words.

    For each posting of the shorter side its nearest neighbour on the other, where that is nearer
    than `FAR`; both sides must be sorted.
    """
    if by_attribute:
        return _sharing(left, right)
    if len(left) <= len(right):
        place = np.searchsorted(right, left, "right")
        steps = right[np.minimum(place, len(right) - 1)] - left
    else:
        place = np.searchsorted(left, right, "left") - 1
        steps = right - left[np.maximum(place, 0)]
    close = np.flatnonzero((steps > 0) & (steps < FAR))
    shorter = left if len(left) <= len(right) else right
    return steps[close].astype(np.int8), shorter[close]


def _sharing(left: Keys, right: Keys) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """As `nearest_steps` where all words of a field are next to each other."""
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    fields = shorter >> FIELD_SHIFT
    at = np.minimum(np.searchsorted(longer, fields << FIELD_SHIFT), len(longer) - 1)
    close = np.flatnonzero(longer[at] >> FIELD_SHIFT == fields)
    return np.ones(len(close), np.int8), shorter[close]
