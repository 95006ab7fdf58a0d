"""The page of the description in a real Chromium."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.service.browser import CHROMIUM, Browser

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium program on PATH"),
]


@pytest.fixture
def docs(browser: Browser, api: httpx.Client) -> Iterator[Browser]:
    """The page with all routes shown; no fault may be left in the console."""
    browser.faults.clear()
    browser.open(f"{api.base_url}/docs", ".route")
    yield browser
    assert browser.faults == []


def texts(docs: Browser, form: str) -> list[str]:
    found = f"[...document.querySelectorAll('#{form} .answer pre')].map((one) => one.textContent)"
    docs.until(f"{found}.length > 1")
    return docs.run(found)


def sent(docs: Browser, operation: str, **values: Any) -> list[str]:
    """Fill the form of a route and send it: what is shown then."""
    form = f"try-{operation}"
    for name, value in values.items():
        field = f"document.getElementById({json.dumps(form)}).elements.namedItem('{name}')"
        docs.run(f"{field}.value = {json.dumps(value)}")
    docs.run(f"document.getElementById({json.dumps(form)}).requestSubmit()")
    return texts(docs, form.replace(".", "\\\\."))


def test_every_route_is_shown(docs: Browser, api: httpx.Client):
    described = api.get("/openapi.json").json()
    routes = {
        f"{method.upper()} {path}"
        for path, methods in described["paths"].items()
        for method in methods
        if method != "head"  # the page says once that it is answered wherever GET is
    }
    shown = docs.run(
        "[...document.querySelectorAll('.route > summary')].map((one) =>"
        " ['.method', 'code'].map((part) => one.querySelector(part).textContent).join(' '))"
    )
    assert sorted(shown) == sorted(routes)


def test_a_search_can_be_tried(docs: Browser, api: httpx.Client):
    asked, status, body = sent(docs, "cars.search", make="Toyota,Ford", per_page="1")
    assert asked == "GET /api/v1/listings?make=Toyota%2CFord&per_page=1"
    assert status.startswith("200, ")
    total = api.get("/api/v1/listings?make=Toyota,Ford").json()["meta"]["total"]
    assert json.loads(body)["meta"]["total"] == total


def test_an_error_is_shown_as_it_is(docs: Browser):
    asked, status, body = sent(docs, "cars.one", key="no such/car")
    assert (asked, status[:3]) == ("GET /api/v1/listings/no%20such%2Fcar", "404")
    assert json.loads(body)["type"] == "urn:showroom:problem:not-found"
    docs.faults = [fault for fault in docs.faults if "404" not in fault]


def test_a_body_can_be_tried(docs: Browser):
    query = {"queries": [{"indexUid": "cars", "q": "sporty", "limit": 1}]}
    _, status, body = sent(docs, "instantsearch.multi_search", body=json.dumps(query))
    assert status.startswith("200, ")
    assert len(json.loads(body)["results"][0]["hits"]) == 1


def test_routes_are_found_by_their_parameters(docs: Browser):
    docs.run("document.getElementById('find').focus()")
    docs.call("Input.insertText", text="price_min")
    shown = "[...document.querySelectorAll('.route:not([hidden])')].map((one) => one.id)"
    docs.until(f"{shown}.includes('cars.search') && !{shown}.includes('readiness.health')")


@pytest.mark.parametrize("width", [380, 1280])
def test_nothing_is_wider_than_the_screen(docs: Browser, width: int):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    docs.call("Emulation.setDeviceMetricsOverride", **size)
    docs.run("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert docs.run("document.documentElement.scrollWidth") <= width
    docs.call("Emulation.clearDeviceMetricsOverride")
