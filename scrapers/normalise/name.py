"""Names of cars: a maker's model in its own spelling, and a title taken apart."""

import re
from functools import lru_cache
from typing import NamedTuple

from scrapers.normalise.numbers import year
from scrapers.normalise.vocabulary import Vocabulary, read, squeeze

MAKES = Vocabulary("make")

_MODELS = {
    make: {squeeze(str(model)): str(model) for model in models}
    for make, models in read("model").items()
}
_LONGEST_MAKE = 3  # words
_LONGEST_MODEL = 4
_LETTERS_OF_A_NAME = 4
"""A word in capitals is a name from this many letters on; shorter ones are letters: GLC, CX."""


class Name(NamedTuple):
    """What a title says, as far as it is understood."""

    year: int | None
    make: str | None
    model: str | None


_LEADING_YEAR = re.compile(r"^\W*((?:19|20)\d\d)\b\W*")
_CONDITION = re.compile(
    r"^(?:(?:new|used|pre-?owned|certified(?:\s+pre-?owned)?|cpo)\b\W*)+", re.IGNORECASE
)


@lru_cache(maxsize=20_000)
def split_name(title: str) -> Name:
    """Year, make and model of a title such as `Used 2019 Toyota Land Cruiser Base 4WD`.

    The make must be a known one and stand at the start, after the year; a model that is not
    known is the first word after the make.
    """
    rest = _CONDITION.sub("", title)
    found = _LEADING_YEAR.match(rest)
    value = year(found[1])[0] if found else year(title)[0]
    if found:
        rest = _CONDITION.sub("", rest[found.end() :])
    words = rest.split()
    for length in range(min(_LONGEST_MAKE, len(words)), 0, -1):
        make = MAKES.meaning(" ".join(words[:length])).value
        if make is not None:
            return Name(value, make, _model(make, words, length))
    return Name(value, None, None)


def _model(make: str, words: list[str], after: int) -> str | None:
    """The longest known model of a title whose make ends at word `after`, else the next word.

    A known one may begin inside the make's own words: `Range Rover Sport`, `Mini Cooper S`.
    """
    known = _MODELS.get(make, {})
    for start in range(after + 1):
        for end in range(min(start + _LONGEST_MODEL, len(words)), start, -1):
            model = known.get(squeeze(" ".join(words[start:end])))
            if model is not None:
                return model
    return tidy_model(make, words[after].strip(" ,;|-")) if after < len(words) else None


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
    if any(character.isdigit() for character in word) or len(word) < _LETTERS_OF_A_NAME:
        return word.upper()
    return word.capitalize()
