"""Whatever is sent gets an answer in Meilisearch's words, and the server lives."""

import gzip
import http.client
import json
import sys
from pathlib import Path

import pytest

from tests.meililite.meililite_server import Server


@pytest.fixture
def things(server: Server):
    server.task("PUT", "/indexes/things/settings/filterable-attributes", ["id"])
    server.task("POST", "/indexes/things/documents", [{"id": 1}])
    yield server
    assert server.call("GET", "/health") == (200, {"status": "available"})


def _search(server: Server, body: object) -> tuple[int, str]:
    status, answer = server.call("POST", "/indexes/things/search", body)
    return status, answer.get("code", "")


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"\xff\xfe", b'{"q": "\\ud800"}', b'{"q": 1e999}', b'{"q": "a', b"nul", b"{,}",
        b'{"q": "\x00"}', b"[" * 300, b'{"filter":' + b"[" * 127 + b"]" * 127 + b"}",
    ],
)  # fmt: skip
def test_broken_json(things: Server, body: bytes):
    assert _search(things, body) == (400, "malformed_payload")


def test_odd_but_valid_json(things: Server):
    for q in ("\u0000", "\U0001f697" * 100, "é" * 5000, "\u202e", "a" * 100_000, "   "):
        assert _search(things, {"q": q})[0] == 200


def test_filters_that_are_too_much(things: Server):
    deep = "(" * 3000 + "id = 1" + ")" * 3000
    assert _search(things, {"filter": deep}) == (400, "invalid_search_filter")
    many = " OR ".join(f"id = {n}" for n in range(1000))
    assert _search(things, {"filter": many})[0] == 200
    assert _search(things, {"filter": [[f"id = {n}" for n in range(1000)]]})[0] == 200


@pytest.mark.parametrize("path", ["/tasks/{}", "/batches/{}", "/tasks?limit={}", "/tasks?uids={}"])
def test_numbers_of_thousands_of_digits(things: Server, path: str):
    status, error = things.call("GET", path.format("9" * 5000))
    assert (status, error["type"]) == (400, "invalid_request")
    assert _search(things, {"q": "x", "attributesToCrop": ["t:" + "9" * 5000]})[0] == 200


def test_words_that_are_very_long(things: Server):
    # Where to split a word is no question for one that is too long to be indexed.
    assert _search(things, {"q": "x" * 3_000_000})[0] == 200


def test_more_queries_than_may_wait(things: Server):
    queries = [{"indexUid": "things", "limit": n} for n in range(1500)]
    status, answer = things.call("POST", "/multi-search", {"queries": queries})
    assert status == 200
    assert [result["limit"] for result in answer["results"]] == list(range(1500))


def test_more_sorts_than_python_calls_can_be_nested(things: Server):
    rules = [f"f{n}:asc" for n in range(1500)]
    things.task("PUT", "/indexes/things/settings/ranking-rules", rules)
    for n in range(3):
        things.task("POST", "/indexes/things/documents", [{"id": n, "f1499": -n}])
    _, answer = things.call("POST", "/indexes/things/search", {"limit": 2})
    assert [hit["id"] for hit in answer["hits"]] == [2, 1]


def test_documents_of_odd_shapes(things: Server):
    deep = {}
    for _ in range(60):
        deep = {"a": [deep]}
    wide = {f"f{n}": n for n in range(1000)}
    odd = {"": 1, ".": 2, "a.b": 3, "*": 4, "\0": "\0", "_geo": None, "_vectors": {}}
    for n, body in enumerate((deep, wide, odd, {"t": "w" * 100_000}, {"t": "a b " * 50_000})):
        task = things.task("POST", "/indexes/things/documents", [{"id": n, **body}])
        assert task["status"] == "succeeded", task["error"]
        path = f"/indexes/things/documents/{n}?retrieveVectors={str('_vectors' in body).lower()}"
        assert things.call("GET", path)[1] == {"id": n, **body}


@pytest.mark.parametrize("key", ["a/b", "", " ", "é", "x" * 512, 1.5, 2**64, True, None, [1], {}])
def test_ids_that_are_none(things: Server, key: object):
    task = things.task("POST", "/indexes/things/documents", [{"id": key}])
    assert (task["status"], task["error"]["code"]) == ("failed", "invalid_document_id")


def test_huge_numbers(things: Server):
    assert _search(things, {"limit": 2**64 - 1})[0] == 200
    assert _search(things, {"offset": 2**64 - 1})[0] == 200
    assert _search(things, {"limit": 2**64}) == (400, "invalid_search_limit")
    status, _ = things.call("GET", f"/tasks?limit={2**64 - 1}&from={2**32 - 1}")
    assert status == 200


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(things: Server):
    connection = http.client.HTTPConnection("127.0.0.1", things.port, timeout=20)
    connection.putrequest("POST", "/indexes/things/documents")
    connection.putheader("Authorization", f"Bearer {things.key}")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(200 * 1024 * 1024))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    error = json.loads(answer.read())
    connection.close()
    assert error["code"] == "payload_too_large"
    assert error["message"].endswith("The maximum accepted payload size is 100 MB.")


@pytest.mark.prove
def test_a_body_of_200_megabytes_in_pieces_is_refused(things: Server):
    def pieces():
        for _ in range(200):
            yield b"[" + b" " * (1024 * 1024)

    connection = http.client.HTTPConnection("127.0.0.1", things.port, timeout=60)
    headers = {"Authorization": f"Bearer {things.key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/indexes/things/documents", pieces(), headers,
                           encode_chunked=True)  # fmt: skip
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server answered and closed while the body was still being sent
    finally:
        connection.close()


def _peak_memory(server: Server) -> int:
    """The most bytes that the front ever held."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_gzip_bomb_does_not_fill_the_memory(things: Server):
    bomb = gzip.compress(b" " * (400 * 1024 * 1024), 1)
    before = _peak_memory(things)
    for path in ("/indexes/things/documents", "/indexes/things/search"):
        status, error = things.call("POST", path, bomb, {"Content-Encoding": "gzip"})
        assert (status, error["code"]) == (413, "payload_too_large")
    assert _peak_memory(things) - before < 130 * 1024 * 1024, "little more than the limit"


def test_compressed_documents_are_taken(things: Server):
    body = gzip.compress(b'[{"id": 2}]')
    task = things.task("POST", "/indexes/things/documents", body, **{"Content-Encoding": "gzip"})
    assert task["details"]["indexedDocuments"] == 1
    status, error = things.call(
        "POST", "/indexes/things/documents", b"[{}]", {"Content-Encoding": "gzip"}
    )
    assert (status, error["code"]) == (400, "bad_request")
    cut = gzip.compress(b'[{"id": 2}]')[:-5]
    status, error = things.call("POST", "/indexes/things/documents", cut,
                                {"Content-Encoding": "gzip"})  # fmt: skip
    assert (status, error["message"]) == (400, "The compressed body ends too early.")


def test_nonsense_on_the_wire(things: Server):
    for nonsense in (b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        connection = http.client.HTTPConnection("127.0.0.1", things.port, timeout=5)
        connection.connect()
        connection.sock.sendall(nonsense)
        assert connection.sock.recv(100).startswith(b"HTTP/1.")
        connection.close()


def test_paths_and_methods_that_do_not_exist(things: Server):
    for method, path, status in (
        ("GET", "/indexes/things/search/more", 404),
        ("PUT", "/indexes/things/search", 405),
        ("GET", "/..%2f..%2fetc/passwd", 404),
        ("DELETE", "/health", 405),
    ):
        assert things.call(method, path)[0] == status


def test_features_that_are_not_built_say_so(things: Server):
    for method, path in (
        ("GET", "/network"), ("GET", "/chats"), ("GET", "/metrics"), ("POST", "/export"),
        ("POST", "/dumps"), ("POST", "/snapshots"), ("POST", "/indexes/things/documents/edit"),
        ("POST", "/chats/x/chat/completions"), ("POST", "/dynamic-search-rules"),
    ):  # fmt: skip
        status, error = things.call(method, path, {} if method == "POST" else None)
        assert (status, error["code"]) == (400, "feature_not_enabled"), path
