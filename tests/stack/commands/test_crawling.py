"""`showroom run`, `enqueue`, `sources`, `runs`, `jobs` and others against a real database."""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.database import connect
from jobs import rows
from scrapers.runs import rows as run_rows
from scrapers.runs.rows import Tally
from scrapers.sources import breaker
from stack import requests
from stack.commands import crawling, jobs, runs

Showroom = Callable[..., Result]


FILE = """
lot: {vertical: cars, start_url: "https://lot.example/", parser: cars_com, every: 4h, rate: 2/s}
old: {vertical: cars, start_url: "https://old.example/", parser: cars_com, every: 1m}
"""


@pytest.fixture
def showroom(
    postgres_url: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Showroom:
    """`showroom`, with a database that has the sources `lot` and (switched off) `old`."""
    (tmp_path / "sources.yml").write_text(FILE)
    monkeypatch.setenv("SHOWROOM_SOURCES", str(tmp_path / "sources.yml"))
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("REDIS_URL", valkey_url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(requests, "POLL_SECONDS", 0.01)
    perform(
        postgres_url,
        lambda pool: pool.execute(
            "DELETE FROM pages; DELETE FROM offers; DELETE FROM runs; DELETE FROM jobs;"
            "DELETE FROM sources; DELETE FROM breakers;"
            "INSERT INTO sources (name, vertical, start_url, parser, every, rate, enabled) VALUES"
            " ('lot', 'cars', 'https://lot.example/', 'cars_com', 14400, 2, true),"
            " ('old', 'cars', 'https://old.example/', 'cars_com', 60, NULL, false)"
        ),
    )
    app = typer.Typer()
    for commands in (crawling, runs, jobs):
        commands.register(app)
    return lambda *words: CliRunner().invoke(app, list(words))


def perform(url: str, work: Callable[[asyncpg.Pool], Coroutine[Any, Any, Any]]) -> Any:
    async def go() -> Any:
        async with connect(url) as pool:
            return await work(pool)

    return asyncio.run(go())


async def finished_run(pool: asyncpg.Pool, state: str = "done", error: str | None = None) -> dict:
    run = await run_rows.begin(pool, "lot", 1)
    tally = Tally(pages=1_234, items=2, new=2, read=50)
    tally.problems["vin/form"], tally.filled["price"] = 3, 5
    await run_rows.add(pool, run, tally)
    drift = [{"field": "price", "share": 0.1, "usual": 0.98}] if state == "suspicious" else []
    return await run_rows.finish(pool, run, state, error, drift)


def test_a_crawl_is_asked_for_once(showroom, postgres_url):
    said = [showroom("enqueue", "lot") for _ in range(2)]
    assert [result.exit_code for result in said] == [0, 0]
    jobs = perform(postgres_url, lambda pool: pool.fetch("SELECT * FROM jobs"))
    assert [(job["kind"], job["key"], job["state"]) for job in jobs] == [("crawl", "lot", "queued")]
    assert f"Job {jobs[0]['id']}" in said[1].output


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere", "There is no source nowhere"), ("old", "switched off")]
)
def test_what_cannot_be_crawled_is_a_sentence(showroom, name, words):
    said = showroom("enqueue", name)
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
    said = showroom("run", "lot")
    worker.join(10)
    assert said.exit_code == status
    assert words in said.output


def test_ctrl_c_ends_the_waiting_and_not_the_crawl(showroom, postgres_url, monkeypatch):
    async def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(requests, "_until", interrupted)
    said = showroom("run", "lot")
    assert said.exit_code == 130
    assert said.output == "Not waiting any longer; the work goes on.\n"
    assert perform(postgres_url, lambda pool: pool.fetchval("SELECT state FROM jobs")) == "queued"


@pytest.mark.usefixtures("showroom")
def test_a_job_that_was_dropped_is_not_waited_for(capsys):
    with pytest.raises(typer.Exit):
        requests.wait(999_999, str)
    assert capsys.readouterr().err == "Job 999999 was dropped before it began.\n"


def start_one(url: str) -> int:
    async def start(pool: asyncpg.Pool) -> int:
        await rows.enqueue(pool, "crawl", "lot")
        job = await rows.claim(pool, ["crawl"], "worker")
        assert job
        return job.id

    return int(perform(url, start))


def test_a_crawl_that_runs_already_is_said(showroom, postgres_url):
    number = start_one(postgres_url)
    said = showroom("enqueue", "lot")
    assert said.exit_code == 0
    assert f"Job {number} crawls lot and is running" in said.output
    assert perform(postgres_url, lambda pool: pool.fetchval("SELECT count(*) FROM jobs")) == 1


@pytest.mark.parametrize("state", ["done", "failed"])
def test_waiting_starts_another_crawl_after_the_running_one(showroom, postgres_url, state):
    first = start_one(postgres_url)
    told: list[Result] = []
    waiter = threading.Thread(target=lambda: told.append(showroom("run", "lot")))

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
    said = showroom("enqueue", "lot")
    assert said.exit_code == 0
    assert re.search(r"the next is due in (59|60) min: It is busy\.", said.output)


def test_sources_are_listed(showroom, postgres_url):
    perform(postgres_url, finished_run)
    lines = [" ".join(line.split()) for line in showroom("sources").output.splitlines()]
    assert lines[0] == "source address when rate due last run items"
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
    assert re.search(r"lot is left alone until [-\d]+ [\d:]+ UTC: Cloudflare blocks us\.", listed)
    refused = showroom("enqueue", "lot")
    assert refused.exit_code == 1
    assert "`showroom resume lot` lets it be asked before." in refused.output
    assert "due now" in showroom("resume", "lot").output
    assert "left alone" not in showroom("sources").output
    assert showroom("resume", "lot").exit_code == 1
    assert showroom("enqueue", "lot").exit_code == 0


def held_run(url: str) -> int:
    """A suspicious run that saw one of two cars."""

    async def hold(pool: asyncpg.Pool) -> int:
        insert = (
            "INSERT INTO offers (source, external_id, listing_key, last_seen_at)"
            " VALUES ('lot', $1, $1, now() - $2 * interval '1 hour')"
        )
        await pool.executemany(insert, [("gone", 5), ("here", -1)])
        return int((await finished_run(pool, "suspicious", "Of 2 only 1 was seen."))["id"])

    return int(perform(url, hold))


def test_a_suspicion_and_what_fell_are_shown(showroom, postgres_url):
    number = held_run(postgres_url)
    said = showroom("sources")
    assert f"lot: run {number} is suspicious and waits" in said.output
    assert "lot: fewer items have price 98% → 10%." in said.output
    shown = showroom("run-show", str(number)).output
    assert re.search(r"price\s+10%, usually 98%", shown)
    assert "Of 2 only 1 was seen." in shown
    listed = json.loads(showroom("runs", "--state", "suspicious", "--json").output)
    assert [run["id"] for run in listed] == [number]


def test_a_suspicious_run_is_accepted_and_its_departures_are_waited_for(showroom, postgres_url):
    number = held_run(postgres_url)

    async def work(pool: asyncpg.Pool) -> None:
        for _ in range(1_000):
            if job := await rows.claim(pool, ["depart"], "worker"):
                return await rows.finish(pool, job, {"gone": 1})
            await asyncio.sleep(0.01)
        raise AssertionError("nothing was asked for")

    worker = threading.Thread(target=perform, args=(postgres_url, work))
    worker.start()
    said = showroom("runs", "accept", str(number))
    worker.join(10)
    assert said.exit_code == 0, said.output
    assert f"Run {number} is accepted; 1 offers are gone." in said.output
    again = showroom("runs", "accept", str(number))
    assert again.exit_code == 1
    assert "only a suspicious one is accepted" in again.output


def test_a_suspicious_run_is_canceled(showroom, postgres_url):
    number = held_run(postgres_url)
    assert showroom("runs", "cancel", str(number)).exit_code == 0
    assert re.search(r"state\s+canceled", showroom("run-show", str(number)).output)


def dead_job(url: str) -> int:
    async def die(pool: asyncpg.Pool) -> int:
        number = await rows.enqueue(pool, "crawl", "lot")
        await rows.refuse(pool, await rows.claim(pool, ["crawl"], "me"), "The [site] was away.")
        await rows.enqueue(pool, "verify", "cars")
        return number

    return int(perform(url, die))


def test_jobs_are_listed_dead_ones_with_their_error(showroom, postgres_url):
    number = dead_job(postgres_url)
    lines = [" ".join(line.split()) for line in showroom("jobs").output.splitlines()]
    assert lines[0] == "job kind key state when tried error"
    assert re.search(r"verify cars queued due (now|\d+ s ago) 0", lines[1])
    assert "The [site] was away." in lines[2]
    dead = json.loads(showroom("jobs", "--dead", "--json").output)
    assert [(job["id"], job["error"]) for job in dead] == [(number, "The [site] was away.")]
    assert json.loads(showroom("jobs", "--kind", "verify", "--json").output)[0]["key"] == "cars"


def test_a_dead_job_is_tried_again_or_dropped(showroom, postgres_url):
    number = str(dead_job(postgres_url))
    assert "waits for a worker" in showroom("jobs", "retry", number).output
    again = showroom("jobs", "retry", number)
    assert again.exit_code == 1
    assert f"Job {number} is queued; only a dead one" in again.output
    assert showroom("jobs", "drop", number).exit_code == 0
    assert f"There is no job {number}" in showroom("jobs", "drop", number).output


def test_a_key_asks_once(showroom, postgres_url):
    asked = [json.loads(showroom("enqueue", "lot", "--once", "a", "--json").output)["id"]]
    perform(postgres_url, lambda pool: pool.execute("UPDATE jobs SET state = 'done'"))
    asked.append(json.loads(showroom("enqueue", "lot", "--once", "a", "--json").output)["id"])
    assert asked[0] == asked[1]


def test_pages_are_read_again_and_told(showroom, postgres_url):
    run = perform(postgres_url, finished_run)
    assert "No page of run" in showroom("reparse", str(run["id"])).output
    assert "There is no run 0" in showroom("reparse", "0").output

    async def keep(pool: asyncpg.Pool) -> None:
        await pool.execute(
            "INSERT INTO pages (source, run_id, url, status, hash, body, size, reader, said)"
            " VALUES ('lot', $1, 'https://lot.example/', 200, '', '', 0, '', '{}')",
            run["id"],
        )

    async def work(pool: asyncpg.Pool) -> None:
        for _ in range(1_000):
            if job := await rows.claim(pool, ["reparse"], "worker"):
                counts = {"changed": 3, "unchanged": 5, "stale": 0, "failed": 1}
                await rows.heartbeat(pool, job, {"pages": 1, "total": 10})
                return await rows.finish(pool, job, {"pages": 10, **counts})
            await asyncio.sleep(0.01)
        raise AssertionError("nothing was asked for")

    perform(postgres_url, keep)
    worker = threading.Thread(target=perform, args=(postgres_url, work))
    worker.start()
    said = showroom("reparse", str(run["id"]))
    worker.join(10)
    assert "3 changed, 5 unchanged, 0 stale, 1 failed" in said.output
