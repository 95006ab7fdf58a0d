"""Suggestions over HTTP: from the index alone, with neither Postgres nor Valkey."""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest

from catalog.cars import CARS
from engine.client import Engine
from service.suggesting.routes import MOST_SHOWN
from service.suggesting.stock import values

ADDRESS = "/api/v1/listings/suggest"


def until(api: httpx.Client, typed: str) -> list[dict[str, Any]]:
    """The suggestions once the tables have been read, which happens behind the start."""
    deadline = time.monotonic() + 60
    while not _kinds(api.get(ADDRESS, params={"q": "toyo"})) & {"make"}:
        assert time.monotonic() < deadline, "the tables are not read"
        time.sleep(0.02)
    answer = api.get(ADDRESS, params={"q": typed})
    assert answer.status_code == 200
    return answer.json()["data"]


def _kinds(answer: httpx.Response) -> set[str]:
    return {each["kind"] for each in answer.json()["data"]}


def test_a_make_comes_with_its_parameters_its_count_and_what_was_typed(
    api: httpx.Client, documents: list[dict[str, Any]]
) -> None:
    first, *rest = until(api, "benz")
    assert first == {
        "collection": "listings",
        "kind": "make",
        "text": "Mercedes-Benz",
        "parts": [{"text": "Mercedes-", "matched": False}, {"text": "Benz", "matched": True}],
        "parameters": {"make": ["Mercedes-Benz"]},
        "count": sum(one["make"] == "Mercedes-Benz" for one in documents),
    }
    model = rest[0]
    assert (model["text"], model["parameters"]) == (
        "Mercedes-Benz C 300",
        {"make": ["Mercedes-Benz"], "model": ["C 300"]},
    )


@pytest.mark.parametrize("typed", ["toyota", "cor", "loop", "honda civ", "smith", "ohare"])
def test_a_count_is_how_many_its_parameters_find(api: httpx.Client, typed: str) -> None:
    counted = [one for one in until(api, typed) if one["count"] is not None]
    assert counted
    for one in counted:
        given = {
            name: [value.replace("\\", "\\\\").replace(",", "\\,") for value in values]
            for name, values in one["parameters"].items()
        }
        found = api.get("/api/v1/listings", params={**given, "facets": "none"}).json()
        assert found["meta"]["total"] == one["count"], one["text"]


def test_models_come_in_the_order_of_their_counts(
    api: httpx.Client, documents: list[dict[str, Any]]
) -> None:
    counts = Counter(one["model"] for one in documents if one["make"] == "Toyota")
    models = [one["text"] for one in until(api, "toyota") if one["kind"] == "model"]
    assert models == [f"Toyota {model}" for model, _ in counts.most_common()]


def test_places_are_known_by_city_state_and_digits(api: httpx.Client) -> None:
    def texts(typed: str) -> list[str]:
        return [one["text"] for one in until(api, typed) if one["kind"] == "place"]

    assert texts("springfield illinois") == ["Springfield, IL"]
    assert texts("st lou")[0] == "Saint Louis, MO"
    assert texts("606")[0] == "60601 Chicago, IL"
    assert "Chicago, IL" in texts("chi")
    place = next(one for one in until(api, "chicago") if one["kind"] == "place")
    found = api.get("/api/v1/listings", params={**place["parameters"], "per_page": 1})
    assert found.json()["meta"]["applied"]["place"]["city"] == "Chicago"


def test_mistyped_makes_are_found(api: httpx.Client) -> None:
    assert until(api, "toytoa")[0]["text"] == "Toyota"
    assert until(api, "hnoda")[0]["text"] == "Honda"


def test_all_collections_answer_together(api: httpx.Client) -> None:
    assert until(api, "toyota") == api.get("/api/v1/suggest?q=toyota").json()["data"]


def test_limits(api: httpx.Client) -> None:
    until(api, "a")
    assert len(api.get(ADDRESS, params={"q": "a", "limit": MOST_SHOWN}).json()["data"]) > 10
    assert len(api.get(ADDRESS, params={"q": "a", "limit": 3}).json()["data"]) == 3
    assert api.get(ADDRESS).json()["data"] == []
    for query, parameter in (
        ("limit=0", "limit"),
        (f"limit={MOST_SHOWN + 1}", "limit"),
        ("x=1", "x"),
    ):
        refused = api.get(f"{ADDRESS}?{query}")
        assert (refused.status_code, refused.json()["parameter"]) == (400, parameter)


def test_a_facet_with_more_values_than_the_engine_gives_at_once_is_read_whole(
    filled: tuple[str, str],
) -> None:
    """The engine of these tests gives 300 at a time."""
    numbers = {f"Dealer {number}": 1 + number % 3 for number in range(1, 701)}

    async def read() -> dict[str, int]:
        url, key = filled
        async with Engine(url, key) as engine:
            documents = [
                {"id": f"{name[7:]}-{copy}", "make": "M", "dealer": {"name": name}}
                for name, count in numbers.items()
                for copy in range(count)
            ]
            task = await engine.call("POST", "/indexes", json={"uid": "many", "primaryKey": "id"})
            await engine.wait(task["taskUid"])
            settings = {
                "filterableAttributes": ["dealer.name", "make"],
                "faceting": {"maxValuesPerFacet": 300, "sortFacetValuesBy": {"*": "count"}},
            }
            task = await engine.call("PATCH", "/indexes/many/settings", json=settings)
            task = await engine.call("POST", "/indexes/many/documents", json=documents)
            assert (await engine.wait(task["taskUid"]))["status"] == "succeeded"
            many = _renamed("many")
            assert await values(engine, many, "dealer", ['make = "M"'], 5_000) == numbers
            some = await values(engine, many, "dealer", [], 400)
            task = await engine.call("DELETE", "/indexes/many")
            await engine.wait(task["taskUid"])
            return some

    some = asyncio.run(read())
    assert len(some) == 400
    assert set(some.values()) == {3, 2}, "those with the fewest are left out"


def _renamed(index: str) -> Any:
    return replace(CARS, index=index)
