"""The values of facets: what is ticked, what was cut off, and a search among them."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from catalog.cars import CARS
from config.settings import ROOT
from engine.client import Engine, EngineError
from service.answering import facets
from service.answering.answers import answer
from service.answering.asking import ask
from service.answering.facets import MOST_VALUES, counted, rare
from service.answering.queries import multi_search
from service.understanding.search import Reader
from tests.service.answering.made import as_json, result

LISTINGS = "/api/v1/listings"
READER = Reader(CARS)


def many(documents: list[dict[str, Any]], facet: str, **wanted: Any) -> Counter[str]:
    those = [one for one in documents if all(one[name] == value for name, value in wanted.items())]
    return Counter(one[facet] for one in those if one[facet] is not None)


def test_values_are_labelled_and_the_most_frequent_come_first():
    found = counted(READER.read(""), "drivetrain", {"AWD": 1, "Other": 2, "FWD": 2})
    assert as_json(found) == [
        {"value": "FWD", "label": "Front-wheel drive", "count": 2},
        {"value": "Other", "label": "Other", "count": 2},
        {"value": "AWD", "label": "All-wheel drive", "count": 1},
    ]


def test_equals_are_in_the_order_of_their_names_however_the_engine_gives_them():
    values = counted(READER.read(""), "make", {"B": 1, "A": 1, "E": 1})
    assert [one.value for one in values] == ["A", "B", "E"]


def test_what_was_asked_for_stands_first_also_if_nothing_has_it():
    search = READER.read("make=kia, Saab&make=!Ford,!Fiat")
    assert as_json(counted(search, "make", {"Audi": 9, "Ford": 5, "Kia": 1})) == [
        {"value": "Ford", "label": "Ford", "count": 5, "excluded": True},
        {"value": "Kia", "label": "Kia", "count": 1, "selected": True},
        {"value": "FIAT", "label": "FIAT", "count": 0, "excluded": True},
        {"value": "Saab", "label": "Saab", "count": 0, "selected": True},
        {"value": "Audi", "label": "Audi", "count": 9},
    ]


@pytest.mark.parametrize("query", ["feature_all=B&feature=A", "feature_all=A,B"])
def test_all_that_are_required_are_ticked(query: str):
    search = READER.read(query)
    values = counted(search, "feature", {"A": 1, "B": 2, "C": 3})
    assert [one.selected for one in values] == [True, True, False]


def test_what_is_only_left_out_is_told():
    (only,) = counted(READER.read("make=!Kia"), "make", {"Kia": 1})
    assert (only.selected, only.excluded) == (False, True)


async def test_nothing_is_asked_where_every_value_was_told(monkeypatch):
    class Untouched:
        async def search_raw(self, *_: Any, **__: Any) -> bytes:
            raise AssertionError("asked")

    search = READER.read("make=Saab&facets=make")
    told = result(facetDistribution={"make": {"Audi": 2}})
    assert await rare(Untouched(), search, [told, told]) == {}  # type: ignore[arg-type]
    monkeypatch.setattr(facets, "MOST_VALUES", 1)
    with pytest.raises(AssertionError, match="asked"):
        await rare(Untouched(), search, [told, told])  # type: ignore[arg-type]


def test_the_index_gives_as_many_values_as_are_expected():
    settings = json.loads((ROOT / "meilisearch-settings.json").read_text())["cars"]
    assert settings["faceting"]["maxValuesPerFacet"] == MOST_VALUES


MAKES = ["Audi", "Audi", "Audi", "BMW", "BMW", "Citroën", "Fiat", "Fiat"]


async def answered(
    url: str, key: str, query: str, cars: list[dict[str, Any]], facet: str
) -> list[tuple[str, int]]:
    """The values of a facet in the answer of an index of its own, which tells two of each."""
    faceting = {"maxValuesPerFacet": 2, "sortFacetValuesBy": {"*": "count"}}
    settings = {"filterableAttributes": [facet], "faceting": faceting}
    few = replace(CARS, index="few")
    search = Reader(few).read(query)
    async with Engine(url, key) as engine:
        await ended(engine, "DELETE", "/indexes/few")
        await ended(engine, "PATCH", "/indexes/few/settings", json=settings)
        numbered = [{"id": at, **car} for at, car in enumerate(cars)]
        await ended(engine, "POST", "/indexes/few/documents", json=numbered)
        results = await ask(engine, multi_search(search))
        found = answer(search, results, await rare(engine, search, results))
    (values,) = found["facets"].values()
    return [(one.value, one.count) for one in values]


async def ended(engine: Engine, method: str, path: str, json: Any = None) -> None:
    task = await engine.call(method, path, json=json)
    await engine.wait(task["taskUid"])


def test_a_ticked_value_beyond_the_cut_has_its_count(filled, monkeypatch):
    monkeypatch.setattr(facets, "MOST_VALUES", 2)
    query = "make=citroën,audi,Saab&facets=make"
    values = asyncio.run(answered(*filled, query, [{"make": make} for make in MAKES], "make"))
    assert values[:3] == [("Audi", 3), ("Citroën", 1), ("Saab", 0)]
    assert len(values) == 4  # the two that the engine gives, and the two that it left out


@pytest.mark.parametrize("leather", ["Leather", "!Leather"])
def test_a_value_that_is_known_is_not_counted_beside_one_beyond_the_cut(
    filled, monkeypatch, leather: str
):
    monkeypatch.setattr(facets, "MOST_VALUES", 2)
    cars = [["Leather"]] * 5 + [["Sunroof"]] * 4
    cars += [["Rare", "Beside it"], ["Rare", "Beside it", "Leather"]]
    query = f"feature={leather},Rare&facets=feature"
    those = [{"features": features} for features in cars]
    values = asyncio.run(answered(*filled, query, those, "features"))
    assert values == [("Leather", 6), ("Rare", 2), ("Sunroof", 4)]


def test_a_letter_may_be_composed_in_either_way():
    (only,) = counted(READER.read("make=Citroe%CC%88n"), "make", {"Citroën": 2})
    assert (only.value, only.count, only.selected) == ("Citroën", 2, True)


@pytest.mark.parametrize("told", [b"", b"<html>", b'{"results":[{}]}', b'{"results":null}'])
async def test_what_is_no_answer_is_told_as_a_fault_of_the_engine(told: bytes):
    class Broken:
        async def search_raw(self, *_: Any, **__: Any) -> bytes:
            return told

    with pytest.raises(EngineError) as refused:
        await ask(Broken(), [{}])  # type: ignore[arg-type]
    assert refused.value.temporary


def test_counts_alone_are_those_of_the_search(api: httpx.Client):
    asked = {"make": "Ford", "price_max": 30000, "q": "sporty"}
    search = api.get(LISTINGS, params={**asked, "limit": 0}).json()
    for path in (f"{LISTINGS}/facets", "/api/v1/facets"):
        answer = api.get(path, params=asked).json()
        assert (answer["data"], answer["facets"]) == ([], search["facets"])
        assert (answer["ranges"], answer["meta"]["total"]) == (
            search["ranges"],
            search["meta"]["total"],
        )
    assert api.get(f"{LISTINGS}/facets", params={"page": 2}).json()["parameter"] == "page"


def test_the_values_of_a_facet_are_searched_under_the_other_filters(api: httpx.Client, documents):
    asked = {"facet_query": "to", "make": "Ford,Toyota", "condition": "New", "color": "!Red"}
    answer = api.get(f"{LISTINGS}/facets/make", params=asked).json()
    those = [one for one in documents if one["condition"] == "New" and one["color"] != "Red"]
    assert answer["data"] == [
        {
            "value": "Toyota",
            "label": "Toyota",
            "count": sum(one["make"] == "Toyota" for one in those),
            "selected": True,
        }
    ]
    assert answer["meta"].pop("took_ms") >= 0
    assert answer["meta"] == {
        "facet": "make",
        "label": "Make",
        "facet_query": "to",
        "applied": {
            "make": ["Ford", "Toyota"],
            "condition": ["New"],
            "not": {"color": ["Red"]},
            "sort": "relevance",
        },
    }


def test_without_a_text_all_values_of_a_facet_are_there(api: httpx.Client, documents):
    answer = api.get(f"{LISTINGS}/facets/model", params={"q": "sporty"}).json()
    sporty = [one for one in documents if "sporty" in one["title"]]
    assert {one["value"]: one["count"] for one in answer["data"]} == many(sporty, "model")


@pytest.mark.parametrize("text", ['"', "\\", "x OR y", "é", "!", "%"])
def test_any_text_may_be_looked_for_among_values(api: httpx.Client, text: str):
    answer = api.get(f"{LISTINGS}/facets/dealer?facet_query={quote(text)}")
    assert answer.status_code == 200


def test_an_unknown_facet_is_named_with_its_nearest(api: httpx.Client):
    answer = api.get(f"{LISTINGS}/facets/maek")
    assert (answer.status_code, answer.json()["nearest"]) == (404, "make")
    assert answer.json()["detail"] == "There is no facet 'maek'. Did you mean make?"
    other = api.get(f"{LISTINGS}/facets/price")
    assert (other.status_code, "nearest" in other.json()) == (404, False)
    assert other.json()["detail"].startswith("There is no facet 'price'. There are make, model, ")
