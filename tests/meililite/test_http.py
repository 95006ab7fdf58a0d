"""HTTP itself: codings, pipelines, old versions, slow and broken clients."""

import asyncio
import gzip
import http.client
import json
import socket
import zlib
from functools import partial
from types import SimpleNamespace

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from meililite.errors import ApiError
from meililite.front import http as front_http
from meililite.front.compression import chosen
from meililite.front.connection import Connection
from tests.meililite.meililite_server import KEY, Server

_HEADERS = f"Host: x\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"


@pytest.fixture
def things(server: Server):
    server.task("POST", "/indexes/things/documents", [{"id": n, "t": "x" * 90} for n in range(40)])
    yield server
    assert server.call("GET", "/health") == (200, {"status": "available"})


_CLOSE = "Connection: close\r\n"
_CHUNKED = f"POST /indexes/things/search HTTP/1.1\r\n{_HEADERS}Transfer-Encoding: chunked\r\n\r\n"
_LAST = f"GET /health HTTP/1.1\r\nHost: x\r\n{_CLOSE}\r\n".encode()


def _raw(server: Server, *pieces: bytes) -> bytes:
    """What the server says to these bytes until it closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        for piece in pieces:
            connection.sendall(piece)
        said = b""
        while piece := connection.recv(65536):
            said += piece
        return said


def _search(body: bytes = b"{}", headers: str = "", version: str = "1.1") -> bytes:
    head = f"POST /indexes/things/search HTTP/{version}\r\n{_HEADERS}{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _answer(server: Server, accepted: str, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Authorization": f"Bearer {KEY}", "Accept-Encoding": accepted}
    connection.request("GET", path, None, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


_UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}


@pytest.mark.parametrize("limit", [40, 40_000])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_large_answers_are_compressed_when_asked(things: Server, coding: str, limit: int):
    if limit > 40:  # beyond what is compressed without leaving the loop
        more = [{"id": n, "t": "y" * 90} for n in range(1000)]
        things.task("POST", "/indexes/things/documents", more)
    path = f"/indexes/things/documents?limit={limit}"
    plain, whole = _answer(things, "identity", path)
    packed, body = _answer(things, f"br, {coding}", path)
    assert plain.headers["Content-Encoding"] is None
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == (
        coding,
        "accept-encoding",
    )
    assert _UNPACK[coding](body) == whole
    assert len(body) < len(whole) / 4


def test_small_answers_stay_as_they_are(things: Server):
    answer, body = _answer(things, "gzip", "/health")
    assert (answer.headers["Content-Encoding"], body) == (None, b'{"status":"available"}')


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "gzip"), ("deflate, gzip", "deflate"), ("*", "gzip"), ("", None),
        ("gzip;q=0", None), ("gzip;q=0.5, identity", None),
        ("gzip;q=0.2, deflate;q=0.9", "deflate"),
        ("br", None), ("GZIP", "gzip"), ("gzip;q=x", None), ("identity;q=0.5, *;q=0.1", None),
    ],
)  # fmt: skip
def test_the_client_chooses_the_coding(accepted: str, coding: str | None):
    assert chosen(accepted) == coding


@given(st.text(alphabet="gzipdeflate*;=q0.19, é", max_size=30))
def test_any_accept_encoding_is_understood_or_passed_over(accepted: str):
    assert chosen(accepted) in ("gzip", "deflate", None)


def test_requests_in_one_piece_are_answered_in_order(things: Server):
    queries = [b'{"limit":%d}' % n for n in range(1, 21)]
    said = _raw(things, b"".join(_search(query) for query in queries), _LAST)
    limits = [int(part[: part.index(b",")]) for part in said.split(b'"limit":')[1:]]
    assert limits == list(range(1, 21))


def test_requests_in_single_bytes_are_answered(things: Server):
    said = _raw(things, *(bytes([byte]) for byte in _search(headers=_CLOSE)))
    assert said.startswith(b"HTTP/1.1 200")


def test_http_1_0_is_answered_and_closed(things: Server):
    said = _raw(things, _search(version="1.0"))
    assert said.startswith(b"HTTP/1.0 200")
    assert b"chunked" not in said


def test_a_client_that_waits_is_told_to_send_its_body(things: Server):
    head, _, body = _search(headers="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", things.port), timeout=20) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_client_that_waits_in_vain_is_told_why(things: Server):
    request = _search(headers="Expect: 100-continue\r\n").replace(KEY.encode(), b"no")
    with socket.create_connection(("127.0.0.1", things.port), timeout=20) as connection:
        connection.sendall(request.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 403")


def test_bodies_in_chunks_are_taken(things: Server):
    said = _raw(
        things,
        _CHUNKED.encode(),
        b"1\r\n{\r\n",
        b'9\r\n"limit":1\r\n',
        b"1\r\n}\r\n0\r\n\r\n",
        _LAST,
    )
    assert said.startswith(b"HTTP/1.1 200")
    assert b'"limit":1,' in said


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: -1", "Content-Length: 2x", "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 99999999999999999999999",
        "Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Transfer-Encoding: gzip", "X: \0", "no colon", "X" * 9000 + ": 1",
    ],
)  # fmt: skip
def test_broken_heads_are_refused(things: Server, lines: str):
    head = f"POST /indexes/things/search HTTP/1.1\r\n{_HEADERS}{lines}\r\n\r\n"
    said = _raw(things, head.encode("latin-1"), b"{}")
    assert said[9:12] == b"400", said[:100]


def test_broken_chunks_are_refused(things: Server):
    said = _raw(things, _CHUNKED.encode() + b"zz\r\n{}\r\n")
    assert said[9:12] == b"400", said[:100]


@pytest.mark.parametrize("bad", [b"zz\r\n", b"2\r\n{}}}}}", b"-1\r\n", b"1;\0\r\n"])
def test_chunks_that_break_later_are_refused_at_once(things: Server, bad: bytes):
    head = _CHUNKED.replace("Host: x", "Host: x\r\nExpect: 100-continue").encode()
    with socket.create_connection(("127.0.0.1", things.port), timeout=20) as connection:
        connection.sendall(head)
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"1\r\n{\r\n")
        connection.sendall(bad)
        said = b"".join(iter(lambda: connection.recv(1000), b""))
    assert said.count(b"HTTP/1.1") == 1
    assert said[9:12] == b"400", said[:100]
    assert b"Connection: close" in said
    assert b"The body is broken" in said


def test_a_body_that_breaks_before_its_turn_is_refused_in_its_turn():
    said = asyncio.run(_broken_while_another_is_answered())
    assert [part[1:4] for part in said.split(b"HTTP/1.1")[1:]] == [b"200", b"400"]


async def _broken_while_another_is_answered() -> bytes:
    at_work, broken = asyncio.Event(), asyncio.Event()

    async def handle(request: web.BaseRequest) -> web.Response:
        at_work.set()
        await broken.wait()
        try:
            return web.Response(body=b"".join([p async for p in front_http._pieces(request)]))
        except ApiError as error:
            return web.Response(status=error.status)

    class Watched(Connection):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if b"zz" in data:
                broken.set()

    loop = asyncio.get_running_loop()
    connect = partial(Watched, web.Server(handle), loop=loop)
    async with await loop.create_server(connect, "127.0.0.1", 0) as listening:
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(_LAST.replace(_CLOSE.encode(), b"") + _CHUNKED.encode())
        await at_work.wait()
        writer.write(b"zz\r\n")
        return await asyncio.wait_for(reader.read(), 20)


@pytest.mark.parametrize("rest", [b"2\r\n{}", b"", b"2"])
def test_a_client_that_goes_away_in_its_body_harms_nobody(things: Server, rest: bytes):
    with socket.create_connection(("127.0.0.1", things.port), timeout=20) as connection:
        connection.sendall(_CHUNKED.encode() + rest)


def test_methods_without_a_route_are_refused(things: Server):
    for method in ("HEAD", "TRACE", "OPTIONS", "CONNECT", "BREW"):
        said = _raw(things, f"{method} /health HTTP/1.1\r\nHost: x\r\n{_CLOSE}\r\n".encode())
        assert said[9:12] in (b"405", b"404", b"400"), said[:100]


def test_the_first_of_two_authorizations_counts(things: Server):
    said = _raw(things, _search(headers=f"Authorization: Bearer no\r\n{_CLOSE}"))
    assert said.startswith(b"HTTP/1.1 200")


def test_idle_and_half_open_connections_do_not_keep_others_out(things: Server):
    waiting = [socket.create_connection(("127.0.0.1", things.port)) for _ in range(300)]
    try:
        for connection in waiting[100:]:
            connection.sendall(b"POST /indexes/things/search HTTP/1.1\r\nHost")
        for connection in waiting[200:]:
            connection.sendall(b": x\r\nContent-Length: 100\r\n\r\n{")
        assert things.call("POST", "/indexes/things/search", {})[0] == 200
    finally:
        for connection in waiting:
            connection.close()


def test_paths_are_taken_as_they_are(things: Server):
    for path, status in (
        ("/indexes/things/documents/%2e%2e%2f1", 404), ("/indexes/things/documents/a%2Fb", 404),
        ("/indexes/%F0%9F/documents/1", 400), ("/indexes/things/documents/%00", 404),
        ("/indexes/things/documents/%ff%fe", 404), ("//indexes//things", 200), ("/%", 404),
        ("/indexes/things?%ff=%fe", 200), ("/indexes/things/documents?limit=%ED%A0%80", 400),
    ):  # fmt: skip
        found, body = things.call("GET", path)
        assert found == status, path
        assert body is None or isinstance(body, dict)


def test_errors_hold_what_was_sent_as_json(things: Server):
    status, error = things.call("POST", "/indexes/things/search", {"q": {"\u0000": 'é"\\'}})
    assert status == 400
    assert (
        json.dumps({"\u0000": 'é"\\'}, ensure_ascii=False, separators=(",", ":"))
        in error["message"]
    )


class _Drip:
    """A body of which one byte comes every hundredth of a second."""

    def __init__(self, size: int) -> None:
        self.left = size

    async def readany(self) -> bytes:
        await asyncio.sleep(0.01)
        self.left -= 1
        return b"x" if self.left >= 0 else b""


async def _taken(size: int) -> bytes:
    request = SimpleNamespace(content=_Drip(size))
    return b"".join([piece async for piece in front_http._pieces(request)])


def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(front_http, "_PATIENCE", 0.2)
    with pytest.raises(ApiError, match="too slowly"):
        asyncio.run(_taken(300))
    monkeypatch.setattr(front_http, "_PATIENCE", 60)
    assert asyncio.run(_taken(30)) == b"x" * 30
