"""Searches and clicks over HTTP, until the reports tell of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest

from config.settings import Settings
from service.analytics import log as event_log
from service.analytics.posted import LONGEST_BODY
from tests.service.metrics.conftest import scrape

KEY = {"Authorization": "Bearer s3cret"}
Serve = Callable[[Settings], AbstractContextManager[httpx.Client]]


@pytest.fixture(scope="module")
def client(
    serve: Serve, filled: tuple[str, str], postgres_url: str, valkey_server: str
) -> Iterator[httpx.Client]:
    url, key = filled
    settings = Settings(
        meili_url=url,
        meili_master_key=key,
        database_url=postgres_url,
        redis_url=valkey_server,
        admin_key="s3cret",
    )
    with serve(settings) as client:
        yield client


def search(client: httpx.Client, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/listings", params=parameters, headers={"User-Agent": "tests"})
    assert answer.status_code == 200
    return answer.json()


def report(
    client: httpx.Client, name: str, until: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """The rows of a report when they hold, which they do within seconds."""
    deadline = time.monotonic() + 60
    while True:
        answer = client.get(f"/api/v1/analytics/{name}?limit=1000", headers=KEY)
        assert answer.status_code == 200, answer.text
        rows = answer.json()["data"]
        if until(rows) or time.monotonic() > deadline:
            return rows
        time.sleep(0.05)


def row(rows: list[dict[str, Any]], **members: Any) -> dict[str, Any] | None:
    return next((one for one in rows if members.items() <= one.items()), None)


def test_a_search_and_a_click_are_told_in_the_reports(client: httpx.Client) -> None:
    answer = search(client, q="Clean Toyota", price_max=1_000_000)
    found, query_id = answer["data"][1], answer["meta"]["query_id"]
    assert UUID(query_id).version == 7
    body = {
        "query_id": query_id,
        "events": [
            {"kind": "view", "key": found["id"], "position": 2},
            {"kind": "click", "key": found["id"], "position": 2},
        ],
    }
    taken = client.post("/api/v1/events", json=body)
    assert (taken.status_code, taken.content) == (202, b"")
    rows = report(client, "queries", lambda rows: bool(row(rows, q="clean toyota", clicks=1)))
    assert row(rows, q="clean toyota") == {
        "q": "clean toyota",
        "searches": 1,
        "visitors": 1,
        "results": answer["meta"]["total"],
        "without_results": 0,
        "clicks": 1,
        "click_rate": 1.0,
    }
    clicked = report(client, "clicks", lambda rows: bool(row(rows, key=found["id"])))
    told = {"key": found["id"], "clicks": 1, "views": 1, "searches": 1, "position": 2.0}
    assert row(clicked, key=found["id"]) == told
    filters = report(client, "filters", lambda rows: bool(row(rows, filter="price_max")))
    assert row(filters, filter="make=toyota")
    hours = report(client, "hours", bool)
    assert hours[0]["searches"] >= 1


def test_every_answer_has_a_number_of_its_own_though_it_is_kept(client: httpx.Client) -> None:
    numbers = {search(client, q="sporty")["meta"]["query_id"] for _ in range(3)}
    assert len(numbers) == 3
    rows = report(client, "queries", lambda rows: bool(row(rows, q="sporty", searches=3)))
    found = row(rows, q="sporty")
    assert found
    assert (found["searches"], found["visitors"]) == (3, 1)


def test_a_link_that_is_checked_is_no_search(client: httpx.Client) -> None:
    for _ in range(2):
        answer = client.head("/api/v1/listings", params={"q": "checked"})
        assert (answer.status_code, answer.content) == (200, b"")
    search(client, q="checked")  # after these: what is written before it is in the report
    found = row(report(client, "queries", lambda rows: bool(row(rows, q="checked"))), q="checked")
    assert found
    assert (found["searches"], found["visitors"]) == (1, 1)


def instantsearch(client: httpx.Client, q: str, **members: Any) -> httpx.Response:
    """What a page of InstantSearch asks: its results, then the makes without their own filter."""
    shown = {"indexUid": "cars", "q": q, "limit": 21, "offset": 0, "attributesToHighlight": ["*"]}
    counted = {**shown, "facets": ["make"], "limit": 1}
    opening = {"indexUid": "cars", "facets": ["make"], "limit": 21, "offset": 0}
    client.post("/multi-search", json={"queries": [opening]})
    body = {"queries": [{**shown, **members}, counted]}
    answer = client.post("/multi-search", json=body, headers={"User-Agent": "page"})
    assert answer.status_code == 200, answer.text
    return answer


def test_what_is_searched_on_a_page_of_instantsearch_is_told_once(client: httpx.Client) -> None:
    for typed in ("bar", "barga"):
        instantsearch(client, typed)
    filters = [['"make"="Ford"', '"make"="Kia"'], '"price">=1']
    first, again = (instantsearch(client, "Bargain", filter=filters) for _ in range(2))
    query_id = first.headers["query-id"]
    assert UUID(query_id).version == 7
    assert query_id != again.headers["query-id"]
    found = first.json()["results"][0]
    event = {"kind": "click", "key": found["hits"][0]["id"], "position": 1}
    body = {"query_id": query_id, "events": [event]}
    assert client.post("/api/v1/events", json=body).status_code == 202
    rows = report(
        client, "queries", lambda rows: bool(row(rows, q="bargain", searches=2, clicks=1))
    )
    assert row(rows, q="bargain") == {
        "q": "bargain",
        "searches": 2,
        "visitors": 1,
        "results": found["estimatedTotalHits"],
        "without_results": 0,
        "clicks": 1,
        "click_rate": 0.5,
    }
    assert not [one for one in rows if one["q"] in ("bar", "barga")], "they were being typed"
    told = report(client, "filters", lambda rows: bool(row(rows, filter="make=kia")))
    assert row(told, filter="make=kia", searches=2)


def test_what_is_not_found_on_a_page_of_instantsearch_is_told(client: httpx.Client) -> None:
    instantsearch(client, "dirigible", filter=['"make"="Ford"', "_geoRadius(41.9, -87.6, 9)"])
    rows = report(client, "zero-results", lambda rows: bool(row(rows, q="dirigible")))
    found = row(rows, q="dirigible")
    assert found
    assert (found["searches"], found["filters"]) == (1, ["make=ford", "radius"])


def test_what_somebody_names_a_field_pushes_out_no_search(client: httpx.Client) -> None:
    instantsearch(client, "evil", filter='"price.\0x" > 3')
    instantsearch(client, "nautilus")
    rows = report(client, "zero-results", lambda rows: bool(row(rows, q="nautilus")))
    assert row(rows, q="evil", filters=[])
    assert row(rows, q="nautilus")


def test_a_call_that_only_counts_is_no_search(client: httpx.Client) -> None:
    body = {"queries": [{"indexUid": "cars", "q": "counted", "limit": 0}]}
    assert "query-id" not in client.post("/multi-search", json=body).headers


def test_what_found_nothing_is_told_with_its_filters(client: httpx.Client) -> None:
    search(client, q="zeppelin", make="Toyota", zip="60601", radius=10)
    rows = report(client, "zero-results", lambda rows: bool(row(rows, q="zeppelin")))
    found = row(rows, q="zeppelin")
    assert found
    assert found["filters"] == ["make=toyota", "zip", "radius"], "no place is kept"


def test_reports_take_days_a_limit_and_a_collection(client: httpx.Client) -> None:
    for query in ("days=91", "limit=0", "collection=boats", "hours=3"):
        assert client.get(f"/api/v1/analytics/queries?{query}", headers=KEY).status_code == 400
    answer = client.get("/api/v1/analytics/queries?days=1&collection=listings", headers=KEY)
    assert answer.json()["meta"] == {"days": 1, "lost": 0}


@pytest.mark.parametrize("name", ["queries", "zero-results", "filters", "clicks", "hours"])
def test_reports_need_the_key(client: httpx.Client, api: httpx.Client, name: str) -> None:
    address = f"/api/v1/analytics/{name}"
    assert client.get(address).status_code == 401
    off = api.get(address, headers=KEY)
    assert off.status_code == 404
    assert "SHOWROOM_ADMIN_KEY" in off.json()["detail"]


ID = "019ab1c2-7a00-7b3c-8d4e-5f6071829304"
EVENT = {"kind": "click", "key": "KEY1", "position": 1}


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        (b"", 400, None),
        (b"[]", 400, None),
        (b'{"query_id": "x"}', 400, None),
        ({"query_id": 7, "events": [EVENT]}, 400, "query_id"),
        ({"query_id": "x", "events": [EVENT]}, 400, "query_id"),
        ({"query_id": ID, "events": []}, 400, "events"),
        ({"query_id": ID, "events": {}}, 400, "events"),
        ({"query_id": ID, "events": [EVENT] * 101}, 400, "events"),
        ({"query_id": ID, "events": [None]}, 400, None),
        ({"query_id": ID, "events": [EVENT | {"x": 1}]}, 400, None),
        ({"query_id": ID, "events": [EVENT | {"kind": "buy"}]}, 400, "kind"),
        ({"query_id": ID, "events": [EVENT | {"kind": []}]}, 400, "kind"),
        ({"query_id": ID, "events": [EVENT | {"key": "a b"}]}, 400, "key"),
        ({"query_id": ID, "events": [EVENT | {"position": 0}]}, 400, "position"),
        ({"query_id": ID, "events": [EVENT | {"position": True}]}, 400, "position"),
        ({"query_id": ID, "events": [EVENT | {"position": 10_001}]}, 400, "position"),
        (b" " * (LONGEST_BODY + 1), 413, None),
    ],
)
def test_events_that_are_none_are_refused(
    api: httpx.Client, body: Any, status: int, parameter: str | None
) -> None:
    given = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = api.post("/api/v1/events", **given)
    assert (answer.status_code, answer.json().get("parameter")) == (status, parameter)
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_postgres_events_are_taken_and_searches_answered(api: httpx.Client) -> None:
    query_id = search(api, q="clean")["meta"]["query_id"]
    body = {"query_id": query_id, "events": [EVENT]}
    taken = api.post("/api/v1/events", json=body)
    assert (taken.status_code, taken.content) == (202, b"")
    assert "content-type" not in taken.headers


def test_events_take_no_parameter(api: httpx.Client) -> None:
    body = {"query_id": ID, "events": [EVENT]}
    refused = api.post("/api/v1/events?page=1", json=body)
    assert (refused.status_code, refused.json()["parameter"]) == (400, "page")


def test_what_finds_no_room_is_refused_if_it_can_be_sent_again_else_lost(
    serve: Serve, filled: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "MOST_WAITING", 3)
    url, key = filled
    away = "postgresql://x@127.0.0.1:9/none"
    settings = Settings(meili_url=url, meili_master_key=key, database_url=away, admin_key="s3cret")
    with serve(settings) as client:
        body = {"query_id": ID, "events": [EVENT] * 2}
        assert client.post("/api/v1/events", json=body).status_code == 202
        refused = client.post("/api/v1/events", json=body)
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:showroom:problem:busy"
        assert int(refused.headers["retry-after"]) > 0
        assert client.post("/api/v1/events", json=body | {"events": [EVENT]}).status_code == 202
        assert lost(client) == 0
        for _ in range(5):
            assert search(client, q="clean")["meta"]["query_id"]
        assert lost(client) == 2


def lost(client: httpx.Client) -> float:
    return scrape(client)["showroom_analytics_events_lost_total"]


def test_of_many_events_the_wrong_one_is_named(client: httpx.Client) -> None:
    for wrong, told in (
        ({"kind": "buy"}, "events[2].kind must be one of click, view."),
        ({"key": "?"}, "events[2].key must be the id of a listing."),
        ({"position": 0}, "events[2].position must be a whole number from 1 to 10000."),
        ({"x": 1}, "events[2] must be an object with just kind, key, position."),
    ):
        body = {"query_id": ID, "events": [EVENT, EVENT, EVENT | wrong, EVENT]}
        assert client.post("/api/v1/events", json=body).json()["detail"] == told
