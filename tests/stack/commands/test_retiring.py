"""`showroom retire`, and what `showroom sources` says of sources that the file no longer has."""

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.cars import OfferRow
from catalog.database import connect
from config.settings import load
from jobs.work import Crew
from scrapers import handlers
from scrapers.runs.rows import begin, finish
from scrapers.storing.upsert import upsert
from stack import requests
from stack.commands import crawling, retiring

Showroom = Callable[..., Result]
FILE = """
kept: {vertical: cars, start_url: "https://kept.example/", parser: jsonld, every: 1d, rate: 1/s}
"""


def perform(url: str, work) -> object:
    async def go() -> object:
        async with connect(url) as pool:
            return await work(pool)

    return asyncio.run(go())


async def fill(pool: asyncpg.Pool) -> None:
    """Sources `kept` and `old`; of old's three cars kept offers one, too."""
    await pool.execute(
        "DELETE FROM pages; DELETE FROM offers; DELETE FROM listings; DELETE FROM dealers;"
        "DELETE FROM runs; DELETE FROM jobs; DELETE FROM sources; DELETE FROM breakers"
    )
    for source, cars in (("kept", (1,)), ("old", (1, 2, 3))):
        await pool.execute(
            "INSERT INTO sources (name, vertical, start_url, parser, every, enabled)"
            " VALUES ($1, 'cars', $2, 'jsonld', 86400, $3)",
            source,
            f"https://{source}.example/",
            source == "kept",
        )
        run = await begin(pool, source)
        vins = [f"1FA6D8CF0G000000{n}" for n in cars]
        offers = [OfferRow(source=source, external_id=vin, vin=vin, title="Car") for vin in vins]
        async with pool.acquire() as connection, connection.transaction():
            await upsert(connection, run.id, offers)
        await finish(pool, run, "done")


async def live(pool: asyncpg.Pool) -> int:
    return await pool.fetchval("SELECT count(*) FROM listings WHERE active")


@pytest.fixture
def showroom(
    postgres_url: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Showroom:
    """`showroom`, with a file of sources that has `kept` and not `old`."""
    file = tmp_path / "sources.yml"
    file.write_text(FILE)
    for name, value in (
        ("DATABASE_URL", postgres_url),
        ("REDIS_URL", valkey_url),
        ("SHOWROOM_SOURCES", str(file)),
        ("COLUMNS", "200"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(requests, "POLL_SECONDS", 0.01)
    perform(postgres_url, fill)
    app = typer.Typer()
    for commands in (crawling, retiring):
        commands.register(app)
    return lambda *words, **more: CliRunner().invoke(app, list(words), **more)


def work(url: str) -> None:
    """A worker that does the retirement which is about to be asked for."""
    assert handlers

    async def until_done(pool: asyncpg.Pool) -> None:
        crew = Crew(pool, load())
        for _ in range(3_000):
            await crew.drain()
            if await pool.fetchval("SELECT count(*) FROM jobs WHERE state = 'done'"):
                return
            await asyncio.sleep(0.01)

    perform(url, until_done)


@pytest.fixture
def worker(showroom: Showroom, postgres_url: str):
    thread = threading.Thread(target=work, args=(postgres_url,))
    thread.start()
    yield
    thread.join(60)


def test_sources_says_what_a_removed_source_has_left_and_what_to_type(showroom):
    said = showroom("sources")
    assert said.exit_code == 0
    assert "old is not in sources.yml any more, and 3 of its offers are in search" in said.output
    assert "`showroom retire old` takes them out." in said.output
    assert "removed" in said.output
    told = json.loads(showroom("sources", "--json").output)
    assert {row["name"]: row["live_offers"] for row in told} == {"kept": None, "old": 3}
    assert {row["name"]: row["removed"] for row in told} == {"kept": False, "old": True}


def test_sources_does_not_wait_until_all_is_counted(showroom, monkeypatch):
    monkeypatch.setattr(
        "scrapers.runs.retirement._LEFT", "SELECT 1 FROM pg_sleep(60) WHERE $1 = $1"
    )
    monkeypatch.setattr("scrapers.runs.retirement.COUNTING", 0.05)
    said = showroom("sources")
    assert said.exit_code == 0
    assert "removed" in said.output
    assert "takes a while to count: `showroom retire old --dry-run` does it." in said.output


def test_a_dry_run_counts_and_changes_nothing(showroom, postgres_url):
    said = showroom("retire", "old", "--dry-run")
    assert said.exit_code == 0
    assert "3 offers of old leave search. 1 of them" in said.output
    assert json.loads(showroom("retire", "old", "--dry-run", "--json").output) == {
        "offers": 3,
        "shared": 1,
    }
    assert perform(postgres_url, lambda pool: pool.fetchval("SELECT count(*) FROM jobs")) == 0
    assert perform(postgres_url, live) == 3


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_without_a_yes_nothing_is_changed(showroom, postgres_url, answer):
    said = showroom("retire", "old", input=answer)
    assert said.exit_code == 1
    assert "Nothing was changed" in said.output
    assert perform(postgres_url, lambda pool: pool.fetchval("SELECT count(*) FROM jobs")) == 0


@pytest.mark.parametrize(("words", "answer"), [(("--yes",), None), ((), "y\n")])
def test_after_a_yes_its_offers_leave_and_it_says_how_many(
    showroom, worker, postgres_url, words, answer
):
    said = showroom("retire", "old", *words, input=answer)
    assert said.exit_code == 0, said.output
    assert "3 offers of old left search" in said.output
    assert perform(postgres_url, live) == 1
    assert "showroom retire" not in showroom("sources").output


def test_a_script_gets_json(showroom, worker):
    said = showroom("retire", "old", "--yes", "--json")
    told = json.loads(said.stdout)
    assert {name: told[name] for name in ("source", "gone", "back")} == {
        "source": "old",
        "gone": 3,
        "back": False,
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kept", "is in {file} still and would be visited again: take it out of that file first"),
        ("nowhere", "There is no source nowhere; `showroom sources` lists them."),
    ],
)
def test_what_cannot_be_retired_is_a_sentence(showroom, tmp_path, name, words):
    said = showroom("retire", name, "--yes")
    assert said.exit_code == 1
    assert words.format(file=tmp_path / "sources.yml") in said.output


def test_a_file_that_cannot_be_read_retires_nothing(showroom, tmp_path, postgres_url):
    (tmp_path / "sources.yml").write_text("kept: [")
    said = showroom("retire", "old", "--yes")
    assert said.exit_code == 1
    assert "sources.yml, line 1" in said.output
    assert "line 1" in showroom("sources").output
    assert perform(postgres_url, live) == 3
