"""The words of cars speak of what there is."""

import pytest

from catalog.cars import CARS
from catalog.vocabulary import read, squeeze

WORDS = CARS.words()
DATA = read("cars_words")


def values(parameter: str) -> set[str]:
    data = read(parameter)
    return set(data["families"] if parameter == "color" else data["spellings"])


@pytest.mark.parametrize("parameter", sorted(set(DATA["facets"]) - {"feature"}))
def test_words_mean_values_of_the_vocabulary(parameter: str):
    assert set(DATA["facets"][parameter]) <= values(parameter)


def test_words_mean_parameters_and_sorts_of_the_vertical():
    sorts = {sort.name for sort in CARS.sorts}
    bounds = {f"{one.name}_{side}" for one in CARS.ranges for side in ("min", "max")}
    meanings = [meaning for meaning in WORDS.phrases.values() if meaning]
    assert {name for meaning in meanings for name in meaning} <= {*CARS.facets, *bounds, "sort"}
    assert {meaning["sort"] for meaning in meanings if "sort" in meaning} <= sorts
    ranges = {one.name for one in CARS.ranges}
    assert {*WORDS.units.values(), *WORDS.labels.values(), WORDS.money, WORDS.years} == ranges


def test_every_make_that_is_no_other_word_is_known_by_its_name():
    for make in read("make")["spellings"]:
        known = WORDS.phrases.get(squeeze(make))
        assert (known is None) if make in DATA["not_makes"] else known == {"make": (make,)}


def test_every_model_is_known_after_its_make():
    for make, models in read("model").items():
        for model in {str(one) for one in models} if make not in DATA["not_makes"] else ():
            first, _, last = model.rpartition(" ")
            known = WORDS.phrases.get(squeeze(make) + squeeze(model))
            if known is None:  # left to its two words
                assert first in models
                assert WORDS.phrases[squeeze(last)]
                known = WORDS.phrases[squeeze(make) + squeeze(first)]
            assert known is not None
            assert make in known["make"]
            assert model in known["model"]


def test_lists_of_exceptions_name_what_there_is():
    models = {str(model) for known in read("model").values() for model in known}
    makes = read("make")["spellings"]
    assert set(DATA["not_makes"]) <= set(makes)
    assert {str(name) for name in DATA["after_make"]} <= models
    assert set(DATA["apart"]) <= models
    spellings = {squeeze(str(one)) for known in makes.values() for one in known or ()}
    assert {squeeze(one) for one in DATA["not_spellings"]} <= spellings
