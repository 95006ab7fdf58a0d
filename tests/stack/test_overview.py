import asyncio

import asyncpg
import pytest
from rich.console import Console

from config.settings import load
from stack import running
from stack.board import board
from stack.overview import Overview, Part, Stock, overview, parts


def text_of(seen, width=80):
    console = Console(width=width)
    with console.capture() as capture:
        console.print(board(seen))
    return capture.get()


@pytest.fixture
def settings(postgres_url, meili, tmp_path):
    return load(
        home=tmp_path,
        database_url=postgres_url,
        redis_url="redis://me:secret@127.0.0.1:9/0",
        meili_url=meili.url,
        meili_master_key=meili.key,
    )


async def test_numbers_come_from_the_truth_and_the_index(settings, postgres_url):
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(
        "INSERT INTO jobs (kind, key, progress) VALUES ('crawl', 'market', '{\"pages\": 1200}')"
    )
    await connection.close()
    seen = await overview(settings)
    assert (seen.running, seen.pid) == (False, None)
    (cars,) = seen.stock
    assert (cars.vertical, cars.rows) == ("cars", 0)
    assert seen.jobs[0]["key"] == "market"
    assert "crawl market queued 1,200 pages" in text_of(seen)


async def test_sources_that_are_left_alone_are_told_with_the_reason(settings, postgres_url):
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(
        "INSERT INTO sources (name, vertical, start_url, parser, every) SELECT name, 'cars',"
        " 'https://lot.example/', 'cars_com', 60 FROM unnest(ARRAY['lot', 'old']) AS name"
    )
    await connection.execute(
        "INSERT INTO breakers (source, until, reason) VALUES"
        " ('lot', '2036-01-02 03:04Z', 'Cloudflare blocks us.'), ('old', '2016-01-01Z', 'Away.')"
    )
    await connection.close()
    seen = await overview(settings)
    told = "lot is left alone until 2036-01-02 03:04 UTC: Cloudflare blocks us."
    assert told in text_of(seen, 120)
    assert len([told for told in seen.alarms if "left alone" in told]) == 1


async def test_runs_that_wait_for_people_and_fields_that_fell_are_told(settings, postgres_url):
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(
        "INSERT INTO sources (name, vertical, start_url, parser, every)"
        " VALUES ('fallen', 'cars', 'https://lot.example/', 'cars_com', 60)"
    )
    run = await connection.fetchval(
        "INSERT INTO runs (source, state, drift) VALUES ('fallen', 'suspicious', $1) RETURNING id",
        '[{"field": "price", "share": 0.03, "usual": 0.98}]',
    )
    await connection.close()
    seen = await overview(settings)
    assert f"fallen: run {run} is suspicious and waits" in text_of(seen, 160)
    assert "fallen: fewer items have price 98% → 3%." in text_of(seen, 160)
    assert len([told for told in seen.as_json()["alarms"] if told.startswith("fallen")]) == 2


async def test_servers_that_are_away_leave_gaps(tmp_path):
    seen = await asyncio.wait_for(
        overview(
            load(
                home=tmp_path,
                database_url="postgresql://me:secret@127.0.0.1:9/none",
                meili_url="http://127.0.0.1:9",
            )
        ),
        20,
    )
    assert seen.stock == [Stock("cars")]
    assert seen.jobs == []
    assert "secret" not in text_of(seen) + str(seen.as_json())
    assert "it with `showroom up`" in text_of(seen)


def test_a_server_is_shown_without_user_password_and_query(settings):
    shown = {part.name: part for part in parts(settings)}
    assert shown["valkey"] == Part("valkey", "configured", "redis://127.0.0.1:9")
    assert shown["postgres"].where.startswith("/")
    assert shown["worker"] == Part("worker", "stopped", "")


def test_a_server_that_was_started_and_ended_is_stopped_and_not_configured(settings):
    settings = settings.model_copy(update={"market_url": "http://127.0.0.1:9"})
    running.private_folder(settings.home, "run")
    running.write_addresses(settings.home, {}, ["valkey", "market"])
    shown = {part.name: part.state for part in parts(settings)}
    assert (shown["valkey"], shown["market"]) == ("stopped", "stopped")
    assert (shown["postgres"], shown["search"]) == ("configured", "configured")


def test_the_table_fits_a_narrow_terminal():
    seen = Overview(
        running=True,
        pid=7,
        address="http://127.0.0.1:8000",
        parts=[Part("postgres", "running", "/a/very/long/way/to/a/folder" * 4, 12)],
        stock=[Stock("cars", 12_000, 11_950, 0.44, 50)],
    )
    shown = text_of(seen, width=60)
    assert all(len(line) <= 60 for line in shown.splitlines())
    assert "postgres   running" in shown
    assert shown.rstrip().endswith("Open http://127.0.0.1:8000")
    row = next(line.split() for line in shown.splitlines() if "cars" in line)
    assert row == ["cars", "12,000", "11,950", "50", "0.4", "s"]
