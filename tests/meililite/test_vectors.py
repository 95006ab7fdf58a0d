"""`_vectors` of documents are kept, and shown to those who ask."""

import pytest

from tests.meililite.meililite_server import Server

_OWN = {"mine": [0.5, 1]}


@pytest.fixture
def things(server: Server) -> Server:
    server.task("POST", "/indexes/things/documents", [{"id": 1, "_vectors": _OWN}, {"id": 2}])
    return server


def _shown(server: Server, path: str, body: dict | None) -> list[dict]:
    status, answer = server.call("GET" if body is None else "POST", path, body)
    assert status == 200, answer
    return answer.get("hits") or answer.get("results") or [answer]


def test_they_are_hidden_from_those_who_do_not_ask(things: Server):
    for path, body in (
        ("documents", None), ("documents/1", None), ("documents/fetch", {}), ("search", {}),
        ("search", {"attributesToRetrieve": ["*"], "attributesToHighlight": ["*"]}),
        ("search?retrieveVectors=false", None), ("documents?fields=id,_vectors", None),
    ):  # fmt: skip
        for document in _shown(things, f"/indexes/things/{path}", body):
            assert "_vectors" not in document, path


def test_they_are_shown_to_those_who_do(things: Server):
    for path, body in (
        ("documents?retrieveVectors=true", None),
        ("documents/fetch", {"retrieveVectors": True}),
        ("search", {"retrieveVectors": True}),
        ("search?retrieveVectors=true&attributesToRetrieve=id", None),
    ):
        shown = _shown(things, f"/indexes/things/{path}", body)
        assert [document["_vectors"] for document in shown] == [_OWN, {}], path
    assert things.call("GET", "/indexes/things/documents/2?retrieveVectors=true")[1] == {
        "id": 2, "_vectors": {},
    }  # fmt: skip
    one = "/indexes/things/documents/1?fields=id&retrieveVectors=true"
    assert things.call("GET", one)[1] == {"id": 1, "_vectors": {}}


def test_federated_hits_show_them_by_query(things: Server):
    query = {"indexUid": "things", "retrieveVectors": True}
    for asked, shown in ((query, [_OWN, {}]), ({"indexUid": "things"}, [None, None])):
        body = {"queries": [asked], "federation": {}}
        _, answer = things.call("POST", "/multi-search", body)
        assert [hit.get("_vectors") for hit in answer["hits"]] == shown


def test_they_must_be_displayed_to_be_shown_in_searches(things: Server):
    things.task("PUT", "/indexes/things/settings/displayed-attributes", ["id"])
    assert _shown(things, "/indexes/things/search", {"retrieveVectors": True})[0] == {"id": 1}


def test_documents_that_are_edited_keep_them(things: Server):
    things.call("PATCH", "/experimental-features", {"editDocumentsByFunction": True})
    things.task("POST", "/indexes/things/documents/edit", {"function": "doc.n = 1"})
    things.call("PATCH", "/experimental-features", {"editDocumentsByFunction": False})
    _, page = things.call("GET", "/indexes/things/documents?retrieveVectors=true")
    assert page["results"] == [
        {"id": 1, "n": 1, "_vectors": _OWN}, {"id": 2, "n": 1, "_vectors": {}},
    ]  # fmt: skip
    _, stats = things.call("GET", "/indexes/things/stats")
    assert stats["numberOfDocuments"] == 2
