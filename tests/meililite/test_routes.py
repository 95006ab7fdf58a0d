"""Routes whose answers the recordings do not show."""

import sqlite3

import pytest

from tests.meililite.meililite_server import Server


@pytest.fixture
def shops(server: Server) -> Server:
    """Two indexes with the same fields."""
    for uid in ("a", "b"):
        server.task(
            "PATCH",
            f"/indexes/{uid}/settings",
            {
                "filterableAttributes": ["kind", "_geo"],
                "sortableAttributes": ["n", "_geo"],
                "rankingRules": ["sort", "words", "n:desc"],
            },
        )
    a = [{"id": n, "n": n, "kind": "xy"[n % 2], "_geo": {"lat": n, "lng": 0}} for n in range(4)]
    b = [{"id": n, "n": n + 0.5, "kind": "yz"[n % 2], "t": "word"} for n in range(4)]
    server.task("POST", "/indexes/a/documents", a)
    server.task("POST", "/indexes/b/documents", [*b, {"id": 9}])
    return server


def _federated(server: Server, queries: list[dict], **federation) -> dict:
    body = {"queries": queries, "federation": federation}
    status, answer = server.call("POST", "/multi-search", body)
    assert status == 200, answer
    return answer


def _numbers(answer: dict) -> list[float | None]:
    return [hit.get("n") for hit in answer["hits"]]


_BOTH = [{"indexUid": "a", "sort": ["n:asc"]}, {"indexUid": "b", "sort": ["n:asc"]}]


def test_federated_hits_are_sorted_together(shops: Server):
    assert _numbers(_federated(shops, _BOTH)) == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, None]
    down = [{**query, "sort": ["n:desc"]} for query in _BOTH]
    assert _numbers(_federated(shops, down, limit=3, offset=1)) == [3, 2.5, 2]


def test_federated_hits_come_in_pages(shops: Server):
    answer = _federated(shops, _BOTH, page=2, hitsPerPage=4)
    assert _numbers(answer) == [2, 2.5, 3, 3.5]
    pages = {name: answer[name] for name in ("page", "hitsPerPage", "totalPages", "totalHits")}
    assert pages == {"page": 2, "hitsPerPage": 4, "totalPages": 3, "totalHits": 9}
    assert _federated(shops, _BOTH, page=0)["hits"] == []


def test_federated_hits_can_be_distinct_across_indexes(shops: Server):
    answer = _federated(shops, _BOTH, distinct="kind")
    assert [hit.get("kind") for hit in answer["hits"]] == ["x", "y", "z", None]
    both = {"queries": [{"indexUid": "a", "distinct": "kind"}],
            "federation": {"distinct": "kind"}}  # fmt: skip
    assert shops.call("POST", "/multi-search", both)[1]["code"] == "invalid_multi_search_distinct"


def test_a_document_that_two_queries_find_comes_once(shops: Server):
    answer = _federated(shops, [_BOTH[0], _BOTH[0]])
    assert (_numbers(answer), answer["estimatedTotalHits"]) == ([0, 1, 2, 3], 4)
    assert {hit["_federation"]["queriesPosition"] for hit in answer["hits"]} == {0}


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ({"queries": [{"indexUid": "no"}]}, "index_not_found", "Inside `.queries[0]`: Index `no`"),
        ({"queries": [{"indexUid": "a", "filter": "no = 1"}]}, "invalid_search_filter",
         "Inside `.queries[0]`: Index `a`: Attribute `no`"),
        ({"queries": [], "federation": {"facetsByIndex": {"a": ["no"]}}}, "invalid_search_facets",
         "Inside `.federation.facetsByIndex.a`: "),
        ({"queries": [], "federation": {"facetsByIndex": {"no": []}}}, "index_not_found",
         "is not used in queries"),
        ({"queries": [{"indexUid": "a", "federationOptions": {"remote": "x"}}]},
         "feature_not_enabled", "remote federated search"),
    ],
)  # fmt: skip
def test_faults_of_federated_searches_say_where(shops: Server, body: dict, code: str, said: str):
    status, error = shops.call("POST", "/multi-search", {"federation": {}} | body)
    assert (status, error["code"]) == (400, code)
    assert said in error["message"]


def test_fields_say_what_they_are_for(shops: Server):
    rules = [{"attributePatterns": ["ki*"], "features": {"facetSearch": False}}]
    shops.task(
        "PATCH",
        "/indexes/a/settings",
        {
            "filterableAttributes": rules,
            "displayedAttributes": ["n"],
            "distinctAttribute": "kind",
            "localizedAttributes": [{"attributePatterns": ["*d"], "locales": ["fra"]}],
        },
    )
    _, page = shops.call("POST", "/indexes/a/fields", {})
    fields = {field["name"]: field for field in page["results"]}
    assert list(fields)[:3] == ["id", "n", "kind"]
    assert fields["kind"] == {
        "name": "kind",
        "displayed": {"enabled": False},
        "searchable": {"enabled": True},
        "sortable": {"enabled": False},
        "distinct": {"enabled": True},
        "rankingRule": {"enabled": False},
        "filterable": {
            "enabled": True, "sortBy": "alpha", "facetSearch": False, "equality": True,
            "comparison": False,
        },
        "localized": {"locales": ["fra"]},
    }  # fmt: skip
    assert fields["n"]["rankingRule"] == {"enabled": True, "order": "desc"}
    for chosen, names in (
        ({"sortable": True}, ["n", "_geo", "_geo.lat", "_geo.lng"]),
        ({"attributePatterns": ["k*"]}, ["kind"]),
        ({"displayed": True}, ["n"]),
    ):
        _, page = shops.call("POST", "/indexes/a/fields", {"filter": chosen})
        assert [field["name"] for field in page["results"]] == names


def test_batches_sum_up_their_tasks(server: Server):
    task = server.task("POST", "/indexes/a/documents", [{"id": 1}])
    _, page = server.call("GET", f"/batches?uids={task['uid']}")
    (batch,) = page["results"]
    assert (page["total"], page["next"]) == (1, None)
    assert batch["details"] == {"receivedDocuments": 1, "indexedDocuments": 1}
    assert batch["stats"]["types"] == {"documentAdditionOrUpdate": 1}
    assert server.call("GET", "/batches/999999")[1]["code"] == "batch_not_found"


def test_browsers_may_search_from_any_page(server: Server):
    asked = {"Origin": "http://x", "Access-Control-Request-Method": "POST"}
    assert server.call("OPTIONS", "/multi-search", None, asked)[0] == 200


@pytest.mark.parametrize(
    ("uid", "said"),
    [
        ("1", "invalid length: expected length 32 for simple format, found 1"),
        ("1-2", "invalid group count: expected 5, found 2"),
        ("1-2-3-4-5", "invalid group length in group 0: expected 8, found 1"),
    ],
)
def test_uids_of_keys_are_uuids(server: Server, uid: str, said: str):
    body = {"uid": uid, "actions": ["*"], "indexes": ["*"], "expiresAt": None}
    assert said in server.call("POST", "/keys", body)[1]["message"]


def test_settings_behind_features_need_them(server: Server):
    path, keys = "/indexes/a/settings/foreign-keys", [{"foreignIndexUid": "b", "fieldName": "b"}]
    assert server.call("PUT", path, keys)[1]["code"] == "feature_not_enabled"
    try:
        server.call("PATCH", "/experimental-features", {"foreignKeys": True})
        assert server.task("PUT", path, keys)["status"] == "succeeded"
        assert server.call("GET", "/indexes/a/settings")[1]["foreignKeys"] == keys
    finally:
        server.call("PATCH", "/experimental-features", {"foreignKeys": False})
    assert "foreignKeys" not in server.call("GET", "/indexes/a/settings")[1]


def test_a_damaged_index_is_reported_and_the_others_go_on(own_server: Server):
    for uid in ("good", "bad"):
        own_server.task("POST", f"/indexes/{uid}/documents", [{"id": 1}])
    own_server.stop()
    registry = sqlite3.connect(own_server.folder / "registry.sqlite")
    (uuid,) = registry.execute("SELECT uuid FROM indexes WHERE uid = 'bad'").fetchone()
    registry.close()
    for segment in (own_server.folder / "indexes" / uuid).glob("*.segment"):
        segment.write_bytes(b"\0" * 100)
    own_server.start()
    assert own_server.call("POST", "/indexes/good/search", {})[0] == 200
    status, error = own_server.call("POST", "/indexes/bad/search", {})
    assert (status, error["code"]) == (500, "invalid_store_file")
    assert ".segment" in error["message"]
    task = own_server.task("POST", "/indexes/bad/documents", [{"id": 2}])
    assert task["error"]["code"] == "invalid_store_file"
