"""The main job, end to end: what a newcomer does with two commands, by hand, done by a test.

The stack is the real one, in a home of its own, with the whole market of 12,000 cars.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

pytestmark = [pytest.mark.prove, pytest.mark.timeout(400), pytest.mark.xdist_group("main_job")]

METERS_FROM_THE_LOOP = """
    2 * 6371000 * asin(sqrt(power(sin(radians(coalesce(l.lat, d.lat) - 41.8858) / 2), 2)
        + cos(radians(41.8858)) * cos(radians(coalesce(l.lat, d.lat)))
        * power(sin(radians(coalesce(l.lng, d.lng) + 87.6181) / 2), 2)))
"""


@dataclass
class Showroom:
    """A running stack as its user sees it."""

    home: Path
    port: int

    def cli(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "SHOWROOM_HOME": str(self.home), "SHOWROOM_PORT": str(self.port)}
        return subprocess.run(
            [sys.executable, "-m", "stack.cli", *words],
            env=env,
            capture_output=True,
            text=True,
            timeout=240,
            check=check,
        )

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.cli("status", "--json").stdout)
        return status

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        url = f"http://127.0.0.1:{self.port}{path}"
        return httpx.get(url, params=parameters, timeout=30)

    def search(self, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (
            self.get("/api/v1/listings", **parameters).raise_for_status().json()
        )
        return answer

    async def sql(self, query: str, *values: Any) -> list[asyncpg.Record]:
        addresses = json.loads((self.home / "run" / "stack.json").read_text())
        connection = await asyncpg.connect(addresses["database_url"])
        try:
            rows: list[asyncpg.Record] = await connection.fetch(query, *values)
            return rows
        finally:
            await connection.close()


def until(done: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.25)


def settled(showroom: Showroom) -> bool:
    """No job runs and nothing is pending."""
    status = showroom.status()
    return not status["jobs"] and all(row["pending"] == 0 for row in status["stock"])


@pytest.fixture(scope="module")
def showroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showroom]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Showroom(tmp_path_factory.mktemp("home"), port)
    running.cli("up", "--detach")
    started = time.monotonic()
    try:
        until(lambda: running.search()["meta"]["total"] > 0, 30, "the first results")
        until(lambda: running.search()["meta"]["total"] >= 12_000, 180, "all cars searchable")
        running.cli("market", "pause")
        running.cli("run", "market")
        until(lambda: settled(running), 60, f"settled, {time.monotonic() - started:.0f} s in")
        yield running
    finally:
        running.cli("down")


async def test_totals_and_counts_are_those_of_sql(showroom: Showroom) -> None:
    answer = showroom.search(
        make="Toyota", price_max=20000, zip="60601", radius=50, sort="price", per_page=100
    )
    rows = await showroom.sql(
        f"""SELECT l.make, count(*) AS cars FROM listings l JOIN dealers d ON d.id = l.dealer_id
            WHERE l.active AND l.price <= 20000 AND {METERS_FROM_THE_LOOP} <= 50 * 1609.344
            GROUP BY l.make"""
    )
    counts = {row["make"]: row["cars"] for row in rows}
    assert {each["value"]: each["count"] for each in answer["facets"]["make"]} == counts
    assert answer["meta"]["total"] == counts["Toyota"] > 0
    prices = [car["price"] for car in answer["data"]]
    assert prices == sorted(prices)
    assert all(0 <= car["distance"] <= 80_468 for car in answer["data"])


@pytest.mark.parametrize(
    ("parameters", "condition"),
    [
        ({}, "true"),
        ({"body_type": "SUV", "condition": "Used"}, "body_type = 'SUV' AND condition = 'Used'"),
        ({"make": ["Ford", "RAM"], "year_min": 2020}, "make IN ('Ford', 'RAM') AND year >= 2020"),
        ({"mileage_max": 30000, "color": "Blue"}, "mileage <= 30000 AND color = 'Blue'"),
        ({"feature": "Sunroof"}, "'Sunroof' = ANY (features)"),
    ],
)
async def test_a_total_is_what_sql_counts(
    showroom: Showroom, parameters: dict[str, Any], condition: str
) -> None:
    rows = await showroom.sql(f"SELECT count(*) FROM listings WHERE active AND {condition}")
    assert showroom.search(**parameters)["meta"]["total"] == rows[0]["count"]


async def test_a_changed_price_is_found_after_the_next_crawl(showroom: Showroom) -> None:
    car = showroom.search(make="Honda", price_min=15000, per_page=1)["data"][0]
    price = car["price"] - 1234
    showroom.cli("market", "price", car["vin"], str(price))
    showroom.cli("run", "market")
    detail = f"/api/v1/listings/{car['vin']}"
    until(lambda: showroom.get(detail).json()["data"]["price"] == price, 30, "the new price")
    assert showroom.get(detail).json()["data"]["price_drop"] == 1234
    history = showroom.get(f"{detail}/history").json()["data"]
    assert [each["price"] for each in history][-2:] == [car["price"], price]


async def test_a_sold_car_is_gone_from_search_and_still_in_the_table(showroom: Showroom) -> None:
    vin = showroom.search(make="Kia", per_page=1)["data"][0]["vin"]
    showroom.cli("market", "sell", vin)
    showroom.cli("run", "market")
    until(lambda: showroom.get(f"/api/v1/listings/{vin}").status_code == 404, 30, "gone")
    rows = await showroom.sql("SELECT active FROM listings WHERE key = $1", vin)
    assert [row["active"] for row in rows] == [False]


STRANGE = """Vehicle Make;The Model;Built;Asking (USD);Odo;Where
Toyota;Land Cruiser 70;1988;18.500;210000 km;60614
Lada;Niva;1995;"$4,900";88,000;60614
"""


async def test_a_file_with_strange_headers_can_be_searched(
    showroom: Showroom, tmp_path: Path
) -> None:
    path = tmp_path / "strange.csv"
    path.write_text(STRANGE)
    showroom.cli("import", "cars", str(path), "--map", "zip=Where")
    until(lambda: showroom.search(q="niva")["meta"]["total"] == 1, 30, "the imported car")
    car = showroom.search(q="niva", zip="60601", radius=10)["data"][0]
    assert (car["make"], car["year"], car["price"], car["mileage"]) == ("LADA", 1995, 4900, 88000)


def _processes(home: Path) -> list[psutil.Process]:
    """Everything that runs for this home: it is in the command line or the environment."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        try:
            words = [*(process.info["cmdline"] or []), process.environ().get("SHOWROOM_HOME", "")]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(home) in word for word in words):
            found.append(process)
    return found


async def test_a_killed_parent_leaves_nothing_running_and_loses_nothing(
    showroom: Showroom,
) -> None:
    before = await showroom.sql("SELECT count(*), sum(price) FROM listings")
    assert len(_processes(showroom.home)) > 5
    os.kill(showroom.status()["pid"], signal.SIGKILL)
    until(lambda: not _processes(showroom.home), 20, "every process gone")
    started = time.monotonic()
    showroom.cli("up", "--detach")
    assert time.monotonic() - started < 10, "the second start is ready within 10 s"
    assert await showroom.sql("SELECT count(*), sum(price) FROM listings") == before
    until(lambda: settled(showroom), 60, "settled after the kill")
    assert showroom.cli("verify", "cars").returncode == 0
