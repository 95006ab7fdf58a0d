"""Keys and tenant tokens over HTTP."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from tests.meililite.meililite_server import Server


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _key(server: Server, actions: list[str], indexes: list[str], **more: object) -> dict:
    body = {"actions": actions, "indexes": indexes, "expiresAt": None, **more}
    status, key = server.call("POST", "/keys", body)
    assert status == 201
    return key


def _token(key: dict, rules: object, algorithm: str = "HS256", **claims: object) -> str:
    head = {"alg": algorithm, "typ": "JWT"}
    body = {"apiKeyUid": key["uid"], "searchRules": rules, **claims}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, body)
    ]
    digest = hashlib.sha256 if algorithm == "HS256" else hashlib.sha512
    signed = hmac.new(key["key"].encode(), b".".join(parts), digest).digest()
    parts.append(base64.urlsafe_b64encode(signed).rstrip(b"="))
    return b".".join(parts).decode()


@pytest.fixture
def cars(server: Server) -> Server:
    server.task("PUT", "/indexes/cars/settings/filterable-attributes", ["make", "n"])
    server.task(
        "POST",
        "/indexes/cars/documents",
        [{"id": 1, "make": "a", "n": 1}, {"id": 2, "make": "b", "n": 1}, {"id": 3, "make": "a"}],
    )
    server.task("POST", "/indexes/lots/documents", [{"id": 1}])
    return server


def _ids(server: Server, token: str, body: dict | None = None, uid: str = "cars") -> list[int]:
    status, answer = server.call("POST", f"/indexes/{uid}/search", body or {}, _as(token))
    assert status == 200, answer
    return [hit["id"] for hit in answer["hits"]]


def test_the_default_keys_do_what_they_say(server: Server):
    _, page = server.call("GET", "/keys")
    keys = {key["name"]: key["key"] for key in page["results"]}
    search, admin = keys["Default Search API Key"], keys["Default Admin API Key"]
    server.task("POST", "/indexes/cars/documents", [{"id": 1}])
    assert _ids(server, search) == [1]
    assert server.call("GET", "/indexes", headers=_as(search))[0] == 403
    assert server.call("GET", "/indexes", headers=_as(admin))[0] == 200
    reader = keys["Default Read-Only Admin API Key"]
    assert server.call("GET", "/indexes", headers=_as(reader))[0] == 200
    assert server.call("POST", "/indexes", {"uid": "x"}, _as(reader))[0] == 403


def test_answers_say_which_query_they_are_of_when_asked(cars: Server):
    asked = {"Meili-Include-Metadata": "true"}
    _, answer = cars.call("POST", "/indexes/cars/search", {"q": "a"}, asked)
    found = answer["metadata"]
    assert found.pop("queryUid") != answer["requestUid"]
    assert found == {"query": "a", "indexUid": "cars", "primaryKey": "id"}
    queries = {"queries": [{"indexUid": "lots"}, {"indexUid": "cars"}]}
    _, answer = cars.call("POST", "/multi-search", queries, asked)
    assert [one["metadata"]["indexUid"] for one in answer["results"]] == ["lots", "cars"]
    _, answer = cars.call("POST", "/multi-search", {**queries, "federation": {}}, asked)
    assert [one["indexUid"] for one in answer["metadata"]] == ["lots", "cars"]
    assert "metadata" not in cars.call("POST", "/indexes/cars/search", {})[1]


def test_a_key_sees_only_its_indexes(cars: Server):
    key = _key(cars, ["*"], ["car*"])["key"]
    _, page = cars.call("GET", "/indexes", headers=_as(key))
    assert [index["uid"] for index in page["results"]] == ["cars"]
    assert list(cars.call("GET", "/stats", headers=_as(key))[1]["indexes"]) == ["cars"]
    _, tasks = cars.call("GET", "/tasks", headers=_as(key))
    assert {task["indexUid"] for task in tasks["results"]} == {"cars"}
    assert cars.call("GET", "/indexes/lots", headers=_as(key))[0] == 403


def test_a_key_without_the_right_to_create_makes_no_index(server: Server):
    key = _key(server, ["documents.add"], ["*"])["key"]
    _, summary = server.call("POST", "/indexes/new/documents", [{"id": 1}], _as(key))
    assert server.finished(summary["taskUid"])["error"]["code"] == "index_not_found"


def test_an_expired_key_is_refused(server: Server):
    ends = int(time.time()) + 2
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))
    key = _key(server, ["stats.get"], ["*"], expiresAt=soon)["key"]
    while server.call("GET", "/stats", headers=_as(key))[0] == 200:
        assert time.time() < ends + 5, "it is taken for ever"
        time.sleep(0.05)
    assert server.call("GET", "/stats", headers=_as(key))[0] == 403
    assert time.time() >= ends, "it was never taken"


def test_a_tenant_token_narrows_a_search(cars: Server):
    key = _key(cars, ["search"], ["*"])
    token = _token(key, {"cars": {"filter": "make = a"}})
    assert _ids(cars, token) == [1, 3]
    assert _ids(cars, token, {"filter": "n = 1"}) == [1]
    assert _ids(cars, token, {"filter": [["n = 1", "n = 2"]]}) == [1]
    assert _ids(cars, token, {"filter": "make = a OR make = b"}) == [1, 3]
    status, answer = cars.call("POST", "/indexes/lots/search", {}, _as(token))
    assert status == 403
    assert 'allowed indexes are ["cars"]' in answer["message"]


def test_the_closest_rule_of_a_token_counts(cars: Server):
    key = _key(cars, ["search"], ["*"])
    rules = {"*": {"filter": "make = b"}, "ca*": {"filter": "make = none"}, "cars": None}
    assert _ids(cars, _token(key, rules)) == [1, 2, 3]
    del rules["cars"]
    assert _ids(cars, _token(key, rules)) == []
    assert _ids(cars, _token(key, ["*"], "HS512"), uid="lots") == [1]


def test_a_token_allows_nothing_but_searching(cars: Server):
    token = _token(_key(cars, ["*"], ["*"]), ["*"])
    assert cars.call("GET", "/indexes/cars/documents", headers=_as(token))[0] == 403


def test_bad_tokens_are_refused(cars: Server):
    key = _key(cars, ["search"], ["*"])
    good = _token(key, ["*"])
    for bad, said in (
        (good[:-4] + "AAAA", "InvalidSignature"),
        (_token(key, ["*"], exp=int(time.time()) - 10), "expired"),
        (_token({**key, "uid": "00000000-0000-4000-8000-000000000000"}, ["*"]), "API key"),
        ("a.b.c", "API key"),
        (_token(key, ["*"], exp="soon"), "expired"),
        (_token(key, 3), "API key"),
    ):
        status, answer = cars.call("POST", "/indexes/cars/search", {}, _as(bad))
        assert status == 403, bad
        assert said in answer["message"]


def test_without_a_master_key_all_but_keys_is_open(tmp_path):
    server = Server(tmp_path, key=None).start()
    try:
        assert server.call("GET", "/indexes")[0] == 200
        assert server.call("GET", "/keys")[1]["code"] == "missing_master_key"
    finally:
        server.stop()
