import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

TOKEN = "a token of the tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
READY = "The demo market is open at "
Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a market process over a folder; give it and its address once it is ready."""
    running: list[subprocess.Popen[str]] = []

    def run(*options: str) -> tuple[subprocess.Popen[str], str]:
        process = popen(tmp_path, *options)
        running.append(process)
        line = process.stdout.readline()
        assert line.startswith(READY), process.stderr.read()
        return process, line.removeprefix(READY).strip()

    yield run
    for process in running:
        process.kill()
        process.communicate(timeout=10)


def popen(tmp_path: Path, *options: str) -> subprocess.Popen[str]:
    small = ("--port", "0", "--state", str(tmp_path / "market"), "--cars", "300", "--dealers", "20")
    return subprocess.Popen(
        (sys.executable, "-m", "stack.market", *small, *options),
        env={**os.environ, "SHOWROOM_MARKET_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def status(address: str) -> dict:
    return httpx.get(
        f"{address}_market/status", headers=HEADERS, trust_env=False, timeout=30
    ).json()


def test_it_opens_serves_and_ends_cleanly_on_sigterm(start):
    process, address = start("--paused")
    assert httpx.get(address, trust_env=False, timeout=30).status_code == 200
    assert status(address)["paused"]
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (0, "", "")


def test_time_passes_is_saved_and_never_goes_back_after_a_kill(start, monkeypatch):
    process, address = start("--rate", "7200")
    deadline = time.monotonic() + 60
    while (shown := status(address)["day"]) == 0:
        assert time.monotonic() < deadline, "time does not pass"
        time.sleep(0.2)
    process.kill()
    process.wait(30)
    _, address = start("--paused")
    again = status(address)
    assert again["day"] >= shown
    assert again["days_per_hour"] == 7200


def test_the_pages_are_the_same_after_a_kill(start):
    process, address = start("--paused")
    httpx.post(
        f"{address}_market/tick", json={"days": 5}, headers=HEADERS, trust_env=False, timeout=30
    )
    key = orjson.loads(cars(address).splitlines()[0])["vin"]
    httpx.post(
        f"{address}_market/cars/{key}",
        json={"price": 7777},
        headers=HEADERS,
        trust_env=False,
        timeout=30,
    )
    before = cars(address)
    process.kill()
    process.wait(30)
    assert cars(start()[1]) == before
    assert b'"price":7777' in before


def cars(address: str) -> bytes:
    return httpx.get(f"{address}_market/cars", headers=HEADERS, trust_env=False, timeout=30).content


def test_a_taken_port_is_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = popen(tmp_path, "--port", str(taken.getsockname()[1]))
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert errors.startswith("The market cannot open at 127.0.0.1:")
    assert errors.count("\n") == 1


def test_a_damaged_clock_is_a_sentence(tmp_path):
    (tmp_path / "market").mkdir()
    (tmp_path / "market" / "clock.json").write_text("{")
    process = popen(tmp_path)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "clock.json is damaged" in errors
    assert errors.count("\n") == 1


def test_impossible_sizes_are_refused(tmp_path):
    process = popen(tmp_path, "--cars", "0")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "must be from 1 to" in errors


async def test_unknown_places_are_missing(client):
    for path in ("/nowhere", "/vehicledetail/none/", "/photos/none/1.svg", "/shopping/results"):
        answer = await client.get(path)
        assert answer.status == 404
        assert "Page not found" in await answer.text()


async def test_photos_are_svg_as_many_as_the_car_has(client, lot):
    car = lot.table.cars[int(lot.live[0])]
    for number in range(1, car.photos + 1):
        answer = await client.get(f"/photos/{car.uuid}/{number}.svg")
        assert answer.content_type == "image/svg+xml"
        assert (await answer.read()).startswith(b"<svg")
    for number in (0, car.photos + 1):
        assert (await client.get(f"/photos/{car.uuid}/{number}.svg")).status == 404


async def test_a_gone_car_is_200_for_a_month_and_404_after(client, lot):
    uuid = lot.table.cars[int(lot.live[0])].uuid
    assert (await client.get(f"/vehicledetail/{uuid}/")).status == 200
    lot.clock.sell([uuid])
    lot.refresh()
    answer = await client.get(f"/vehicledetail/{uuid}/")
    assert answer.status == 200
    assert "no longer listed" in await answer.text()
    lot.clock.advance(31)
    lot.refresh()
    assert (await client.get(f"/vehicledetail/{uuid}/")).status == 404
