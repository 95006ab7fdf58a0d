"""URLs that no one could have meant, as bytes on a connection."""

import logging
import socket

import httpx
import pytest

from service.http.urls import normal


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


@pytest.mark.parametrize(
    "path", ["/api/v1/listings?make=Citroën", "/?q=red suv", "api/v1/listings"]
)
def test_who_writes_a_url_as_it_is_spoken_is_told_how_to(api: httpx.Client, path: str) -> None:
    told = answer(api, f"GET {path} HTTP/1.1".encode())
    assert told.split(b" ")[1] == b"400"
    assert "é is %C3%A9" in told.decode()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_an_asterisk_is_no_page(api: httpx.Client, method: str) -> None:
    assert answer(api, f"{method} * HTTP/1.1".encode()).split(b" ")[1] == b"400"


@pytest.mark.parametrize("target", ["http://a", "HTTPS://a:1", "http://a?make=Ford", "http://a/"])
def test_a_url_with_a_host_and_no_path_is_the_page(api: httpx.Client, target: str) -> None:
    told = answer(api, f"GET {target} HTTP/1.1".encode())
    assert told.split(b" ")[1] == b"200"
    assert b"<!doctype html>" in told


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"http://a", b"http://a/"),
        (b"http://a?q=%41", b"http://a/?q=%41"),
        (b"http://a/%41?q=%41", b"http://a/A?q=%41"),
        (b"/api/v1/%6Cistings/%4bEY%30?q=%41", b"/api/v1/listings/KEY0?q=%41"),
        (b"/%2D%2e%5F%7e%5A%7A%40%5B%60%7B%2F%3A%20", b"/-._~Zz%40%5B%60%7B%2F%3A%20"),
        (b"/%zz%4", b"/%zz%4"),
        (b"/%2541", b"/%2541"),
    ],
)
def test_what_need_not_be_written_with_a_percent_sign_means_the_same(written: bytes, meant: bytes):
    assert normal(written) == meant


def test_a_listing_is_found_however_its_key_is_written(api: httpx.Client) -> None:
    for address in (b"/api/v1/listings/KEY00001", b"/api/v1/listings/%4bEY0000%31"):
        assert answer(api, b"GET " + address + b" HTTP/1.1").split(b" ")[1] == b"200"
