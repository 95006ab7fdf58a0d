"""Whole answers over HTTP."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.cars import CARS
from config.settings import Settings
from engine.client import Engine
from service.understanding.parameters import parameters
from stack.sockets import free_port

LISTINGS = "/api/v1/listings"


def shown(document: dict[str, Any], *without: str) -> dict[str, Any]:
    """A document as the API shows it."""
    hidden = {"digest", "_geo", "buckets", "grid", *without}
    kept = {name: value for name, value in document.items() if name not in hidden}
    return {**kept, "location": document["_geo"]}


def test_a_search_is_answered_whole(api: httpx.Client, documents):
    found = [
        one
        for one in documents
        if one["make"] == "Honda"
        and one["price"] is not None
        and one["price"] <= 9000
        and one["city"] == "Evanston"
        and one["_geo"]
    ]
    found.sort(key=lambda one: (one["price"], one["id"]))
    assert found
    answer = api.get(
        f"{LISTINGS}?make=honda&price_max=9000&zip=60201&radius=1&sort=price&facets=none"
    )
    body = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert body["meta"].pop("took_ms") >= 0
    assert body["meta"].pop("query_id")
    assert body == {
        "data": [{**shown(one, "description"), "distance": 0} for one in found],
        "meta": {
            "total": len(found),
            "page": 1,
            "per_page": 20,
            "pages": 1,
            "applied": {
                "make": ["Honda"],
                "price_max": 9000,
                "zip": "60201",
                "radius": 1.0,
                "unit": "mi",
                "sort": "price",
                "place": {"city": "Evanston", "state": "IL", "lat": 42.0546, "lng": -87.6943},
            },
        },
        "facets": {},
        "ranges": {},
    }


def test_pages_hold_everything_once(api: httpx.Client, documents):
    seen: list[str] = []
    for page in range(1, 6):
        answer = api.get(LISTINGS, params={"per_page": 97, "page": page, "facets": "none"}).json()
        seen += [listing["id"] for listing in answer["data"]]
    assert sorted(seen) == [one["id"] for one in documents]


def test_offsets_hold_everything_once(api: httpx.Client, documents):
    seen: list[str] = []
    for offset in range(0, len(documents), 90):
        asked = {"offset": offset, "limit": 90, "facets": "none", "fields": "id"}
        answer = api.get(LISTINGS, params=asked).json()
        assert all(list(listing) == ["id"] for listing in answer["data"])
        seen += [listing["id"] for listing in answer["data"]]
    assert sorted(seen) == [one["id"] for one in documents]


def test_matches_are_marked(api: httpx.Client, documents):
    asked = {"q": "sporty", "highlight": "title,features", "fields": "title,price"}
    answer = api.get(LISTINGS, params=asked).json()
    assert len(answer["data"]) == 20
    for listing in answer["data"]:
        assert list(listing) == ["title", "price", "highlights"]
        marked = listing["title"].replace("sporty", "<mark>sporty</mark>")
        assert listing["highlights"]["title"] == marked
        assert isinstance(listing["highlights"]["features"], list)


def test_a_shape_on_the_map_finds_what_is_inside(api: httpx.Client, documents):
    def total(polygon: str) -> int:
        answer = api.get(LISTINGS, params={"polygon": polygon, "facets": "none"})
        return int(answer.json()["meta"]["total"])

    placed = [one for one in documents if one["_geo"]]
    chicago = sum(one["city"] == "Chicago" for one in placed)
    around = [one for one in placed if one["city"] in ("Chicago", "Evanston")]
    assert total("-87.7,41.8,-87.5,41.8,-87.6,42.0") == chicago > 0
    assert total("-87.8,41.7,-87.4,41.7,-87.6,42.9") == len(around) > chicago
    assert total("-170,30,170,30,180,50") == 0


def test_words_forgive_a_typo_and_are_all_needed(api: httpx.Client, documents):
    def total(words: str) -> int:
        return api.get(LISTINGS, params={"q": words, "facets": "none"}).json()["meta"]["total"]

    sporty = [one for one in documents if "sporty" in one["title"]]
    camry = [one for one in sporty if one["model"] == "Camry"]
    assert total("sprty") == len(sporty) > 0
    assert total("sporty camry") == len(camry) < len(sporty)
    assert total("sporty zzzzzz") == 0


def test_a_listing_has_what_a_list_leaves_out(api: httpx.Client, documents):
    answer = api.get(f"{LISTINGS}/KEY00007")
    assert answer.json() == {"data": shown(documents[7])}
    assert "description" in answer.json()["data"]


@pytest.mark.parametrize("key", ["key00007", "KEY99999", "x"])
def test_a_key_is_exact(api: httpx.Client, key: str):
    response = api.get(f"{LISTINGS}/{key}")
    assert response.status_code == 404
    assert response.json()["detail"] == f"There is no live listing with the key '{key}'."


def test_head_answers_without_a_body(api: httpx.Client):
    response = api.head(LISTINGS)
    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["content-length"]) > 1000


def test_ready_tells_what_there_is(api: httpx.Client, documents):
    response = api.get("/ready")
    assert (response.status_code, response.json()) == (
        200,
        {"status": "ready", "indexes": {"cars": {"documents": len(documents)}}},
    )


def test_without_postgres_and_valkey_only_the_history_lacks(serve, filled):
    away = f"127.0.0.1:{free_port()}"
    settings = Settings(
        meili_url=filled[0],
        meili_master_key=filled[1],
        database_url=f"postgresql://showroom@{away}/showroom",
        redis_url=f"redis://{away}/0",
    )
    with serve(settings) as client:
        for path in (LISTINGS, f"{LISTINGS}/KEY00007", "/ready"):
            assert client.get(path).status_code == 200
        assert client.get(f"{LISTINGS}/KEY00007/history").status_code == 503


def test_an_index_that_is_not_there_is_not_ready(serve, filled, monkeypatch):
    elsewhere = {"cars": replace(CARS, index="not_there")}
    for module in ("app", "routes.readiness"):
        monkeypatch.setattr(f"service.{module}.VERTICALS", elsewhere)
    with serve(Settings(meili_url=filled[0], meili_master_key=filled[1])) as client:
        ready, search = client.get("/ready"), client.get(LISTINGS)
    assert (ready.status_code, search.status_code) == (503, 503)
    assert ready.json()["detail"] == "The index not_there cannot be searched (index_not_found)."
    assert search.json()["detail"] == "The index is not there yet; try again in a moment."


async def test_an_index_from_before_an_upgrade_is_waited_for(serve, filled, monkeypatch):
    async with Engine(*filled) as engine:
        task = await engine.call("POST", "/indexes", json={"uid": "older", "primaryKey": "id"})
        await engine.wait(task["taskUid"])
    monkeypatch.setattr("service.app.VERTICALS", {"cars": replace(CARS, index="older")})
    with serve(Settings(meili_url=filled[0], meili_master_key=filled[1])) as client:
        search = await asyncio.to_thread(client.get, LISTINGS)
    assert search.status_code == 503
    assert search.json()["detail"] == "The index is being made anew; try again in a moment."


def test_a_wrong_key_of_the_search_server_is_told_to_the_log_only(serve, filled, caplog):
    with serve(Settings(meili_url=filled[0], meili_master_key="wrong" * 8)) as client:
        ready, search = client.get("/ready"), client.get(LISTINGS)
    assert ready.json()["detail"] == "The index cars cannot be searched (invalid_api_key)."
    assert (search.status_code, search.json()["type"]) == (500, "urn:showroom:problem:fault")
    assert "invalid_api_key" in caplog.text


NAMES = st.sampled_from(sorted(parameters(CARS)))
VALUES = st.text(max_size=30) | st.sampled_from(["1", "0", "60601", "-1", "price", "\x00", "NaN"])


def test_any_values_are_answered_or_refused_by_name(api: httpx.Client):
    @settings(max_examples=80, deadline=None, database=None)
    @given(st.dictionaries(NAMES, VALUES, max_size=3))
    def is_answered_or_refused(given_values: dict[str, str]) -> None:
        response = api.get(LISTINGS, params={"facets": "none", **given_values})
        assert response.status_code in (200, 400), response.text
        if response.status_code == 400:
            assert response.json()["parameter"] in parameters(CARS)

    is_answered_or_refused()
