"""A value that is written in another way than in its vocabulary means the same."""

import unicodedata
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import CARS
from catalog.vocabulary import spaceless
from service.understanding.search import Reader

READER = Reader(CARS)
VALUES = [
    (facet, value)
    for facet, known in CARS.words().spellings.items()
    for value in sorted(set(known.values()))
]
APART = " -_.\u00a0\u2013\t"


def written(value: str) -> str:
    """A value as a URL has it."""
    return str(httpx.QueryParams({"x": value.replace("\\", "\\\\").replace(",", "\\,")}))[2:]


def understood(facet: str, text: str) -> str:
    (value,) = READER.read(f"{facet}={written(text)}").chosen[facet][0]
    return value


def same(one: str, other: str) -> bool:
    """As the search server compares values."""
    return one.lower() == other.lower()


def plain(text: str) -> str:
    return "".join(
        each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each)
    )


def composed_apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def wide(text: str) -> str:
    return "  " + "   ".join(text.split(" ")) + " "


@pytest.mark.parametrize(
    "change",
    [str.upper, str.lower, str.swapcase, plain, composed_apart, wide, lambda t: t.replace(" ", "")],
)
def test_every_value_of_a_vocabulary_is_known_however_it_is_written(change: Callable[[str], str]):
    lost = [
        (facet, value)
        for facet, value in VALUES
        if not same(understood(facet, change(value)), value)
    ]
    assert len(VALUES) > 1000
    assert lost == []


@given(st.sampled_from(VALUES), st.data())
def test_case_accents_and_spacing_all_at_once_mean_the_same(named: tuple[str, str], data):
    facet, value = named
    letters = [
        data.draw(st.sampled_from((one.upper(), one.lower(), plain(one))))
        + data.draw(st.sampled_from(("", "", "", *APART, "\u0301")))
        for one in value
    ]
    text = "".join(letters)
    assert same(understood(facet, text), value)


@given(st.text(min_size=1, max_size=30), st.sampled_from(sorted(CARS.facets)))
def test_a_value_that_no_vocabulary_has_stays_as_it_is(text: str, facet: str):
    forms = {spaceless(value) for name, value in VALUES if name == facet}
    if text.strip() and not text.lstrip().startswith("!") and spaceless(text) not in forms:
        try:
            told = understood(facet, text)
        except UnicodeEncodeError:  # half of a surrogate
            return
        assert told == text.strip()


def test_the_value_is_told_as_it_is_written_in_the_vocabulary():
    search = READER.read("make=citroen,CITROËN,Citroën,!landrover&model=f150,Unheard Of")
    assert search.applied == {
        "make": ("Citroën",),
        "model": ("F-150", "Unheard Of"),
        "not": {"make": ("Land Rover",)},
        "sort": "relevance",
    }
    assert search.excluded == {"make": ("Land Rover",)}


@pytest.mark.parametrize("value", ["go", "GO+", "RX 450h", "\\!Gold", "C++", "Gray?"])
def test_values_that_differ_in_a_sign_are_not_taken_for_each_other(value: str):
    assert same(understood("model", value), value)
    assert same(understood("color", value), value)


def test_words_and_parameters_agree():
    assert READER.read("q=citroen").chosen == READER.read("make=CITROEN").chosen


@pytest.mark.parametrize("path", ["/api/v1/listings", "/api/v1/listings/facets"])
def test_cars_are_found_by_a_value_without_its_accents(api: httpx.Client, documents, path: str):
    answer = api.get(path, params={"make": "citroen"}).json()
    ours = [one for one in documents if one["make"] == "Citroën"]
    assert answer["meta"]["total"] == len(ours) > 0
    assert answer["meta"]["applied"]["make"] == ["Citroën"]
    assert answer["facets"]["make"][0] == {
        "value": "Citroën", "label": "Citroën", "count": len(ours), "selected": True,
    }  # fmt: skip


def test_cars_are_left_out_by_a_value_in_another_spelling(api: httpx.Client, documents):
    answer = api.get("/api/v1/listings", params={"make": "!CITROEN", "facets": "make"}).json()
    others = [one for one in documents if one["make"] != "Citroën"]
    assert answer["meta"]["total"] == len(others)
    assert answer["facets"]["make"][0]["excluded"]
