"""`showroom crawl`, `sources`, `runs` and `run-show` against a real database."""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.database import connect
from jobs import rows
from scrapers import breaker
from scrapers import runs as run_rows
from scrapers.runs import Tally
from stack.commands import crawling

Showroom = Callable[..., Result]


@pytest.fixture
def showroom(postgres_url: str, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Showroom:
    """`showroom`, with a database that has the sources `lot` and (switched off) `old`."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("REDIS_URL", valkey_url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(crawling, "POLL_SECONDS", 0.01)
    perform(
        postgres_url,
        lambda pool: pool.execute(
            "DELETE FROM runs; DELETE FROM jobs; DELETE FROM sources; DELETE FROM breakers;"
            "INSERT INTO sources (name, vertical, start_url, parser, every, rate, enabled) VALUES"
            " ('lot', 'cars', 'https://lot.example/', 'cars_com', 14400, 2, true),"
            " ('old', 'cars', 'https://old.example/', 'cars_com', 60, NULL, false)"
        ),
    )
    app = typer.Typer()
    crawling.register(app)
    return lambda *words: CliRunner().invoke(app, list(words))


def perform(url: str, work: Callable[[asyncpg.Pool], Coroutine[Any, Any, Any]]) -> Any:
    async def go() -> Any:
        async with connect(url) as pool:
            return await work(pool)

    return asyncio.run(go())


async def finished_run(pool: asyncpg.Pool, state: str = "done", error: str | None = None) -> dict:
    run = await run_rows.begin(pool, "lot", 1)
    await run_rows.add(
        pool, run, Tally(pages=1_234, items=2, new=2, problems=run_rows.Counter({"vin/form": 3}))
    )
    return await run_rows.finish(pool, run, state, error)


def test_a_crawl_is_asked_for_once(showroom, postgres_url):
    said = [showroom("crawl", "lot") for _ in range(2)]
    assert [result.exit_code for result in said] == [0, 0]
    jobs = perform(postgres_url, lambda pool: pool.fetch("SELECT * FROM jobs"))
    assert [(job["kind"], job["key"], job["state"]) for job in jobs] == [("crawl", "lot", "queued")]
    assert f"job {jobs[0]['id']}" in said[1].output


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere", "There is no source nowhere"), ("old", "switched off")]
)
def test_what_cannot_be_crawled_is_a_sentence(showroom, name, words):
    said = showroom("crawl", name)
    assert said.exit_code == 1
    assert words in said.output
    assert "Traceback" not in said.output


def work_once(url: str, state: str, run_state: str) -> None:
    """What a worker does, in short: wait for the job, end it."""

    async def work(pool: asyncpg.Pool) -> None:
        for _ in range(1_000):
            if await pool.fetchval("SELECT count(*) FROM jobs"):
                break
            await asyncio.sleep(0.01)
        result = await finished_run(pool, run_state, "It looked [odd].")
        await pool.execute(
            "UPDATE jobs SET state = $1, result = $2, error = 'The site was away.'", state, result
        )

    perform(url, work)


@pytest.mark.parametrize(
    ("state", "run_state", "status", "words"),
    [
        ("done", "done", 0, "1,234"),
        ("done", "suspicious", 1, "It looked [odd]."),
        ("failed", "failed", 1, "The site was away."),
    ],
)
def test_waiting_tells_how_it_ended(showroom, postgres_url, state, run_state, status, words):
    worker = threading.Thread(target=work_once, args=(postgres_url, state, run_state))
    worker.start()
    said = showroom("crawl", "lot", "--wait")
    worker.join(10)
    assert said.exit_code == status
    assert words in said.output


def start_one(url: str) -> int:
    async def start(pool: asyncpg.Pool) -> int:
        await rows.enqueue(pool, "crawl", "lot")
        job = await rows.claim(pool, ["crawl"], "worker")
        assert job
        return job.id

    return int(perform(url, start))


def test_a_crawl_that_runs_already_is_said(showroom, postgres_url):
    start_one(postgres_url)
    said = showroom("crawl", "lot")
    assert said.exit_code == 1
    assert re.search(r"A crawl of lot is already running \(since \d\d:\d\d:\d\d UTC\)", said.output)
    assert perform(postgres_url, lambda pool: pool.fetchval("SELECT count(*) FROM jobs")) == 1


@pytest.mark.parametrize("state", ["done", "failed"])
def test_waiting_starts_another_crawl_after_the_running_one(showroom, postgres_url, state):
    first = start_one(postgres_url)
    told: list[Result] = []
    waiter = threading.Thread(target=lambda: told.append(showroom("crawl", "lot", "--wait")))

    async def work(pool: asyncpg.Pool) -> int:
        waiter.start()
        await asyncio.sleep(0.5)
        assert await pool.fetchval("SELECT count(*) FROM jobs") == 1
        await pool.execute("UPDATE jobs SET state = $1 WHERE id = $2", state, first)
        for _ in range(1_000):
            if job := await rows.claim(pool, ["crawl"], "worker"):
                await rows.finish(pool, job, await finished_run(pool))
                return job.id
            await asyncio.sleep(0.01)
        raise AssertionError("no second crawl was asked for")

    second = perform(postgres_url, work)
    waiter.join(10)
    assert second != first
    assert told[0].exit_code == 0
    assert "another follows it" in told[0].output
    assert "1,234" in told[0].output


def test_a_crawl_that_waits_for_its_next_attempt_says_why(showroom, postgres_url):
    async def fail(pool: asyncpg.Pool) -> None:
        await rows.enqueue(pool, "crawl", "lot")
        await rows.fail(pool, await rows.claim(pool, ["crawl"], "worker"), "It is busy.", 3600)

    perform(postgres_url, fail)
    said = showroom("crawl", "lot")
    assert said.exit_code == 0
    assert re.search(r"the next is due in (59|60) min: It is busy\.", said.output)


def test_sources_are_listed(showroom, postgres_url):
    perform(postgres_url, finished_run)
    lines = [" ".join(line.split()) for line in showroom("sources").output.splitlines()]
    assert lines[0] == "source address every rate due last run items"
    assert re.fullmatch(r"lot https://lot.example/ 4h 2/s (now|\d+ s ago) done 2", lines[1])
    assert lines[2] == "old https://old.example/ 1m free off"
    listed = json.loads(showroom("sources", "--json").output)
    assert [(row["name"], row["run_state"]) for row in listed] == [("lot", "done"), ("old", None)]


def test_runs_are_listed_and_shown(showroom, postgres_url):
    run = perform(postgres_url, finished_run)
    lines = [" ".join(line.split()) for line in showroom("runs").output.splitlines()]
    assert lines[0] == "run source started state items new changed gone failed seconds"
    assert re.fullmatch(rf"{run['id']} lot (now|\d+ s ago) done 2 2 0 0 0 0.0", lines[1])
    assert json.loads(showroom("runs", "--json").output)[0]["problems"] == {"vin/form": 3}
    shown = showroom("run-show", str(run["id"]))
    assert re.search(r"vin/form\s+3", shown.output)
    assert json.loads(showroom("run-show", str(run["id"]), "--json").output)["items"] == 2


def test_a_run_that_is_not_there_is_a_sentence(showroom):
    said = showroom("run-show", "999999")
    assert said.exit_code == 1
    assert "There is no run 999999" in said.output


@pytest.mark.parametrize(
    ("url", "words"),
    [("", "showroom up"), ("postgresql://nobody@127.0.0.1:1/none", "does not answer")],
)
def test_without_a_database_it_says_so(showroom, monkeypatch, url, words):
    monkeypatch.setenv("DATABASE_URL", url)
    said = showroom("runs")
    assert said.exit_code == 1
    assert words in said.output


def test_a_source_that_is_left_alone_says_why_until_it_is_resumed(showroom, postgres_url):
    perform(postgres_url, lambda pool: breaker.block(pool, "lot", "Cloudflare blocks us."))
    listed = showroom("sources").output
    assert re.search(r"left alone, in [56] h", listed)
    assert "lot is left alone: Cloudflare blocks us." in listed
    refused = showroom("crawl", "lot")
    assert refused.exit_code == 1
    assert "`showroom resume lot` lets it be asked before." in refused.output
    assert "due now" in showroom("resume", "lot").output
    assert "left alone" not in showroom("sources").output
    assert showroom("resume", "lot").exit_code == 1
    assert showroom("crawl", "lot").exit_code == 0
