"""Searches in Meilisearch's language, through the API and as the engine answers them."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from catalog.cars import CARS
from config.settings import Settings
from stack.sockets import free_port

FACET_SEARCH = "/indexes/cars/facet-search"


def search(api: httpx.Client, **query: Any) -> httpx.Response:
    return api.post("/multi-search", json={"queries": [{"indexUid": "cars", **query}]})


def result(api: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = search(api, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"][0]


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert set(body) == {"message", "code", "type", "link"}
    assert body["link"].endswith(f"#{body['code']}")
    return answer.status_code, body["code"], body["message"]


def test_what_the_engine_answers_is_passed_on(api: httpx.Client, filled, documents):
    url, key = filled
    query = {
        "indexUid": "cars",
        "q": "sporty",
        "facets": ["make", "price"],
        "filter": [['"make"="Toyota"', '"make"="Ford"'], '"price">=10000'],
        "attributesToRetrieve": ["id", "make", "price", "dealer"],
        "attributesToHighlight": ["title"],
        "highlightPreTag": "__ais-highlight__",
        "highlightPostTag": "__/ais-highlight__",
        "sort": ["price:asc", "id:asc"],
        "limit": 21,
        "offset": 0,
    }
    asked = {"json": {"queries": [query, {"indexUid": "cars", "hitsPerPage": 5, "page": 2}]}}
    mine = api.post("/multi-search", **asked).json()["results"]
    headers = {"Authorization": f"Bearer {key}"}
    engines = httpx.post(f"{url}/multi-search", headers=headers, **asked).json()["results"]
    for one, other in zip(mine, engines, strict=True):
        for moment in ("processingTimeMs", "requestUid"):
            one.pop(moment)
            other.pop(moment)
    assert mine[0] == engines[0]
    assert mine[0]["estimatedTotalHits"] > 0
    assert (mine[1]["page"], mine[1]["totalHits"]) == (2, len(documents))


@pytest.mark.parametrize(
    "lists", [{}, {"attributesToRetrieve": ["*"]}, {"attributesToRetrieve": ["digest", "id", "*"]}]
)
def test_what_is_ours_alone_never_leaves(api: httpx.Client, lists):
    lists = {**lists, "attributesToHighlight": ["*"], "attributesToCrop": ["*:5", "digest"]}
    hits = result(api, q="sporty", limit=100, showMatchesPosition=True, **lists)["hits"]
    public = {*CARS.fields, "_geo"}
    for hit in hits:
        assert set(hit) <= public | {"_formatted", "_matchesPosition"}
        assert set(hit["_formatted"]) <= public
    assert hits
    assert "description" in hits[0]
    assert "__ais" not in hits[0]["title"]


def test_a_field_that_nobody_sees_is_not_given(api: httpx.Client):
    hits = result(api, attributesToRetrieve=["digest", "grid.z4", "buckets"], limit=1)["hits"]
    assert hits == [{}]


@pytest.mark.parametrize("facet", ["digest", "buckets.price", "grid.z4"])
def test_a_facet_that_nobody_sees_is_not_counted(api: httpx.Client, facet: str):
    message = f"Invalid facet distribution: Attribute `{facet}` is not filterable."
    assert refusal(search(api, facets=["make", facet])) == (
        400, "invalid_search_facets", f"Inside `.queries[0]`: {message}",
    )  # fmt: skip
    answer = api.post(FACET_SEARCH, json={"facetName": facet, "facetQuery": ""})
    assert refusal(answer)[:2] == (400, "invalid_facet_search_facet_name")


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        ({"filter": "buckets.price > 1"}, "filter", "`buckets.price` is not filterable."),
        ({"filter": [["make = Kia", "NOT 'grid.4' = 1"]]}, "filter", "`grid.4` is not"),
        ({"filter": "make EXISTSAND buckets.price > 1"}, "filter", "`buckets.price` is not"),
        ({"filter": '"\\u{67}rid.4" EXISTS'}, "filter", "is not filterable."),
        ({"sort": ["price:asc", "buckets.price:asc"]}, "sort", "`buckets.price` is not sortable."),
        ({"distinct": "grid.4"}, "distinct", "`grid.4` is not filterable and thus"),
    ],
)
def test_what_nobody_sees_cannot_be_asked_about(api: httpx.Client, asked: dict, code, says):
    status, told, message = refusal(search(api, **asked))
    assert (status, told) == (400, f"invalid_search_{code}")
    assert message.startswith("Inside `.queries[0]`: Attribute `")
    assert says in message
    if "filter" in asked:
        answer = api.post(FACET_SEARCH, json={"facetName": "make", **asked})
        assert refusal(answer)[:2] == (400, "invalid_search_filter")


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "title = x"},
        {"filter": [["make = Kia", "photos EXISTS"]]},
        {"filter": "_geoPolygon([1, 2], [3, 4], [5, 6])"},
        {"filter": "description CONTAINS x"},
        {"facets": ["title"]},
        {"distinct": "title"},
        {"sort": ["title:asc"]},
        {"attributesToSearchOn": ["digest"]},
    ],
)
def test_the_engines_sentences_name_what_everybody_sees(api: httpx.Client, asked: dict):
    messages = [refusal(search(api, **asked))[2]]
    if "filter" in asked or "attributesToSearchOn" in asked:
        answer = api.post(FACET_SEARCH, json={"facetName": "make", **asked})
        messages.append(refusal(answer)[2])
    for message in messages:
        for inner in ("buckets", "grid", "_geojson", "experimental"):
            assert inner not in message
        for listed in re.findall(r" are: (.+)\.", message):
            names = set(re.findall(r"[\w.]+", listed))
            assert len(names) > 5
            assert {name.partition(".")[0] for name in names} <= {*CARS.fields, "_geo"}


def test_a_facet_that_cannot_be_searched_names_those_that_can(api: httpx.Client):
    status, _, message = refusal(api.post(FACET_SEARCH, json={"facetName": "title"}))
    assert status == 400
    assert "fuel_type, id, listed_at, make, mileage" in message


def test_what_everybody_sees_can_be_asked_about(api: httpx.Client):
    asked = [
        {"filter": [["make = 'buckets'", 'dealer.name != "x AND grid = 1"'], "price 1 TO 900000"]},
        {"filter": "_geoRadius(41.9, -87.6, 99999) AND id EXISTS AND NOT (city IS NULL)"},
        {"sort": ["_geoPoint(41.9, -87.6):asc", "price:desc", "id:asc"], "distinct": "model"},
    ]
    for query in asked:
        assert search(api, **query).status_code == 200


def test_all_facets_are_those_that_can_be_chosen(api: httpx.Client, documents):
    facets = result(api, facets=["*"], limit=0)["facetDistribution"]
    expected = {facet.field for facet in CARS.facets.values()} | {one.name for one in CARS.ranges}
    assert set(facets) == {name for name in expected if name.partition(".")[0] in documents[0]}


def test_values_of_a_facet_are_searched(api: httpx.Client, documents):
    beside = {"limit": 21, "attributesToHighlight": ["*"], "q": "", "facets": ["make"]}
    asked = {"facetName": "make", "facetQuery": "cit", "filter": ['"year">=2010'], **beside}
    answer = api.post(FACET_SEARCH, json=asked).json()
    count = sum(one["make"] == "Citroën" and one["year"] >= 2010 for one in documents)
    assert answer["facetHits"] == [{"value": "Citroën", "count": count}]


@pytest.mark.parametrize("uid", ["bikes", "cars_2", "cars_20260101000000_ab12cd"])
def test_only_what_can_be_searched_is_an_index(api: httpx.Client, uid: str):
    answer = api.post("/multi-search", json={"queries": [{"indexUid": "cars"}, {"indexUid": uid}]})
    assert refusal(answer) == (
        404, "index_not_found", f"Inside `.queries[1]`: Index `{uid}` not found.",
    )  # fmt: skip
    answer = api.post(f"/indexes/{uid}/facet-search", json={"facetName": "make"})
    assert refusal(answer) == (404, "index_not_found", f"Index `{uid}` not found.")


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ({"limit": 102}, "invalid_search_limit", "`.queries[0].limit`"),
        ({"hitsPerPage": 101}, "invalid_search_hits_per_page", "less than or equal to 100"),
        ({"offset": 10_001}, "invalid_search_offset", "`.queries[0].offset`"),
        ({"offset": 9_990, "limit": 100}, "bad_request", "first 10000 results"),
        ({"page": 102, "hitsPerPage": 100}, "bad_request", "first 10000 results"),
        ({"page": 501}, "bad_request", "first 10000 results"),
        ({"offset": 9_990}, "bad_request", "first 10000 results"),
        ({"q": "x" * 201}, "invalid_search_q", "at most 200 characters"),
        ({"q": 5}, "invalid_search_q", "`.queries[0].q`: it should be a valid string"),
        ({"facets": ["make"] * 51}, "invalid_search_facets", "at most 50 items"),
        ({"sort": ["price:asc"] * 6}, "invalid_search_sort", "at most 5 items"),
        ({"filter": "(" * 11 + "make = Kia" + ")" * 11}, "invalid_search_filter", "at most 10"),
        ({"filter": ["make = Kia " * 400, "year = 1" * 500]}, "invalid_search_filter", "at most"),
        ({"filter": ["year = 1"] * 101}, "invalid_search_filter", "at most 100 items"),
        ({"filter": [[["year = 1"]]]}, "invalid_search_filter", "`.queries[0].filter"),
        ({"filter": 5}, "invalid_search_filter", "`.queries[0].filter`"),
        ({"filter": "year >"}, "invalid_search_filter", "Was expecting a value"),
        ({"sort": ["title:asc"]}, "invalid_search_sort", "Attribute `title` is not sortable."),
        ({"vector": [1.0]}, "bad_request", "Unknown field `vector` inside `.queries[0]`"),
        ({"showRankingScoreDetails": True}, "bad_request", "Unknown field"),
        ({"hybrid": {"embedder": "x"}}, "bad_request", "expected one of `q`"),
    ],
)
def test_what_is_asked_is_bounded(api: httpx.Client, query: dict, code: str, says: str):
    status, told, message = refusal(search(api, **query))
    assert (status, told) == (400, code)
    assert says in message


def test_parentheses_in_quotes_are_text(api: httpx.Client):
    assert result(api, filter=f"make = \"{'(' * 30}\" OR make = '{'(' * 30}'")["hits"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_request"),
        (b"{", "malformed_payload"),
        (b"[]", "bad_request"),
        (b"{}", "bad_request"),
        (b'{"queries": [{}]}', "missing_index_uid"),
        (b'{"queries": [], "federation": {}}', "bad_request"),
        (b'{"queries": [' + b",".join([b'{"indexUid": "cars"}'] * 21) + b"]}", "bad_request"),
        (b'{"queries": [{"indexUid": "\xff"}]}', "malformed_payload"),
    ],
)
def test_a_body_that_is_no_multi_search(api: httpx.Client, body: bytes, code: str):
    assert refusal(api.post("/multi-search", content=body))[:2] == (400, code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/indexes/cars/documents", 404),
        ("POST", "/indexes/cars/search", 404),
        ("DELETE", "/indexes/cars", 404),
        ("GET", "/keys", 404),
        ("GET", "/multi-search", 405),
        ("PATCH", "/indexes/cars/facet-search", 405),
    ],
)
def test_nothing_else_of_the_engine_is_there(api: httpx.Client, method, path, status):
    assert api.request(method, path).status_code == status


def test_what_no_route_has_seen_is_refused_in_the_same_shape(api: httpx.Client):
    assert api.get("/health", headers={"X": "x" * 40_000}).status_code == 413
    for path in ("/multi-search", FACET_SEARCH):
        status, code, message = refusal(api.post(path, content=b"x" * 70_000))
        assert (status, code) == (413, "payload_too_large")
        assert "65,536 bytes" in message
        unmet = api.post(path, content=b"{}", headers={"Expect": "a-miracle"})
        assert refusal(unmet)[:2] == (417, "bad_request")
    assert refusal(api.get("/multi-search"))[:2] == (405, "bad_request")
    assert refusal(api.get("/indexes/cars"))[:2] == (404, "bad_request")


def test_a_page_of_another_origin_may_ask(api: httpx.Client):
    for path in ("/multi-search", FACET_SEARCH):
        answer = api.options(path, headers={"Origin": "https://shop.example"})
        allowed = answer.headers["access-control-allow-headers"].split(", ")
        assert (answer.status_code, {"*", "Authorization"} <= set(allowed)) == (204, True)
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert api.post(path, content=b"").headers["access-control-allow-origin"] == "*"


def test_a_page_of_another_origin_may_read_what_names_its_search(api: httpx.Client):
    answer = search(api, q="sporty")
    assert len(answer.headers["query-id"]) == 36
    assert "Query-Id" in answer.headers["access-control-expose-headers"].split(", ")


def test_without_a_key_of_ours_any_key_or_none_is_taken(api: httpx.Client):
    for headers in ({}, {"Authorization": "Bearer anything"}):
        answer = api.post("/multi-search", json={"queries": []}, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"results": []})


@pytest.fixture(scope="module")
def keyed(serve, filled) -> Iterator[httpx.Client]:
    url, key = filled
    with serve(Settings(meili_url=url, meili_master_key=key, search_key="public-1")) as client:
        yield client


@pytest.mark.parametrize("path", ["/multi-search", FACET_SEARCH])
def test_a_key_that_is_set_must_be_sent(keyed: httpx.Client, filled, path: str):
    assert refusal(keyed.post(path, content=b""))[:2] == (401, "missing_authorization_header")
    for wrong in ("Bearer public-2", "Bearer", "Basic public-1", f"Bearer {filled[1]}"):
        answer = keyed.post(path, content=b"", headers={"Authorization": wrong})
        assert refusal(answer)[:2] == (403, "invalid_api_key")
    body = {"queries": []} if path == "/multi-search" else {"facetName": "make"}
    answer = keyed.post(path, json=body, headers={"Authorization": "Bearer public-1"})
    assert answer.status_code == 200


def test_who_asks_too_often_is_told_when_to_come_back(serve, filled):
    url, key = filled
    with serve(Settings(meili_url=url, meili_master_key=key, rate=1)) as slow:
        answers = (search(slow, limit=0) for _ in range(100))
        refused = next(answer for answer in answers if answer.status_code != 200)
    assert refusal(refused)[:2] == (429, "too_many_search_requests")
    assert int(refused.headers["retry-after"]) >= 1


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """The address of a server that answers whatever it is asked with 200 and this body."""

    class Same(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is written of each request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Same) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"results":[]}', b"{}"])
def test_what_is_no_answer_to_a_search_is_not_passed_on(serve, body: bytes):
    with answering(body) as url, serve(Settings(meili_url=url)) as client:
        answers = [search(client, q="x"), client.post(FACET_SEARCH, json={"facetName": "make"})]
    for answer in answers:
        assert refusal(answer)[:2] == (503, "too_many_search_requests")
        assert answer.headers["retry-after"] == "2"


def test_errors_of_the_inside_are_told_in_the_same_shape(serve, filled, caplog):
    with serve(Settings(meili_url=f"http://127.0.0.1:{free_port()}")) as away:
        answer = search(away, q="x")
    assert refusal(answer)[:2] == (503, "too_many_search_requests")
    assert answer.headers["retry-after"] == "2"
    with serve(Settings(meili_url=filled[0], meili_master_key="wrong" * 8)) as wrong:
        assert refusal(search(wrong, q="x"))[:2] == (500, "internal")
    assert "invalid_api_key" in caplog.text
