"""Names of cars: a maker's model in its own spelling, and a title taken apart."""

import re
from functools import lru_cache
from typing import NamedTuple

from catalog.vocabulary import read, squeeze
from scrapers.normalise.numbers import year
from scrapers.normalise.vocabulary import Vocabulary

MAKES = Vocabulary("make")

_MODELS = {
    make: {squeeze(str(model)): str(model) for model in models}
    for make, models in read("model").items()
}
_MAKERS: dict[str, set[str]] = {}
for _make, _models in _MODELS.items():
    for _model_key in _models:
        _MAKERS.setdefault(_model_key, set()).add(_make)
_LONGEST_MAKE = 3  # words
_LATEST_MAKE = 6
_LONGEST_MODEL = 4
_LETTERS = re.compile(r"[^aeiouy]{1,3}|..?|.*\d.*", re.IGNORECASE)
"""Words that are letters and numbers, no names: GLC, SE, F-150."""


class Name(NamedTuple):
    """What a title says, as far as it is understood."""

    year: int | None
    make: str | None
    model: str | None


_LEADING_YEAR = re.compile(r"^\W*((?:19|20)\d\d)\b\W*")
_CONDITION_WORD = r"(?:new|used|certified|cpo|pre[-\s]?owned)\b"
_CONDITION = re.compile(rf"^(?:{_CONDITION_WORD}\W*)+", re.IGNORECASE)
_CONDITION_OF_YEAR = re.compile(
    rf"^(?:{_CONDITION_WORD}[\s,:|-]*)+(?=(?:19|20)\d\d\b)", re.IGNORECASE
)


def without_condition(title: str) -> str:
    """A title without the condition before its year: `Used 2022 Kia Rio` is a `2022 Kia Rio`."""
    return _CONDITION_OF_YEAR.sub("", title)


def leading_year(title: str) -> int | None:
    """The year that a title begins with; one that stands later may be a model or a date."""
    found = _LEADING_YEAR.match(title)
    return year(found[1])[0] if found else None


@lru_cache(maxsize=20_000)
def split_name(title: str) -> Name:
    """Year, make and model of a title such as `Used 2019 Toyota Land Cruiser Base 4WD`.

    A known make at the start, after the year, counts; one that stands later only where a known
    model of it follows. A model that is not known is the first word after the make.
    """
    rest = _CONDITION.sub("", title)
    leading = _LEADING_YEAR.match(rest)
    value = year(leading[1] if leading else title)[0]
    words = _CONDITION.sub("", rest[leading.end() :] if leading else rest).split()
    for start in range(min(_LATEST_MAKE, len(words))):
        named = _named(words[start:], guess=start == 0)
        if named is not None:
            return Name(value, *named)
    return Name(value, None, None)


def _named(words: list[str], *, guess: bool) -> tuple[str, str | None] | None:
    """The make that words begin with, and its model; without `guess` only a known model."""
    for length in range(min(_LONGEST_MAKE, len(words)), 0, -1):
        make = MAKES.meaning(" ".join(words[:length])).value
        if make is None:
            continue
        model = _known_model(make, words, length)
        if model is None and guess:
            model = tidy_model(make, words[length].strip(" ,;|-")) if words[length:] else None
            return make, model
        return None if model is None else (make, model)
    return None


def _known_model(make: str, words: list[str], after: int) -> str | None:
    """The longest known model of words whose make ends at word `after`.

    It may begin inside the make's own words: `Range Rover Sport`, `Mini Cooper S`.
    """
    known = _MODELS.get(make, {})
    for start in range(after + 1):
        for end in range(min(start + _LONGEST_MODEL, len(words)), start, -1):
            model = known.get(squeeze(" ".join(words[start:end])))
            if model is not None:
                return model
    return None


@lru_cache(maxsize=20_000)
def leading_model(make: str, text: str) -> tuple[str | None, str]:
    """The known model that a text begins with, and the rest: `f150 xlt` is an F-150, xlt."""
    known, words = _MODELS.get(make, {}), text.split()
    for length in range(min(_LONGEST_MODEL, len(words)), 0, -1):
        model = known.get(squeeze(" ".join(words[:length])))
        if model is not None:
            return model, " ".join(words[length:])
    return None, text


def only_maker(model: str) -> str | None:
    """The make of a model whose name only one maker uses: a Camry is a Toyota."""
    makers = _MAKERS.get(squeeze(model), set())
    return next(iter(makers)) if len(makers) == 1 else None


@lru_cache(maxsize=20_000)
def tidy_model(make: str | None, model: str | None) -> str | None:
    """A model as its maker writes it; an unknown one as it is written, but not shouted.

    The make in front of it is taken away: `Toyota Camry` of Toyota is a Camry.
    """
    if not model:
        return None
    known = _MODELS.get(make or "", {})
    own = known.get(squeeze(model))
    if own is not None:
        return own
    if make and model.lower().startswith(f"{make.lower()} "):
        return tidy_model(make, model[len(make) + 1 :].strip())
    if model.islower() or model.isupper():
        return " ".join(_calm(word) for word in model.split())
    return model


def _calm(word: str) -> str:
    """One word of a model in a title's case: letters and numbers stay capitals."""
    return word.upper() if _LETTERS.fullmatch(word) else word.capitalize()
