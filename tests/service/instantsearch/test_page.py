"""The example page, written with InstantSearch.js and instant-meilisearch, in a real Chromium."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from config.settings import ROOT, Settings
from tests.service.browser import CHROMIUM, Browser
from tests.service.instantsearch.packages import NoPackagesError, unpack

EXAMPLE = ROOT / "docs" / "examples" / "instantsearch.html"
KEY = "key-of-pages"
ADMIN_KEY = "key-of-reports"
Wanted = Callable[[dict[str, Any]], bool]

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium program on PATH"),
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm on PATH"),
]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing is written of each request."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, on a server of its own: another origin than the API's."""
    folder: Path = tmp_path_factory.mktemp("shop")
    try:
        unpack(folder)
    except NoPackagesError as error:
        pytest.skip(f"npm could not get the packages: {error}")
    shutil.copy(EXAMPLE, folder / "index.html")
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()
        thread.join(10)


@pytest.fixture(scope="module")
def keyed(serve, filled: tuple[str, str], postgres_url: str) -> Iterator[httpx.Client]:
    """The API with a search key, which notes what is searched."""
    url, key = filled
    settings = Settings(
        meili_url=url,
        meili_master_key=key,
        search_key=KEY,
        database_url=postgres_url,
        admin_key=ADMIN_KEY,
    )
    with serve(settings) as client:
        yield client


@pytest.fixture
def page(browser: Browser, shop: str, keyed: httpx.Client, documents) -> Iterator[Browser]:
    """The page freshly opened, with all cars found; no fault may be left in the console."""
    browser.faults.clear()
    address = urlencode({"api": str(keyed.base_url).rstrip("/"), "key": KEY})
    browser.open(f"{shop}?{address}", ".ais-InfiniteHits-item")
    browser.until(cars(documents))
    yield browser
    assert browser.faults == []


def cars(documents: list[dict[str, Any]], wanted: Wanted = lambda _: True) -> str:
    """That so many cars are found as are wanted."""
    count = sum(map(wanted, documents))
    assert count
    return f"document.querySelector('#stats').textContent.trim() === '{count} cars'"


def tick(page: Browser, widget: str, value: str) -> None:
    box = json.dumps(f"#{widget} input[value={json.dumps(value)}]")
    page.until(f"document.querySelector({box}) !== null")
    page.run(f"document.querySelector({box}).click()")


def write(page: Browser, selector: str, text: str) -> None:
    page.run(f"document.querySelector({json.dumps(selector)}).focus()")
    page.call("Input.insertText", text=text)


SHOWN = "[...document.querySelectorAll('#hits article')]"
PRICES = f"{SHOWN}.map((one) => one.dataset.price)"


def test_words_are_searched_and_highlighted(page: Browser, documents):
    write(page, "#words input", "sporty")
    page.until(cars(documents, lambda one: "sporty" in one["title"]))
    marked = "document.querySelector('#hits mark')?.textContent"
    page.until(f"{marked} === 'sporty'")


def test_values_of_a_list_widen_and_lists_narrow(page: Browser, documents):
    tick(page, "make", "Toyota")
    page.until(cars(documents, lambda one: one["make"] == "Toyota"))
    page.until("document.querySelector('#make input[value=Ford]') !== null")
    tick(page, "make", "Ford")
    page.until(cars(documents, lambda one: one["make"] in ("Toyota", "Ford")))
    tick(page, "body_type", "SUV")
    page.until(
        cars(documents, lambda one: one["make"] in ("Toyota", "Ford") and one["body_type"] == "SUV")
    )


def test_values_of_a_list_are_searched(page: Browser):
    write(page, "#make input[type=search]", "cit")
    values = "[...document.querySelectorAll('#make input[type=checkbox]')].map((one) => one.value)"
    page.until(f"JSON.stringify({values}) === '[\"Citroën\"]'")


def test_a_range_is_written(page: Browser, documents):
    write(page, "#price .ais-RangeInput-input--min", "10000")
    write(page, "#price .ais-RangeInput-input--max", "20000")
    page.run("document.querySelector('#price form').requestSubmit()")
    page.until(cars(documents, lambda one: 10_000 <= (one["price"] or 0) <= 20_000))


def test_a_range_is_moved(page: Browser, documents):
    first = min(one["year"] for one in documents)
    handle = "document.querySelector('#year .rheostat-handle-lower')"
    now = f"Number({handle}?.getAttribute('aria-valuenow'))"
    page.until(f"{now} === {first}")
    page.run(f"{handle}.focus()")
    page.press("PageUp", 33)
    page.until(f"{now} > {first}")
    least = page.run(now)
    page.until(cars(documents, lambda one: one["year"] >= least))


def test_the_order_is_chosen(page: Browser, documents):
    for order, wanted in (("asc", min), ("desc", max)):
        best = wanted(one["price"] for one in documents if one["price"] is not None)
        page.run(
            "{ const order = document.querySelector('#sort select');"
            f" order.value = 'cars:price:{order}';"
            " order.dispatchEvent(new Event('change', {bubbles: true})) }"
        )
        page.until(f"{PRICES}[0] === '{best}'")
    assert page.run(f"{PRICES}.every((one, n, all) => n === 0 || Number(all[n - 1]) >= one)")


def test_a_place_narrows(page: Browser, documents):
    page.run("document.getElementById('near').click()")
    page.until(
        cars(documents, lambda one: one["city"] in ("Chicago", "Evanston") and bool(one["_geo"]))
    )
    page.run("document.getElementById('near').click()")
    page.until(cars(documents))


def test_more_hits_are_loaded(page: Browser):
    ids = f"{SHOWN}.map((one) => one.dataset.id)"
    first = page.run(ids)
    assert len(first) == 20
    page.run("document.querySelector('.ais-InfiniteHits-loadMore').click()")
    page.until(f"{SHOWN}.length === 40")
    both = page.run(ids)
    assert both[:20] == first
    assert len(set(both)) == 40


def rows(keyed: httpx.Client, report: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    answer = keyed.get(f"/api/v1/analytics/{report}", headers=headers)
    return answer.json()["data"]


def told(keyed: httpx.Client, key: str) -> dict[str, Any]:
    """What is told of the clicks on a listing, when there are any."""
    end = time.monotonic() + 60
    while not (clicked := [one for one in rows(keyed, "clicks") if one["key"] == key]):
        assert time.monotonic() < end, "no click was told of"
        time.sleep(0.1)
    return clicked[0]


def open_hit(page: Browser, place: int) -> str:
    """Click on the hit at this place, from 0; its key."""
    hit = f"document.querySelectorAll('#hits article')[{place}]"
    return page.run(f"(() => {{ const hit = {hit}; hit.click(); return hit.dataset.id }})()")


def search(page: Browser, documents: list[dict[str, Any]], word: str) -> None:
    page.run("document.querySelector('#words input').select()")
    write(page, "#words input", word)
    page.until(cars(documents, lambda one: word in one["title"]))
    page.until(f"document.querySelector('#hits mark')?.textContent === '{word}'")


def test_what_is_searched_and_opened_is_told(page: Browser, keyed: httpx.Client, documents):
    search(page, documents, "sporty")
    clicked = told(keyed, open_hit(page, 2))
    assert (clicked["clicks"], clicked["position"]) == (1, 3.0)
    assert [one["clicks"] for one in rows(keyed, "queries") if one["q"] == "sporty"] == [1]


def test_what_is_opened_of_an_earlier_search_counts_for_that(
    page: Browser, keyed: httpx.Client, documents
):
    for word in ("family", "bargain", "family"):
        search(page, documents, word)
    told(keyed, open_hit(page, 0))
    clicks = {one["q"]: one["clicks"] for one in rows(keyed, "queries")}
    assert (clicks["family"], clicks["bargain"]) == (1, 0)
