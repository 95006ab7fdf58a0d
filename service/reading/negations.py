"""Words that deny what follows them: `not red`, `no ford, chevy or dodge`, `anything but white`.

Values of facets that are denied are left out. Anything else that is denied stays text, and is no
wish for it: `not 2015`, `not in chicago`, `not cheap`. Where a rule reads the words of a negation
with those after it (`no more than 20k`), they are none.
"""

from collections.abc import Iterable, Sequence
from itertools import product

from catalog.vocabulary import squeeze
from catalog.words import Meaning
from service.reading.found import OUT, Found, Rule, longest, words_at
from service.reading.tokens import Token, is_apart

_EVERY = (
    "all", "any", "anything", "everything", "any color", "all colors", "any make", "all makes",
    "any brand", "all brands",
)  # fmt: skip
_BUT = ("but", "not", "except", "except for", "besides", "other than")
_ALONE = (
    "not", "no", "non", "nor", "neither", "never", "without", "w/o", "except", "except for",
    "minus", "exclude", "excluding", "besides", "other than", "rather than", "instead of",
    "aside from", "apart from", "but not", "isn't", "aren't", "doesn't have", "does not have",
    "not having", "don't have", "don't want", "do not want", "i don't want", "i do not want",
    "don't like", "do not like", "i don't like", "don't show", "don't show me", "not from",
    "not made by", "not looking for", "not interested in",
)  # fmt: skip
_NEGATIONS = dict.fromkeys(map(squeeze, (*_ALONE, *map(" ".join, product(_EVERY, _BUT)))))
_LONGEST = 4  # words of any of them

_FILLERS = frozenset(("a", "an", "the", "any", "anything"))
_JOINING = _FILLERS | {"in", "with"}
_ALSO = frozenset(("and", "or"))
_SIGNS = frozenset(",/&")


def denied(rules: Sequence[Rule], tokens: Sequence[Token], at: int) -> Found | None:
    """What the negation at a position is said of, and how far; None where there is none."""
    length = words_at(tokens, at, _NEGATIONS, _LONGEST)
    if not length or _is_cut(tokens, at + length):
        return None
    end = _behind(_JOINING, tokens, at + length)
    said: list[Meaning] = []
    found = None if _is_cut(tokens, end) else longest(rules, tokens, end)
    while found is not None:
        end = found.end
        said.append(found.meaning or {})
        found = _also(rules, tokens, end, said[-1])
    return Found(end, _left_out(said) if said and all(map(_is_of_facets, said)) else None)


def _is_cut(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sign keeps what is here from a negation before it: `no, red`, but not `no: red`."""
    return is_apart(tokens, at) and tokens[at].gap.strip() != ":"


def _behind(words: frozenset[str], tokens: Sequence[Token], at: int) -> int:
    """The position behind those of these words that are here, with no sign before any."""
    while at < len(tokens) and tokens[at].text in words and not tokens[at].apart:
        at += 1
    return at


def _also(rules: Sequence[Rule], tokens: Sequence[Token], at: int, last: Meaning) -> Found | None:
    """What is listed after something denied: more of the same; after an `or` any facet's value."""
    if at >= len(tokens):
        return None
    word, sign = tokens[at].text, tokens[at].gap.strip()
    if sign not in _SIGNS and (word not in _ALSO or tokens[at].apart):
        return None
    found = longest(rules, tokens, _behind(_FILLERS, tokens, at + (word in _ALSO)))
    meaning = found.meaning or {} if found else {}
    any_facet = word == "or" and _is_of_facets(last) and _is_of_facets(meaning)
    return found if any_facet or last.keys() & meaning.keys() else None


def _is_of_facets(meaning: Meaning) -> bool:
    return bool(meaning) and all(isinstance(value, tuple) for value in meaning.values())


def _left_out(said: Iterable[Meaning]) -> Meaning:
    """All of it together. Of a make with its model the model is left out, which is said last."""
    values: dict[str, tuple[str, ...]] = {}
    for meaning in said:
        facet, more = list(meaning.items())[-1]
        values[facet] = tuple(dict.fromkeys((*values.get(facet, ()), *more)))
    return {OUT: values}
