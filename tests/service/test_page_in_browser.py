"""The page in a real Chromium, driven over its DevTools protocol."""

import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-port=0", "--window-size=1280,900",
)  # fmt: skip

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium program on PATH"),
]


class Browser:
    """One tab; `faults` are what its console complained of."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.faults: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=20))
            if message.get("method") == "Log.entryAdded":
                self.faults.append(message["params"]["entry"]["text"])
            if message.get("method") == "Runtime.exceptionThrown":
                self.faults.append(str(message["params"]["exceptionDetails"]))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, url: str) -> None:
        """Go there, and wait until the page has been read to its end."""
        self.call("Page.navigate", url=url)
        self.until(
            "document.readyState === 'complete' && document.querySelector('#total') !== null"
        )

    def until(self, script: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < end, f"{script} is still false: {self.run(SEEN)}"
            time.sleep(0.05)

    def press(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.run("location.href")).query)


SEEN = "document.querySelector('main').innerText.slice(0, 500)"
SHOWN = "document.querySelectorAll('.card').length"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder: Path = tmp_path_factory.mktemp("chromium")
    process = subprocess.Popen(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        announced = folder / "DevToolsActivePort"
        end = time.monotonic() + 20
        while not (announced.exists() and announced.read_text().count("\n")):
            assert time.monotonic() < end
            time.sleep(0.05)
        port = announced.read_text().split("\n")[0]
        tabs = httpx.get(f"http://127.0.0.1:{port}/json/list").json()
        address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        with connect(address, max_size=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def page(browser: Browser, api: httpx.Client, documents) -> Iterator[Browser]:
    """The page freshly opened, with all documents found; no fault may be left in the console."""
    browser.faults.clear()
    browser.open(f"{api.base_url}/")
    browser.until(f"document.querySelector('#total')?.textContent === '{len(documents)} cars'")
    yield browser
    assert browser.faults == []


def tick(page: Browser, facet: str, value: str) -> None:
    page.run(f"document.getElementById({json.dumps(f'{facet}:{value}')}).click()")


def write(page: Browser, name: str, value: str) -> None:
    page.run(
        f"{{ const field = document.getElementById('{name}'); field.value = '{value}';"
        " field.dispatchEvent(new Event('change', {bubbles: true})) }"
    )


def counted(documents: list[dict[str, Any]], **wanted: Any) -> str:
    found = [one for one in documents if all(one[name] == value for name, value in wanted.items())]
    return f"document.querySelector('#total').textContent === '{len(found)} cars'"


def test_ticking_and_going_back(page: Browser, documents):
    tick(page, "make", "Citroën")
    page.until(counted(documents, make="Citroën"))
    tick(page, "condition", "New")
    page.until(counted(documents, make="Citroën", condition="New"))
    assert page.query() == {"make": ["Citroën"], "condition": ["New"]}
    assert page.run("document.getElementById('make:Toyota') !== null")
    page.run("history.back()")
    page.until(counted(documents, make="Citroën"))
    assert page.run("document.getElementById('condition:New').checked") is False
    assert page.run("document.getElementById('make:Citroën').checked") is True
    page.run("history.back()")
    page.until(counted(documents))


def test_the_address_alone_brings_everything_back(page: Browser, api: httpx.Client):
    query = "zip=60601&radius=25&price_max=30000&sort=distance&make=Toyota%2CHonda"
    page.open(f"{api.base_url}/?{query}")
    total = api.get(f"/api/v1/listings?{query}").json()["meta"]["total"]
    page.until(f"document.querySelector('#total').textContent === '{total} cars'")
    assert page.run("document.getElementById('zip').value") == "60601"
    assert page.run("document.getElementById('radius').value") == "25"
    assert page.run("document.getElementById('price_max').value") == "30000"
    assert page.run("document.getElementById('sort').value") == "distance"
    assert page.run("document.querySelectorAll('#make input:checked').length") == 2
    assert page.run("document.querySelector('.card .seller').textContent").endswith("mi\xa0away")


def test_words_are_searched_while_they_are_typed(page: Browser, documents):
    found = sum("sporty" in one["title"] for one in documents)
    page.run("document.getElementById('q').focus()")
    page.call("Input.insertText", text="sporty")
    page.until(f"document.querySelector('#total').textContent === '{found} cars'")
    assert page.query() == {"q": ["sporty"]}
    assert page.run("document.activeElement.id") == "q"


def test_a_place_needs_only_its_zip_code(page: Browser):
    write(page, "zip", "60601")
    page.until("document.querySelector('#zip-note').textContent === 'Chicago, IL'")
    assert page.query() == {"zip": ["60601"], "radius": ["50"]}
    write(page, "zip", "00000")
    page.until("document.querySelector('#message').textContent.includes('that exists')")
    assert page.run("document.getElementById('zip').getAttribute('aria-invalid')") == "true"
    assert (
        page.run("document.querySelector('#chips button').textContent") == "Within 50 mi of 00000"
    )
    page.faults = [fault for fault in page.faults if "400" not in fault]


CHIPS = (
    "[...document.querySelectorAll('#chips li button:first-child')].map((one) => one.textContent)"
)


def test_words_become_chips_that_can_be_taken_off(page: Browser, api: httpx.Client):
    write(page, "q", "white suv under 40k near 60601 sporty")
    page.until(f"{CHIPS}.length === 6")
    assert page.run(CHIPS) == [
        "White", "SUV", "Up to $40,000", "Within 50 mi of Chicago, IL", "“sporty”", "Clear all",
    ]  # fmt: skip
    assert page.run("document.getElementById('price_max').value") == "40000"
    assert page.run("document.getElementById('zip').value") == "60601"
    assert page.run("document.getElementById('body_type:SUV').checked") is True
    page.run("document.querySelectorAll('#chips button')[4].click()")  # the price's first button
    page.until(f"{CHIPS}.length === 5")
    assert page.query() == {"q": ["white suv near 60601 sporty"]}
    assert page.run("document.getElementById('q').value") == "white suv near 60601 sporty"
    assert page.run("document.getElementById('price_max').value") == ""
    page.run("document.querySelector('#chips .words').click()")
    page.until(f"{CHIPS}[0] === '““white””' || {CHIPS}[0] === '“\"white\"”'")
    assert page.query() == {"q": ['"white" suv near 60601 sporty']}


def test_using_the_form_takes_over_what_words_said(page: Browser, documents):
    write(page, "q", "toyota under 40k white")
    page.until("document.getElementById('make:Toyota')?.checked === true")
    tick(page, "make", "Ford")
    page.until("document.getElementById('make:Ford')?.checked === true")
    assert page.query() == {"q": ["white"], "make": ["Ford", "Toyota"], "price_max": ["40000"]}
    tick(page, "make", "Toyota")
    page.until("document.getElementById('make:Toyota')?.checked === false")
    assert page.query() == {"q": ["white"], "make": ["Ford"], "price_max": ["40000"]}
    found = [
        one
        for one in documents
        if one["make"] == "Ford" and one["color"] == "White" and (one["price"] or 50_000) <= 40_000
    ]
    page.until(f"document.querySelector('#total').textContent.startsWith('{len(found)} car')")


def test_words_that_need_a_place_say_so(page: Browser):
    write(page, "q", "closest toyota")
    page.until(f"{CHIPS}[0] === '“closest” (needs a ZIP code)'")
    write(page, "zip", "60601")
    page.until(f"{CHIPS}[0] === 'Sorted: closest'")
    assert page.run("document.getElementById('sort').value") == "distance"


def test_nothing_found_offers_to_drop_a_filter(page: Browser, documents):
    tick(page, "make", "Ford")
    page.until(counted(documents, make="Ford"))
    write(page, "price_max", "1")
    page.until("document.querySelector('#total').textContent === '0 cars'")
    buttons = "[...document.querySelectorAll('#message button')]"
    assert page.run(f"{buttons}.map((one) => one.textContent)") == [
        "Drop: Up to $1", "Drop: Ford", "Clear all",
    ]  # fmt: skip
    page.run(f"{buttons}[0].click()")
    page.until(counted(documents, make="Ford"))
    assert page.query() == {"make": ["Ford"]}


def test_pages_are_links(page: Browser, api: httpx.Client):
    assert page.run(SHOWN) == 20
    first = page.run("document.querySelector('.card h2').textContent")
    page.run("document.getElementById('next').click()")
    page.until("document.querySelector('#position').textContent === 'Page 2 of 20'")
    assert page.query() == {"page": ["2"]}
    assert page.run("document.querySelector('.card h2').textContent") != first
    assert page.run("document.activeElement.id") == "results"
    page.run("document.getElementById('previous').click()")
    page.until("document.querySelector('#position').textContent === 'Page 1 of 20'")
    assert page.query() == {}


def test_a_box_can_be_ticked_with_the_keyboard_and_keeps_the_focus(page: Browser, documents):
    page.run("document.getElementById('condition:Used').focus()")
    page.press(" ", 32)
    page.until(counted(documents, condition="Used"))
    assert page.run("document.activeElement.id") == "condition:Used"


@pytest.mark.parametrize(("width", "filters"), [(380, False), (1280, True)])
def test_nothing_is_wider_than_the_screen(page: Browser, width: int, filters: bool):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    page.call("Emulation.setDeviceMetricsOverride", **size)
    page.until(f"document.getElementById('filters').open === {str(filters).lower()}")
    assert page.run("document.documentElement.scrollWidth") <= width
    page.run("document.getElementById('filters').open = true")
    assert page.run("document.documentElement.scrollWidth") <= width
    page.call("Emulation.clearDeviceMetricsOverride")
