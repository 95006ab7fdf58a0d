"""`showroom import`: what it says, and what a stop leaves."""

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from scrapers.feeds.loading import Progress
from scrapers.feeds.opening import open_feed
from stack.commands import importing

Showroom = Callable[..., Result]
LOT = "Wagen,Betrag,yr,colour\n2020 Kia Rio,$9000,2020,red\n2019 VW Golf,8500,2019,blue\n"
MANY = 12_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> Path:
    monkeypatch.setenv("SHOWROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def showroom(home: Path) -> Showroom:
    app = typer.Typer()
    app.callback()(lambda: None)
    importing.register(app)
    return lambda *words, **options: CliRunner().invoke(app, ["import", *words], **options)


def query(url: str, sql: str, *args: Any) -> list[tuple[Any, ...]]:
    async def fetch() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(sql, *args)]
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_it_says_what_it_understood_and_what_came_of_it(home: Path, showroom: Showroom) -> None:
    (home / "lot.csv").write_text(
        LOT + "2018 Ford Ka,From $99/mo,2018\n2018 Ford Ka,From $99/mo,x,y\n"
    )
    said = showroom("cars", "lot.csv", "--map", "title=Wagen", "--map", "price=Betrag")
    assert said.exit_code == 0, said.output
    lines = [" ".join(line.split()) for line in said.stdout.splitlines()]
    assert lines[:4] == ["title Wagen", "year yr", "exterior_color colour", "price Betrag"]
    assert {"3 new", "0 changed", "0 unchanged", "1 refused"} <= set(lines)
    assert "1 row/ragged more or fewer cells than the header" in lines
    assert "1 price/per_month" in lines
    (refused,) = (home / "home" / "imports").iterdir()
    assert said.stdout.replace("\n", "").endswith(str(refused))


def test_names_from_outside_are_no_markup(home: Path, showroom: Showroom) -> None:
    (home / "lot.csv").write_text(
        "make,price [/USD],mileage [km],[red]Wert,Kraft [kW]\n"
        "Kia,9000,10,Gasoline,x\nKia,9100,11,Diesel,y\n"
    )
    said = showroom("cars", "lot.csv", "--source", "brackets")
    assert said.exit_code == 0, said.output
    lines = [" ".join(line.split()) for line in said.stdout.splitlines()]
    assert {"price price [/USD]", "mileage mileage [km] (km)", "left out Kraft [kW]"} <= set(lines)
    assert "[red]Wert is taken for fuel_type by its values." in lines


def test_it_says_which_fields_came_late(home: Path, showroom: Showroom) -> None:
    lines = ['{"make": "Kia"}\n'] * 1_000 + ['{"make": "Kia", "price": 1500, "x": {"[b]": 1}}\n']
    (home / "late.jsonl").write_text("".join(lines))
    said = showroom("cars", "late.jsonl")
    assert "Fields that later lines added: price (price), x.[b] (left out)\n" in said.stdout
    again = json.loads(showroom("cars", "late.jsonl", "--json").stdout)
    assert (again["columns"]["price"], again["left_out"]) == (["price"], ["x.[b]"])


def test_json_is_for_scripts(home: Path, showroom: Showroom, postgres_url: str) -> None:
    (home / "second.csv").write_text(LOT)
    words = ("cars", "second.csv", "--map", "title=Wagen", "--source", "lot-2", "--json")
    first, again = (json.loads(showroom(*words).stdout) for _ in range(2))
    assert (first["source"], first["state"], first["new"]) == ("lot-2", "done", 2)
    assert (again["new"], again["unchanged"], again["refused_file"]) == (0, 2, None)
    assert again["columns"] == {"title": ["Wagen"], "year": ["yr"], "exterior_color": ["colour"]}
    assert again["left_out"] == ["Betrag"]
    runs = "SELECT id, state, unchanged FROM runs WHERE source = 'lot-2' ORDER BY id"
    assert query(postgres_url, runs) == [(first["run"], "done", 0), (again["run"], "done", 2)]


def test_standard_input_is_a_file(showroom: Showroom) -> None:
    said = showroom("cars", "-", "--source", "piped", "--json", input="make,model\nKia,Rio\n")
    assert json.loads(said.stdout)["new"] == 1


@pytest.mark.parametrize(
    ("words", "text", "says"),
    [
        (("boats", "lot.csv"), LOT, "There is no vertical 'boats'; there is: cars."),
        (("cars", "none.csv"), LOT, "There is no file none.csv."),
        (("cars", "lot.csv"), "a,b\n1,2\n", "The columns are: a, b."),
        (("cars", "lot.csv", "--map", "title"), LOT, "--map takes FIELD=COLUMN"),
        (("cars", "lot.csv", "--map", "titel=Wagn"), LOT, "Did you mean 'Wagen'?"),
        (("cars", "lot.csv", "--map", "titlee=Wagen"), LOT, "Did you mean title?"),
        (("cars", "lot.csv", "--source", "A B"), LOT, "cannot be called 'A B'"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    home: Path, showroom: Showroom, words: tuple[str, ...], text: str, says: str
) -> None:
    (home / "lot.csv").write_text(text)
    said = showroom(*words)
    assert (said.exit_code, said.stdout) == (1, "")
    assert says in said.stderr


def test_a_file_of_which_nothing_can_be_used_is_a_failure(home: Path, showroom: Showroom) -> None:
    (home / "lot.csv").write_text("make,vin\nKia,IOQ\n")
    assert showroom("cars", "lot.csv").exit_code == 1


@pytest.mark.parametrize("url", [None, "postgresql://x@127.0.0.1:1/x", "postgresql:///x?host=/no"])
def test_without_postgres_it_says_how_to_start_it(
    home: Path, showroom: Showroom, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    (home / "lot.csv").write_text("make,model\nKia,Rio\n")
    monkeypatch.delenv("DATABASE_URL")
    if url is not None:
        monkeypatch.setenv("DATABASE_URL", url)
    said = showroom("cars", "lot.csv")
    assert said.exit_code == 1
    assert "Showroom is not running: start it with `showroom up`" in said.stderr


def test_on_a_terminal_a_bar_shows_how_far_it_is(home: Path) -> None:
    (home / "lot [red].csv").write_bytes(b"x" * 1_000)
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    with open_feed(str(home / "lot [red].csv")) as feed, importing._bar(console, feed) as show:
        show(Progress(rows=1_234, position=500))
    assert "50%" in out.getvalue()
    assert "1,234 rows" in out.getvalue()
    assert "lot [red].csv" in out.getvalue()


@pytest.fixture
def many(home: Path) -> Path:
    path = home / "many.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "make", "model", "price"])
        writer.writerows([n, "Kia", "Rio", 5_000 + n] for n in range(MANY))
    return path


@contextmanager
def running(file: Path | str, source: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """An import in its own process, when it has committed something.

    One of `-` gets a row every 50 ms until then, and its standard input stays open.
    """
    words = ("-m", "stack.cli", "import", "cars", str(file), "--source", source, "--json")
    with subprocess.Popen(
        (sys.executable, *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(importing.__file__).parents[2])},
    ) as process:
        try:
            _feed_until_committed(process, file == "-", source, url)
            yield process
        finally:
            process.kill()


def _feed_until_committed(
    process: subprocess.Popen[str], is_piped: bool, source: str, url: str
) -> None:
    deadline = time.monotonic() + 30
    assert process.stdin is not None
    if is_piped:
        process.stdin.write("make,model\n")
    while count(url, source) == 0:
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        if is_piped:
            process.stdin.write("Kia,Rio\n")
            process.stdin.flush()
        time.sleep(0.05 if is_piped else 0.02)


def count(url: str, source: str) -> int:
    ((found,),) = query(url, "SELECT count(*) FROM offers WHERE source = $1", source)
    return int(found)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_says_how_far_it_was_and_keeps_what_was_committed(
    many: Path, postgres_url: str, number: signal.Signals
) -> None:
    source = f"stop-{number.name.lower()}"
    with running(many, source, postgres_url) as process:
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    said = json.loads(out)
    assert said["state"] == "stopped"
    assert said["error"] == f"It was stopped after line {said['new'] + 1:,}."
    assert 0 < said["new"] == count(postgres_url, source) < MANY


@pytest.mark.parametrize("times", [1, 2])
def test_a_stop_does_not_wait_for_a_slow_pipe(
    home: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    source = f"slow-{times}"
    with running("-", source, postgres_url) as process:
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        # Its standard input is open and silent; `communicate` would close it.
        assert process.wait(timeout=10) == 130
        assert process.stdout is not None
        assert process.stderr is not None
        out, error = process.stdout.read(), process.stderr.read()
    assert 0 < count(postgres_url, source) < 1_000
    assert "Error" not in error
    if times == 1:
        assert json.loads(out)["state"] == "stopped"
    ((state,),) = query(postgres_url, "SELECT state FROM runs WHERE source = $1", source)
    assert state == "failed"


def test_after_a_kill_the_next_import_adds_the_rest(
    many: Path, showroom: Showroom, postgres_url: str
) -> None:
    with running(many, "killed", postgres_url) as process:
        process.kill()
        process.wait(timeout=30)
    before = count(postgres_url, "killed")
    assert 0 < before < MANY
    said = json.loads(showroom("cars", str(many), "--source", "killed", "--json").stdout)
    assert said["new"] + said["unchanged"] == MANY == count(postgres_url, "killed")
    assert said["unchanged"] >= before
    states = query(postgres_url, "SELECT state FROM runs WHERE source = 'killed' ORDER BY id")
    assert states == [("failed",), ("done",)]
