"""Errors over HTTP, from a server whose search server and database are away."""

import gzip
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from sanic.exceptions import BadRequest, NotFound, ServerError, ServiceUnavailable

from config.settings import Settings
from engine.client import EngineError
from service.http.problems import MALFORMED, problem_of
from stack.sockets import free_port


@pytest.fixture(scope="module")
def alone(serve) -> Iterator[httpx.Client]:
    away = f"127.0.0.1:{free_port()}"
    settings = Settings(meili_url=f"http://{away}", database_url=f"postgresql://x@{away}/x")
    with serve(settings) as client:
        yield client


def problem(response: httpx.Response) -> dict:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    return body


def test_an_unknown_address(alone: httpx.Client):
    assert problem(alone.get("/api/v1/cars")) == {
        "type": "urn:showroom:problem:not-found",
        "title": "There is nothing here",
        "status": 404,
        "detail": "There is nothing at /api/v1/cars; /docs lists what there is.",
    }


def test_a_method_that_does_not_exist(alone: httpx.Client):
    response = alone.post("/api/v1/listings")
    told = problem(response)
    assert (told["status"], told["detail"]) == (405, "This address answers GET, HEAD only.")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_an_unknown_parameter(alone: httpx.Client):
    assert problem(alone.get("/api/v1/listings?maek=Kia")) == {
        "type": "urn:showroom:problem:unknown-parameter",
        "title": "The parameter does not exist",
        "status": 400,
        "detail": "There is no parameter 'maek' here. Did you mean make?",
        "parameter": "maek",
        "nearest": "make",
    }


@pytest.mark.parametrize("path", ["/api/v1/listings/KEY", "/api/v1/listings/KEY/history"])
def test_a_detail_takes_no_parameter(alone: httpx.Client, path: str):
    assert problem(alone.get(path, params={"zip": "60601"}))["parameter"] == "zip"


def test_a_url_that_is_too_long(alone: httpx.Client):
    response = alone.get("/api/v1/listings", params={"q": "x" * 8000})
    assert problem(response)["type"] == "urn:showroom:problem:too-long"
    assert response.status_code == 414


TOO_LONG = "A request may have 32,768 bytes of headers and a body of 65,536 bytes; send less."


def test_headers_and_bodies_that_are_too_long_are_told_the_limit(alone: httpx.Client):
    for response in (
        alone.get("/health", headers={"X-Long": "x" * 40_000}),
        alone.post("/api/v1/events", content=b"x" * 70_000),
    ):
        told = problem(response)
        assert (told["status"], told["type"]) == (413, "urn:showroom:problem:too-long")
        assert told["detail"] == TOO_LONG


def test_an_expectation_that_cannot_be_met(alone: httpx.Client):
    response = alone.post("/api/v1/events", content=b"{}", headers={"Expect": "a-miracle"})
    told = problem(response)
    assert (told["status"], told["type"]) == (417, "urn:showroom:problem:unmet-expectation")
    assert "`Expect`" in told["detail"]


BODIES = ("/api/v1/events", "/multi-search", "/indexes/cars/facet-search", "/api/v1/admin/jobs")


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "GZIP"])
@pytest.mark.parametrize("path", BODIES)
def test_a_coded_body_is_told_that_none_is_read(alone: httpx.Client, path: str, coding: str):
    answer = alone.post(path, content=gzip.compress(b"{}"), headers={"Content-Encoding": coding})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    told = answer.json()
    assert "`Content-Encoding`" in told.get("detail", told.get("message"))
    if "type" in told and "code" not in told:
        assert problem(answer)["type"] == "urn:showroom:problem:unsupported-coding"


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_a_body_as_it_is_may_say_so(alone: httpx.Client, coding: str):
    answer = alone.post(BODIES[0], content=b"{}", headers={"Content-Encoding": coding})
    assert problem(answer)["type"] == "urn:showroom:problem:bad-request"
    assert alone.get("/health", headers={"Content-Encoding": "gzip"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "framing", "told"),
    [
        ("/api/v1/events", b"Content-Length: 100", b"urn:showroom:problem:too-slow"),
        ("/multi-search", b"Content-Length: 100", b"https://docs.meilisearch.com/errors#"),
        ("/multi-search", b"Transfer-Encoding: chunked", b"https://docs.meilisearch.com/errors#"),
    ],
)
def test_a_body_that_does_not_come_whole(
    serve, monkeypatch, path: str, framing: bytes, told: bytes
):
    monkeypatch.setattr("service.http.bounds.SLOWEST_SECONDS", 0.2)
    with serve(Settings(meili_url="http://127.0.0.1:9")) as client:
        address = (client.base_url.host, client.base_url.port)
        with socket.create_connection(address, timeout=14) as connection:
            head = b"POST %b HTTP/1.1\r\nHost: x\r\n%b\r\n\r\n" % (path.encode(), framing)
            connection.sendall(head + b"1\r\n")
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))  # until it is closed
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert told in body


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/api/v1/listings", "The search server does not answer; try again in a moment."),
        ("/api/v1/listings/KEY", "The search server does not answer; try again in a moment."),
        ("/api/v1/listings/KEY/history", "The database does not answer; try again in a moment."),
        ("/ready", "The search server does not answer."),
    ],
)
def test_what_needs_a_server_that_is_away(alone: httpx.Client, path: str, detail: str):
    response = alone.get(path)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert problem(response)["detail"] == detail


def test_a_search_server_that_hangs_is_not_waited_for(serve, monkeypatch):
    monkeypatch.setattr("service.answering.asking.SEARCH_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with serve(Settings(meili_url=url)) as client:
            started = time.monotonic()
            response = client.get("/api/v1/listings")
    assert time.monotonic() - started < 5
    assert problem(response)["type"] == "urn:showroom:problem:unavailable"


def test_the_process_is_alive_all_the_same(alone: httpx.Client):
    assert (alone.get("/health").status_code, alone.get("/health").json()) == (
        200,
        {"status": "alive"},
    )


def test_anyone_may_read_the_api_but_not_guess_its_content(alone: httpx.Client):
    for path in ("/api/v1/listings", "/api/v1/nothing"):
        headers = alone.get(path).headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in alone.get("/").headers


@pytest.mark.parametrize("path", ["/api/v1/admin/jobs", "/api/v1/analytics/queries"])
def test_what_needs_the_admin_key_is_for_no_other_origin(alone: httpx.Client, path: str):
    assert "access-control-allow-origin" not in alone.get(path).headers
    assert alone.options(path).status_code != 204


def test_a_preflight_is_answered_for_the_api_only(alone: httpx.Client):
    answer = alone.options("/api/v1/listings")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert alone.options("/").status_code == 405


def test_a_database_that_is_not_configured(serve):
    with serve(Settings(meili_url="http://127.0.0.1:9")) as client:
        response = client.get("/api/v1/listings/KEY/history")
    assert response.status_code == 503
    assert problem(response)["detail"] == "The database is not configured; set DATABASE_URL."


def test_a_fault_tells_nothing_of_the_inside(alone: httpx.Client, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("service.routes.collections.multi_search", broken)
    response = alone.get("/api/v1/listings")
    assert problem(response) == {
        "type": "urn:showroom:problem:fault",
        "title": "Something went wrong on this side",
        "status": 500,
        "detail": "The request could not be answered; the log says why.",
    }
    assert "a secret" in caplog.text


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (EngineError(429, "busy", "x"), 503, "The search server is busy; try again in a moment."),
        (
            EngineError(500, "internal", "x"),
            503,
            "The search server is busy; try again in a moment.",
        ),
        (
            EngineError(404, "index_not_found", "x"),
            503,
            "The index is not there yet; try again in a moment.",
        ),
        (
            EngineError(400, "invalid_search_facets", "x"),
            503,
            "The index is being made anew; try again in a moment.",
        ),
        (
            EngineError(400, "invalid_search_filter", "x"),
            500,
            "The request could not be answered; the log says why.",
        ),
        (NotFound(), 404, f"There is nothing at /{'x' * 199}; /docs lists what there is."),
        (ServiceUnavailable(), 503, "The answer took too long; try again in a moment."),
        (ServerError("x"), 500, "The request could not be answered; the log says why."),
        (BadRequest("x"), 400, MALFORMED),
    ],
)
def test_what_is_told_of_other_errors(error: Exception, status: int, detail: str, caplog):
    told = problem_of(error, f"/{'x' * 500}")
    assert (told.status, told.detail) == (status, detail)
    assert ("could not be answered" in caplog.text) == (status == 500)
