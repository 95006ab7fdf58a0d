"""Headers that come slowly, as bytes on connections; others do not wait for them."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from config.settings import Settings

LIMIT = 0.5  # seconds
HEALTH = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
BOUND = 60  # seconds, for what comes at once


@pytest.fixture
def quick(serve, monkeypatch) -> Iterator[httpx.Client]:
    """The API with a short limit; only the time is another one."""
    monkeypatch.setattr("service.http.bounds.SLOWEST_SECONDS", LIMIT)
    with serve(Settings(meili_url="http://127.0.0.1:9")) as client:
        yield client


def connected(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port), timeout=BOUND)


def response(connection: socket.socket) -> bytes:
    """One whole answer; what has come so far where the connection ends."""
    told = b""
    while b'"}' not in told:
        more = connection.recv(65_536)
        if not more:
            break
        told += more
    return told


def dripped(connection: socket.socket, seconds: float) -> bytes:
    """The answer to headers of which one byte comes after the other for as long as this."""
    connection.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")
    connection.settimeout(LIMIT / 10)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(TimeoutError):
            return response(connection)
        with contextlib.suppress(OSError):  # it is closed already; the answer can be read
            connection.sendall(b"x")
    return b""


def test_headers_that_come_byte_by_byte_end_at_the_limit(quick: httpx.Client):
    began = time.monotonic()
    with connected(quick) as connection:
        head, _, body = dripped(connection, BOUND).partition(b"\r\n\r\n")
    assert time.monotonic() - began >= LIMIT
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    told = json.loads(body)
    assert told["type"] == "urn:showroom:problem:too-slow"
    sentence = "The headers of a request must come within 10 s, and then its body within 10 s"
    assert told["detail"] == f"{sentence}; send it again."


def test_headers_of_which_nothing_more_comes_end_at_the_limit(quick: httpx.Client):
    with connected(quick) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost:")
        assert b"".join(iter(lambda: connection.recv(65_536), b"")).startswith(b"HTTP/1.1 408 ")


def test_a_connection_may_be_idle_and_each_request_has_its_own_time(quick, monkeypatch):
    limit = 2.0  # with enough to spare for a machine that has much to do
    monkeypatch.setattr("service.http.bounds.SLOWEST_SECONDS", limit)
    with connected(quick) as connection:
        connection.sendall(HEALTH[:20])
        time.sleep(0.05)
        connection.sendall(HEALTH[20:])
        assert response(connection).startswith(b"HTTP/1.1 200 ")
        time.sleep(limit * 0.6)
        connection.sendall(HEALTH[:-2])
        time.sleep(limit * 0.6)
        connection.sendall(HEALTH[-2:])
        assert response(connection).startswith(b"HTTP/1.1 200 ")
        time.sleep(limit * 1.2)
        connection.sendall(HEALTH + HEALTH)  # two at once
        answers = b""
        while answers.count(b'{"status":"alive"}') < 2:
            answers += response(connection)
        assert answers.count(b"HTTP/1.1 200 ") == 2


def test_the_time_of_the_headers_is_not_that_of_the_body(quick, monkeypatch):
    limit = 2.0
    monkeypatch.setattr("service.http.bounds.SLOWEST_SECONDS", limit)
    head = b"POST /api/v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
    with connected(quick) as connection:
        connection.sendall(head[:-2])
        time.sleep(limit * 0.6)
        connection.sendall(head[-2:])
        time.sleep(limit * 0.6)
        connection.sendall(b"true")
        assert response(connection).startswith(b"HTTP/1.1 400 ")


def test_many_slow_connections_stop_nobody(quick: httpx.Client):
    """They are refused, each after its own time, while others are answered."""
    with contextlib.ExitStack() as opened:
        slow = [opened.enter_context(connected(quick)) for _ in range(200)]
        for connection in slow:
            connection.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")
        assert quick.get("/health").status_code == 200
        told = [connection.recv(20) for connection in slow]
        assert set(told) == {b"HTTP/1.1 408 Request"}
        assert quick.get("/health").status_code == 200


def test_a_connection_that_goes_away_within_its_headers_leaves_nothing(quick: httpx.Client, caplog):
    with connected(quick) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")
    time.sleep(2 * LIMIT)
    assert quick.get("/health").status_code == 200
    assert caplog.text == ""
