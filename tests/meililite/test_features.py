"""Experimental features: refused while they are off, and what works when they are on."""

from collections.abc import Iterator

import pytest

from meililite.errors import ApiError
from meililite.features import FEATURES, refuse_unbuilt
from tests.meililite.meililite_server import Server


@pytest.fixture
def words(server: Server) -> Iterator[Server]:
    server.task("PUT", "/indexes/words/settings/filterable-attributes", ["t"])
    texts = ["Kefir", "a KEFIR é", "kef", "other"]
    server.task(
        "POST", "/indexes/words/documents", [{"id": n, "t": t} for n, t in enumerate(texts)]
    )
    yield server
    server.call("PATCH", "/experimental-features", dict.fromkeys(FEATURES, False))


def _ids(server: Server, text: str) -> list[int]:
    status, answer = server.call("POST", "/indexes/words/search", {"filter": text})
    assert status == 200, answer
    return [hit["id"] for hit in answer["hits"]]


_ASKED = {"filter": ["t CONTAINS kefir"]}
_CONTAINING = (
    ("POST", "/indexes/words/search", _ASKED),
    ("POST", "/indexes/words/facet-search", {"facetName": "t", **_ASKED}),
    ("POST", "/multi-search", {"queries": [{"indexUid": "words", **_ASKED}]}),
    ("POST", "/multi-search", {"queries": [{"indexUid": "words", **_ASKED}], "federation": {}}),
    ("POST", "/indexes/words/documents/fetch", _ASKED),
    ("GET", "/indexes/words/documents?filter=t%20CONTAINS%20kefir", None),
    ("GET", "/indexes/words/search?filter=t%20CONTAINS%20kefir", None),
    ("POST", "/indexes/words/documents/delete", _ASKED),
)


@pytest.mark.parametrize(("method", "path", "body"), _CONTAINING)
def test_contains_is_refused_while_it_is_off(words: Server, method: str, path: str, body: object):
    status, error = words.call(method, path, body)
    assert (status, error["code"]) == (400, "feature_not_enabled")
    assert (
        "Using `CONTAINS` in a filter requires enabling the `contains filter`" in error["message"]
    )
    assert error["message"].endswith("discussions/763\n3:11 t CONTAINS kefir")


@pytest.mark.parametrize(("method", "path", "body"), _CONTAINING)
def test_contains_works_when_it_is_on(words: Server, method: str, path: str, body: object):
    words.call("PATCH", "/experimental-features", {"containsFilter": True})
    status, answer = words.call(method, path, body)
    assert status in (200, 202), answer
    if status == 202:
        assert words.finished(answer["taskUid"])["details"]["deletedDocuments"] == 2


def test_contains_and_starts_with_do_not_look_at_case(words: Server):
    assert _ids(words, "t STARTS WITH KEF") == [0, 2]
    words.call("PATCH", "/experimental-features", {"containsFilter": True})
    assert _ids(words, "t CONTAINS eFIr") == [0, 1]
    assert _ids(words, "t NOT CONTAINS kefir") == [2, 3]
    assert _ids(words, 't = "x CONTAINS y" OR t CONTAINS ""') == [0, 1, 2, 3]


def test_a_value_that_reads_contains_is_no_operator(words: Server):
    assert _ids(words, "t = 'CONTAINS' OR t = kef") == [2]


def test_a_broken_filter_is_said_to_be_broken_first(words: Server):
    _, error = words.call("POST", "/indexes/words/search", {"filter": "t CONTAINS"})
    assert error["code"] == "invalid_search_filter"


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/metrics", "Getting metrics requires enabling the `metrics` experimental feature. "
         "See https://github.com/meilisearch/product/discussions/625"),
        ("GET", "/network", "Using the /network route requires enabling the `network`"),
        ("DELETE", "/chats/x", "deleting a chat requires enabling the `chat completions`"),
        ("POST", "/logs/stream", "Modifying logs through the `/logs/*` routes requires"),
        ("GET", "/dynamic-search-rules/x", "Calling the `GET /dynamic-search-rules/{:ruleUid}`"),
        ("POST", "/tasks/compact", "Using the /tasks/compact route requires enabling the `task"),
        ("GET", "/tasks/0/documents", "Getting the documents of an enqueued task requires"),
    ],
)  # fmt: skip
def test_routes_of_features_that_are_off(words: Server, method: str, path: str, said: str):
    status, error = words.call(method, path)
    assert (status, error["code"]) == (400, "feature_not_enabled")
    assert error["message"].startswith(said)


def test_what_is_not_built_says_so_when_its_feature_is_on(words: Server):
    words.call("PATCH", "/experimental-features", {"metrics": True})
    status, error = words.call("GET", "/metrics")
    assert (status, error["message"][:39]) == (400, "This embedded server has no metrics. Po")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"vector": [1]}, "missing_search_hybrid"),
        ({"media": {}}, "missing_search_hybrid"),
        ({"media": {}, "vector": [1]}, "invalid_search_media_and_vector"),
        ({"q": "a", "hybrid": {"embedder": "x"}}, "invalid_search_embedder"),
        ({"media": {}, "hybrid": {"embedder": "x", "semanticRatio": 0}}, "feature_not_enabled"),
        ({"useNetwork": False}, "feature_not_enabled"),
        ({"personalize": {"userContext": "x"}}, "feature_not_enabled"),
    ],
)
def test_searches_that_need_what_is_not_built(body: dict, code: str):
    with pytest.raises(ApiError) as raised:
        refuse_unbuilt(body, {})
    assert raised.value.code == code


def test_searches_that_only_mention_an_embedder_are_taken():
    hybrid = {"embedder": "x", "semanticRatio": 0.9}
    refuse_unbuilt({"q": " ", "hybrid": hybrid}, {})
    refuse_unbuilt({"q": "a", "hybrid": hybrid | {"semanticRatio": 0}}, {})


def test_there_is_no_webhook_to_be_found(server: Server):
    uid = "7a6ad6ef-5a0e-4b1c-9cbd-3a2dca0fcb39"
    assert server.call("GET", "/webhooks") == (200, {"results": []})
    for method in ("GET", "PATCH", "DELETE"):
        status, error = server.call(method, f"/webhooks/{uid.upper()}", {})
        assert (status, error["message"]) == (404, f"Webhook `{uid}` not found.")
    status, error = server.call("GET", "/webhooks/x")
    assert (status, error["code"]) == (400, "invalid_webhook_uuid")
    assert error["message"] == "Invalid UUID: invalid character: found `x` at 0"
