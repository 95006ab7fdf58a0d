"""One tab of a real Chromium, driven over its DevTools protocol."""

import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-port=0", "--window-size=1280,900",
)  # fmt: skip
SEEN = "(document.querySelector('main') ?? document.body).innerText.slice(0, 500)"


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

    def open(self, url: str, selector: str) -> None:
        """Go there, and wait until the page has been read to its end and has such an element."""
        self.call("Page.navigate", url=url)
        self.until(
            "document.readyState === 'complete'"
            f" && document.querySelector({json.dumps(selector)}) !== null"
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


@contextmanager
def opened(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in this folder; it is ended at the end."""
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
