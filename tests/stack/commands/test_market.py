import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest
import typer
from typer.testing import CliRunner, Result

from stack.commands import market

TOKEN = "a token of the tests"
Showroom = Callable[..., Result]


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A small market of its own process."""
    options = ("--port", "0", "--state", str(tmp_path_factory.mktemp("market")), "--cars", "50")
    with subprocess.Popen(
        (sys.executable, "-m", "stack.market", *options, "--paused"),
        env={**os.environ, "SHOWROOM_MARKET_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("SHOWROOM_HOME", str(tmp_path))
    monkeypatch.delenv("SHOWROOM_MARKET_URL", raising=False)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "market-token").write_text(TOKEN + "\n")
    return tmp_path


@pytest.fixture
def nowhere() -> Showroom:
    """`showroom` where no market is configured."""
    app = typer.Typer()
    market.register(app)
    return lambda *words: CliRunner().invoke(app, ["market", *words])


@pytest.fixture
def showroom(address, home, nowhere, monkeypatch) -> Showroom:
    """`showroom` beside a running market."""
    monkeypatch.setenv("SHOWROOM_MARKET_URL", address)
    return nowhere


def first_car(address: str) -> dict:
    lines = httpx.get(
        f"{address}_market/cars?limit=1",
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
        timeout=30,
    )
    return orjson.loads(lines.text.splitlines()[0])


def test_status_shows_the_market(showroom):
    said = showroom("status")
    assert said.exit_code == 0
    assert "52 at 300 dealers" in said.output
    assert "2026-01-01" in said.output


def test_status_for_scripts(showroom):
    assert orjson.loads(showroom("status", "--json").output)["cars"] == 52


def test_time_is_turned(showroom):
    assert "paused" not in showroom("resume").output
    assert "7 days an hour" in showroom("rate", "7").output
    assert "paused" in showroom("pause").output
    assert orjson.loads(showroom("tick", "1.5", "--json").output)["day"] >= 1.5


def test_a_price_is_set_and_a_car_sold(showroom, address):
    car = first_car(address)
    said = showroom("price", car["vin"], "12345")
    assert f"{car['vin']}  {car['year']} {car['make']} {car['model']}  $12,345" in said.output
    assert "sold" in showroom("sell", car["uuid"]).output
    assert first_car(address)["uuid"] != car["uuid"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("sell", "no/such car"), "No live car has the VIN or id no/such car."),
        (("price", "1HGCM82633A004352", "5"), "No live car has the VIN or id"),
        (("tick", "99999"), "days is a number from 0 to 3650"),
    ],
)
def test_what_the_market_refuses_is_a_sentence(showroom, words, sentence):
    said = showroom(*words)
    assert said.exit_code == 1
    assert sentence in said.output


def test_without_a_market_a_sentence_says_how_to_start_it(nowhere, home):
    said = nowhere("status")
    assert (said.exit_code, said.output.count("\n")) == (1, 1)
    assert "No demo market is running here. Start it with: showroom up" in said.output


def test_a_market_that_does_not_answer_is_a_sentence(nowhere, home, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("SHOWROOM_MARKET_URL", f"http://127.0.0.1:{port}/")
    said = nowhere("pause")
    assert said.exit_code == 1
    assert f"does not answer at http://127.0.0.1:{port}/" in said.output


def test_a_missing_token_is_a_sentence(showroom, home):
    (home / "run" / "market-token").unlink()
    said = showroom("status")
    assert said.exit_code == 1
    assert "token cannot be read" in said.output


def test_a_wrong_token_is_a_sentence(showroom, home):
    (home / "run" / "market-token").write_text("wrong")
    said = showroom("status")
    assert said.exit_code == 1
    assert "Send the market's token" in said.output
    assert "wrong" not in said.output


def test_the_weather_is_turned_and_cleared(showroom):
    assert "503: 25% of the answers, now" in showroom("weather", "down", "--share", "0.25").output
    assert orjson.loads(showroom("weather", "--json").output)["share"] == 0.25
    assert "all is well: 100% of the answers, now" in showroom("weather", "clear").output
    said = showroom("weather", "hail")
    assert said.exit_code == 1
    assert "There is no weather hail" in said.output


def test_requests_are_told(showroom, address):
    showroom("requests", "--clear")
    httpx.get(f"{address}robots.txt", trust_env=False, timeout=30)
    assert orjson.loads(showroom("requests", "--json").output)["statuses"] == {"200": 1}
    assert "1 at most" in showroom("requests").output
