"""URLs that no one could have meant, as bytes on a connection."""

import logging
import socket

import httpx
import pytest


def answer(client: httpx.Client, line: bytes) -> bytes:
    """The answer to a request with this first line; the connection is closed after it."""
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(line + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("path", [b"/api/v1/list\x1b[31mings", b"/\xff\xfe", b"/a\x01b"])
def test_bytes_that_no_url_has_are_a_bad_request_and_leave_no_traceback(
    api: httpx.Client, caplog: pytest.LogCaptureFixture, path: bytes
) -> None:
    with caplog.at_level(logging.DEBUG):
        told = answer(api, b"GET " + path + b" HTTP/1.1")
    assert told.split(b" ")[1] == b"400"
    assert b"application/problem+json" in told
    assert "Traceback" not in caplog.text
    assert api.get("/health").status_code == 200
