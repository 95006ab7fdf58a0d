"""The words of cars: what is in the vocabularies, and every way to say a make and a model."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from catalog.vocabulary import read, squeeze
from catalog.words import (
    KILOMETERS,
    MILES,
    Phrases,
    Words,
    exceptions_of,
    phrases_of,
    spellings_of,
)

CLASS = "-Class"
"""Mercedes-Benz sells a GLC that some sources call a GLC-Class."""

MILES_OF_A_KILOMETER = 1 / 1.609344

SHORTEST_PLURAL = 4
"""Characters of a model that may have an s: an Audi TTS is no plural."""

SHORTEST_NAME = 3
"""Characters of a model of letters that is read without its make, and of a make with an s."""


Families = dict[str, tuple[str, ...]]
"""Squeezed model → the models that it stands for."""


@cache
def car_words() -> Words:
    """The words of cars: a make's own name and a file's phrases win over a model's name."""
    data = read("cars_words")
    plain = phrases_of(data)
    makes = dict(_makes(data))
    families = {make: _families(make, data, plain) for make in _models()}
    phrases: Phrases = {spelling: {"make": (make,)} for spelling, make in makes.items()}
    phrases.update(_models_alone(families, data["after_make"]))
    phrases.update({squeeze(make): {"make": (make,)} for make in makes.values()})
    phrases.update(plain)
    phrases.update(_models_after_makes(families, makes))
    phrases.update(exceptions_of(data))
    phrases = {**_plurals(phrases), **phrases}
    return Words(
        phrases=phrases,
        money="price",
        years="year",
        units=dict.fromkeys((*MILES, *KILOMETERS), "mileage"),
        times=dict.fromkeys(KILOMETERS, MILES_OF_A_KILOMETER),
        other_before=dict.fromkeys(map(squeeze, data["other_amounts"]["before"])),
        other_after=dict.fromkeys(map(squeeze, data["other_amounts"]["after"])),
        labels={
            **dict.fromkeys(("price", "priced", "budget"), "price"),
            **dict.fromkeys(("mileage", "miles", "odometer"), "mileage"),
            **dict.fromkeys(("year", "years"), "year"),
        },
        together=frozenset({"feature"}),
        spellings={facet: spellings_of(values) for facet, values in _vocabularies()},
    )


def _plurals(phrases: Phrases) -> Phrases:
    """`hondas`, `f-150s`: what several of a make or of a model are called."""
    least: dict[tuple[str, ...], int] = {("make",): SHORTEST_NAME, ("model",): SHORTEST_PLURAL}
    named = ((name, meaning) for name, meaning in phrases.items() if meaning is not None)
    return {
        f"{name}s": meaning
        for name, meaning in named
        if len(name) >= least.get(tuple(meaning), len(name) + 1)
        and name[0].isalpha()
        and name[-1] not in "sxz"
    }


def _vocabularies() -> Iterator[tuple[str, Iterable[str]]]:
    """The facets whose values the catalog writes in its own way, and those values."""
    yield "model", (model for models in _models().values() for model in models)
    yield "color", read("color")["families"]
    for facet in ("make", "body_type", "drivetrain", "fuel_type", "transmission", "condition"):
        yield facet, read(facet)["spellings"]


def _makes(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each squeezed spelling of a make, and the make."""
    unread = {squeeze(spelling) for spelling in data["not_spellings"]}
    for make, spellings in read("make")["spellings"].items():
        if make not in data["not_makes"]:
            for spelling in (make, *(spellings or [])):
                if squeeze(str(spelling)) not in unread:
                    yield squeeze(str(spelling)), make


def _families(make: str, data: dict[str, Any], plain: Phrases) -> Families:
    """Each squeezed model of a make, and the models that somebody who types it means.

    Those that begin with its words are: a Silverado is sold as a Silverado 1500. A `Camry Hybrid`
    is left to its two words, since some sources call it a Camry whose fuel is hybrid.
    """
    models = _models()
    others: dict[str, list[str]] = data["families"].get(make, {})
    known = [*models[make], *(other for named in others.values() for other in named)]
    families: Families = {}
    for model in known:
        first, _, last = model.rpartition(" ")
        if first in known and first not in models and squeeze(last) in plain:
            continue
        base = model.removesuffix(CLASS)
        alike = (other for other in known if _is_of(other, model, base))
        family = (model, *(other for other in alike if other not in data["apart"]))
        _join(families, squeeze(model), (*family, *others.get(model, ())))
    return families


def _join(families: Families, name: str, more: tuple[str, ...]) -> None:
    """Let a name stand for more models: makers write EcoSport and Ecosport."""
    families[name] = tuple(dict.fromkeys((*families.get(name, ()), *more)))


@cache
def _models() -> dict[str, list[str]]:
    return {make: [str(model) for model in models] for make, models in read("model").items()}


def _is_of(other: str, model: str, base: str) -> bool:
    return other in (base, base + CLASS) or other.startswith(f"{model} ")


def _models_alone(families: Mapping[str, Families], after_make: list[Any]) -> Phrases:
    """Models that are known without their make; one of several makers is any of theirs."""
    hidden = {squeeze(str(name)) for name in after_make}
    found: Families = {}
    for models in families.values():
        for name, family in models.items():
            short = name.isalpha() and len(name) < SHORTEST_NAME
            if not (name.isdigit() or short or name in hidden):
                _join(found, name, family)
    return {name: {"model": family} for name, family in found.items()}


def _models_after_makes(families: Mapping[str, Families], makes: dict[str, str]) -> Phrases:
    """`chevy silverado`, `chrysler 300`: the make as anybody writes it, then the model."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for spelling, make in makes.items():
        for name, family in families.get(make, {}).items():
            key = (spelling + name, make)
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), *family)))
    return {phrase: {"make": (make,), "model": of} for (phrase, make), of in found.items()}
