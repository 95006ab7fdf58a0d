"""The ranking rule `exactness`: fields equal to the query first, then words written the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from meililite.index.ranking.folds import Fold, of_word
from meililite.index.ranking.graph import Graph
from meililite.index.ranking.matches import Keys, Mask, Matches
from meililite.index.ranking.paths import NEVER, Bucket, Costs, Documents, PathRule
from meililite.index.ranking.places import STORED_POSITIONS
from meililite.index.ranking.terms import Phrase, Subset
from meililite.index.snapshot import Snapshot
from meililite.index.words_building import fields_of, positions_of

_RANKS = 3  # exact match, matches the start, neither
_FIELD_BITS = 63


class ExactWordsRule(PathRule):
    """A word costs 0 where it is written exactly as in the query, else as many as it stands for."""

    name = "exactness"
    by_edge = False

    def costs(
        self, matches: Matches, before: Subset | None, subset: Subset, candidates: Documents
    ) -> Costs:
        held = matches.docs(subset)[candidates]
        found = np.where(held, subset.size, NEVER).astype(np.int16)
        exact = _exact_docs(matches, subset)
        if exact is not None:
            found[exact[candidates]] = 0
        return found

    def max_cost(self, matches: Matches, before: Subset | None, subset: Subset) -> int:
        return subset.size


def _exact_docs(matches: Matches, subset: Subset) -> Mask | None:
    term = subset.term
    if term.is_joined:
        return None
    if term.phrase is not None:
        return matches.phrase_docs(term.phrase) if subset.zero else None
    word = matches.exact_word(term) if subset.zero else None
    if word is None:
        return None
    return matches.word_docs(word)


def exact_attribute_buckets(
    matches: Matches, graph: Graph, candidates: Documents
) -> Iterator[Bucket]:
    """Documents with a field that is the query; with one that starts with it; the others."""
    found = _exact_places(matches, graph, candidates)
    everything = np.arange(len(candidates))
    if found is None:
        yield Bucket(1, _RANKS, everything, lambda: graph)
        return
    whole, start = found
    for rank, mask in ((3, whole), (2, start), (1, ~whole & ~start)):
        yield Bucket(rank, _RANKS, np.flatnonzero(mask), lambda: graph)


def _exact_places(
    matches: Matches, graph: Graph, candidates: Documents
) -> tuple[Mask, Mask] | None:
    """(whole field, start of a field) for each candidate; None if no field can match."""
    exact = _exact_terms(matches, graph)
    if exact is None:
        return None
    fields = _fields_with_all(matches, exact, candidates)
    if fields is None:
        return None
    snapshot = matches.snapshot
    total = sum(subset.positions[1] - subset.positions[0] + 1 for _, subset in exact)
    whole = np.zeros(len(candidates), bool)
    start = np.zeros(len(candidates), bool)
    for number, held in fields:
        same = held & (_word_counts(snapshot, number)[candidates] == total)
        whole |= same
        start |= held & ~same
    return whole, start & ~whole


def _word_counts(snapshot: Snapshot, field: int) -> NDArray[np.uint8]:
    """As `Postings.counts`."""
    return snapshot.memory.get(("counts", field), lambda: snapshot.postings.counts(field))


def _exact_terms(matches: Matches, graph: Graph) -> list[tuple[Phrase, Subset]] | None:
    """The words or phrase of each term of the query in order; None if one is missing."""
    found: dict[int, tuple[Phrase, Subset]] = {}
    for _, subset in graph.terms():
        term = subset.term
        if term.is_joined or not subset.zero or subset.ids[0] in found:
            continue
        if term.phrase is not None:
            found[subset.ids[0]] = (term.phrase, subset)
        elif (word := matches.exact_word(term)) is not None:
            found[subset.ids[0]] = ((word,), subset)
    ordered = [found[key] for key in sorted(found)]
    if not ordered or ordered[0][1].ids[0] != 0:
        return None
    before = 0
    for _, subset in ordered:
        if subset.ids[0] - before > 1:
            return None
        before = subset.ids[0]
    return ordered


def _fields_with_all(
    matches: Matches, exact: list[tuple[Phrase, Subset]], candidates: Documents
) -> list[tuple[int, Mask]] | None:
    """The fields that hold every word, each word also being at its place in some field."""
    at_place = np.ones(len(candidates), bool)
    for words, subset in exact:
        for offset, word in enumerate(words):
            if word is not None:
                fold = _at_place(subset.positions[0] + offset)
                at_place &= of_word(matches, fold, word, candidates)
                if not at_place.any():
                    return None
    numbers = matches.snapshot.postings.counted_fields
    searched = [number for number in numbers if matches.searches(number)][:_FIELD_BITS]
    fold = _fields(matches, searched)
    common = np.full(len(candidates), fold.nothing)
    np.invert(common, out=common, where=at_place)  # all bits
    for words, _ in exact:
        for word in words:
            if word is not None:
                common &= of_word(matches, fold, word, candidates)
    return [
        (number, held)
        for index, number in enumerate(searched)
        if (held := np.asarray((common >> index) & 1, bool)).any()
    ]


def _at_place(position: int) -> Fold:
    """Whether a word is at the position in some field."""
    wanted = STORED_POSITIONS[position]

    def is_there(keys: Keys) -> Mask:
        return np.asarray(STORED_POSITIONS[positions_of(keys)] == wanted)

    return Fold(("at", int(wanted)), np.logical_or, np.False_, is_there)


def _fields(matches: Matches, searched: list[int]) -> Fold:
    """The fields that hold a word, as bits: bit k stands for the field `searched[k]`."""
    kind = np.min_scalar_type((1 << len(searched)) - 1)
    bits = np.zeros(len(matches.snapshot.fields.names), kind)
    bits[searched] = 1 << np.arange(len(searched))
    name = ("fields", *searched)
    return Fold(name, np.bitwise_or, kind.type(0), lambda keys: bits[fields_of(keys)], True)
