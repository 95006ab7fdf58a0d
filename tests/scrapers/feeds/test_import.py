"""Imports into a real Postgres."""

import asyncio
import csv
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import asyncpg
import orjson
import pytest
import ultravin

from catalog.cars import OfferRow
from config.settings import load as configured
from scrapers.feeds import loading
from scrapers.feeds.columns import recognise
from scrapers.feeds.importing import Outcome, import_table, source_name
from scrapers.feeds.loading import Progress
from scrapers.feeds.opening import FeedError, open_feed
from scrapers.feeds.tables import SAMPLE_ROWS, read_table
from scrapers.normalise import normalise
from scrapers.normalise.draft import Draft

ROWS = [["Kia", f"Rio {n}", "2020", str(9_000 + n), str(n * 100), "60601"] for n in range(50)]
HEADER = ["make", "model", "year", "price", "mileage", "zip"]


def write(path: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


async def load(
    url: str,
    path: Path,
    source: str,
    should_stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Outcome:
    with open_feed(str(path)) as feed:
        table = read_table(feed)
        settings = configured(database_url=url, home=path.parent)
        return await import_table(
            settings, feed, table, recognise(table), "cars", source, should_stop, on_progress
        )


async def query(url: str, sql: str, *args: Any) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql, *args)]
    finally:
        await connection.close()


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    done = outcome.progress
    return done.new, done.changed, done.unchanged, done.refused.total()


async def test_a_file_without_vins_is_imported_and_the_second_time_unchanged(
    postgres_url: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "lot.csv", ROWS)
    first = await load(postgres_url, path, "twice")
    assert (first.state, counts(first)) == ("done", (50, 0, 0, 0))
    again = await load(postgres_url, path, "twice")
    assert (again.state, counts(again)) == ("done", (0, 0, 50, 0))
    listings = await query(
        postgres_url,
        "SELECT count(*), min(price), max(price), min(lat) FROM listings"
        " WHERE source = 'twice' AND active",
    )
    assert listings == [(50, 9_000, 9_049, 41.8858)]


async def test_a_new_price_changes_one_and_a_missing_row_stays(
    postgres_url: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "lot.csv", ROWS)
    await load(postgres_url, path, "prices")
    cheaper = [*ROWS[0][:3], "8500", *ROWS[0][4:]]
    write(path, [cheaper, *ROWS[1:10], ["Ford", "Ka", "2019", "4000", "5", "60601"]])
    assert counts(await load(postgres_url, path, "prices")) == (1, 1, 9, 0)
    assert await query(
        postgres_url, "SELECT count(*) FROM listings WHERE source = 'prices' AND active"
    ) == [(51,)]
    assert await query(
        postgres_url, "SELECT price, price_drop FROM listings WHERE price_drop IS NOT NULL"
    ) == [(8_500, 500)]


async def test_a_car_that_is_no_longer_available_leaves_search(
    postgres_url: str, tmp_path: Path
) -> None:
    header = ["vehicle_id", *HEADER, "availability"]

    def rows(*said: str) -> list[list[str]]:
        return [[str(n), *ROWS[n], word] for n, word in enumerate(said)]

    path = write(tmp_path / "meta.csv", rows("AVAILABLE", "PENDING", "NOT_AVAILABLE"), header)
    first = await load(postgres_url, path, "meta")
    assert (counts(first), first.progress.unavailable) == ((2, 0, 0, 0), 1)
    path = write(path, rows("NOT_AVAILABLE", "AVAILABLE", "AVAILABLE"), header)
    again = await load(postgres_url, path, "meta")
    assert (counts(again), again.progress.unavailable) == ((1, 0, 1, 0), 1)
    live = "SELECT external_id FROM offers WHERE source = 'meta' AND active ORDER BY 1"
    assert await query(postgres_url, live) == [("1",), ("2",)]
    assert await query(postgres_url, "SELECT gone FROM runs WHERE id = $1", again.run_id) == [(1,)]


async def test_equal_rows_are_offers_of_their_own(postgres_url: str, tmp_path: Path) -> None:
    path = write(tmp_path / "lot.csv", [ROWS[0]] * 3)
    assert counts(await load(postgres_url, path, "equal")) == (3, 0, 0, 0)
    assert counts(await load(postgres_url, path, "equal")) == (0, 0, 3, 0)


async def test_one_vin_at_two_places_is_one_listing_with_two_offers(
    postgres_url: str, tmp_path: Path
) -> None:
    vin = ultravin.generate(1, seed=3, make="Honda", vehicle_type=2, invalid_rate=0)[0]
    rows = [["1", vin, "Honda", "9000"], ["2", vin, "Honda", "8000"]]
    path = write(tmp_path / "lot.csv", rows, ["id", "vin", "make", "price"])
    assert counts(await load(postgres_url, path, "two")) == (2, 0, 0, 0)
    assert await query(postgres_url, "SELECT offers, price FROM listings WHERE key = $1", vin) == [
        (2, 8_000)
    ]


async def test_refused_rows_are_kept_with_line_and_reason(
    postgres_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "lot.csv"
    path.write_text("id,vin,make,price\n1,,Kia,1000\n2,IOQ,Kia,1000\n1,,Ford,1\n4,,,500\n5,Kia\n")
    outcome = await load(postgres_url, path, "refused")
    assert counts(outcome) == (1, 0, 0, 4)
    assert outcome.refused_file is not None
    with outcome.refused_file.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["refused_line"], row["refused_code"], row["id"]) for row in rows] == [
        ("3", "vin/form", "2"),
        ("4", "key/repeated", "1"),
        ("5", "car/unnamed", "4"),
        ("6", "row/ragged", "5"),
    ]
    assert all(row["refused_reason"].endswith(".") for row in rows)
    assert await query(
        postgres_url,
        "SELECT state, items, new, failed, problems FROM runs WHERE source = 'refused'",
    ) == [
        (
            "done",
            5,
            1,
            4,
            json.dumps({"vin/form": 1, "row/ragged": 1, "car/unnamed": 1, "key/repeated": 1}),
        )
    ]


async def test_refused_lines_of_json_stay_what_they_were(postgres_url: str, tmp_path: Path) -> None:
    path = tmp_path / "lot.jsonl"
    second = {"id": 1, "line": "RS", "specs": {"make": "VW"}, "photos": ["a", "b"]}
    path.write_text(f'{{"id": 1, "make": "Kia"}}\n{json.dumps(second)}\nnot json\n')
    outcome = await load(postgres_url, path, "lines")
    assert outcome.refused_file is not None
    assert outcome.refused_file.suffix == ".jsonl"
    kept = [orjson.loads(line) for line in outcome.refused_file.read_text().splitlines()]
    reasons = [row.pop("refused_reason") for row in kept]
    assert kept == [
        second | {"refused_line": 2, "refused_code": "key/repeated"},
        {"refused_text": "not json", "refused_line": 3, "refused_code": "row/json"},
    ]
    assert all(reason.endswith(".") for reason in reasons)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lot.jsonl", '{"id": 1, "make": "Kia"}\n{"id": 1, "specs": {"make": "VW"}}\n'),
        ("lot.csv", "id,make\n1,Kia\n1,VW\n"),
    ],
)
async def test_a_refused_row_that_was_corrected_is_imported_from_its_file(
    postgres_url: str, tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    source = f"again-{path.suffix[1:]}"
    refused = (await load(postgres_url, path, source)).refused_file
    assert refused is not None
    fixed = refused.read_text().replace('"id":1', '"id":2').replace(",1,VW", ",2,VW")
    refused.write_text(fixed)
    assert counts(await load(postgres_url, refused, source)) == (1, 0, 0, 0)
    found = await query(
        postgres_url, "SELECT external_id, make, year FROM offers WHERE source = $1", source
    )
    assert sorted(found) == [("1", "Kia", None), ("2", "Volkswagen", None)]


async def test_a_field_that_first_comes_in_a_late_line_is_not_lost(
    postgres_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "late.jsonl"
    cars = [{"id": n, "make": "Kia", "km": 10} for n in range(SAMPLE_ROWS)]
    late = {"id": "late", "make": "Kia", "asking_price": 9_000, "miles": 5, "zip": "60601"}
    cars += [late | {"doors": 4, "sku": "x"}, {"id": "last", "make": "Kia", "colour": "red"}]
    path.write_text("".join(json.dumps(car) + "\n" for car in cars))
    with open_feed(str(path)) as feed:
        table = read_table(feed)
        layout = recognise(table)
        outcome = await import_table(
            configured(database_url=postgres_url, home=tmp_path),
            feed,
            table,
            layout,
            "cars",
            "late",
            lambda: False,
            lambda _: None,
        )
    assert counts(outcome) == (SAMPLE_ROWS + 2, 0, 0, 0)
    assert await query(
        postgres_url,
        "SELECT external_id, price, mileage, zip, exterior_color FROM offers"
        " WHERE source = 'late' AND external_id IN ('late', 'last') ORDER BY 1 DESC",
    ) == [("late", 9_000, None, None, None), ("last", None, None, None, "red")]
    assert layout.late == {
        "asking_price": "price",
        "miles": None,  # this file counts kilometers
        "zip": None,
        "doors": None,
        "sku": None,
        "colour": "exterior_color",
    }
    assert layout.left_out == ["miles", "zip", "doors", "sku"]


async def test_a_stop_keeps_what_was_committed_and_the_next_import_adds_the_rest(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH", 10)
    path = write(tmp_path / "lot.csv", ROWS)
    seen: list[int] = []
    outcome = await load(
        postgres_url, path, "stopped", lambda: len(seen) == 2, lambda p: seen.append(p.rows)
    )
    assert (outcome.state, outcome.error) == ("stopped", "It was stopped after line 21.")
    assert seen == [10, 20]
    assert counts(outcome) == (20, 0, 0, 0)
    assert await query(
        postgres_url, "SELECT state, new, error FROM runs WHERE source = 'stopped'"
    ) == [("failed", 20, "It was stopped after line 21.")]
    assert counts(await load(postgres_url, path, "stopped")) == (30, 0, 20, 0)


async def test_an_import_that_is_cancelled_waits_for_the_thread_that_reads(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, finished = Event(), Event()

    def slow(draft: Draft) -> OfferRow:
        begun.set()
        time.sleep(0.5)
        finished.set()
        return normalise(draft)

    monkeypatch.setattr(loading, "normalise", slow)
    path = write(tmp_path / "lot.csv", ROWS)
    work = asyncio.create_task(load(postgres_url, path, "cancelled"))
    assert await asyncio.to_thread(begun.wait, 10)
    current = asyncio.current_task()
    for task in asyncio.all_tasks():  # as a second Ctrl-C does
        if task is not current:
            task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert finished.is_set()
    states = await query(postgres_url, "SELECT state FROM runs WHERE source = 'cancelled'")
    assert states == [("failed",)]


async def test_a_file_that_breaks_off_is_imported_until_there(
    postgres_url: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "lot.csv", ROWS)
    with path.open("a") as file:
        file.write("x" * 5_000_000)
    outcome = await load(postgres_url, path, "broken")
    assert (outcome.state, counts(outcome)) == ("failed", (50, 0, 0, 0))
    assert outcome.error is not None
    assert "longer than" in outcome.error


async def test_when_postgres_goes_away_it_says_how_far_it_was(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_: Progress) -> None:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        sql = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, query(postgres_url, sql)).result(10)

    monkeypatch.setattr(loading, "BATCH", 10)
    path = write(tmp_path / "lot.csv", ROWS)
    with pytest.raises(FeedError, match=r"went away after line 11\."):
        await load(postgres_url, path, "away", on_progress=cut)
    assert counts(await load(postgres_url, path, "away")) == (40, 0, 10, 0)


async def test_a_source_is_of_the_vertical_that_was_asked_for(
    postgres_url: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "lot.csv", ROWS[:1])
    with open_feed(str(path)) as feed:
        table = read_table(feed)
        await import_table(
            configured(database_url=postgres_url, home=tmp_path),
            feed,
            table,
            recognise(table),
            "boats",
            "harbor",
            lambda: False,
            lambda _: None,
        )
    found = await query(postgres_url, "SELECT vertical FROM sources WHERE name = 'harbor'")
    assert found == [("boats",)]


async def test_a_database_without_tables_is_told(postgres_url: str, tmp_path: Path) -> None:
    empty = re.sub(r"/test_\d+\?", "/postgres?", postgres_url)
    with pytest.raises(FeedError, match="has no tables yet"):
        await load(empty, write(tmp_path / "lot.csv", ROWS), "empty")


async def test_a_site_that_is_crawled_is_not_mixed_with_a_file(
    postgres_url: str, tmp_path: Path
) -> None:
    await query(
        postgres_url,
        "INSERT INTO sources (name, vertical, start_url, parser, every)"
        " VALUES ('site', 'cars', 'https://site.example', 'cars_com', 60)",
    )
    with pytest.raises(FeedError, match="choose another name with --source"):
        await load(postgres_url, write(tmp_path / "lot.csv", ROWS), "site")
    assert await query(
        postgres_url, "SELECT start_url, enabled FROM sources WHERE name = 'site'"
    ) == [("https://site.example", True)]


async def test_one_import_at_a_time_into_a_source(postgres_url: str, tmp_path: Path) -> None:
    path = write(tmp_path / "lot.csv", ROWS)
    refused = []

    def also(_: Progress) -> None:
        refused.append(True)

    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1, hashtext('busy'))", 0x5110_0002)
        with pytest.raises(FeedError, match="Another import into busy is running"):
            await load(postgres_url, path, "busy", on_progress=also)
    finally:
        await connection.close()
    assert refused == []
    assert (await load(postgres_url, path, "busy")).state == "done"


@pytest.mark.parametrize(
    ("given", "file", "name"),
    [
        (None, "My Lot (2026).csv.gz", "my-lot-2026"),
        (None, "standard input", "standard-input"),
        (None, "----.csv", "file"),
        ("lot-7", "x.csv", "lot-7"),
    ],
)
def test_a_source_is_named_after_its_file(given: str | None, file: str, name: str) -> None:
    assert source_name(given, file) == name


def test_a_bad_name_of_a_source_is_told() -> None:
    with pytest.raises(FeedError, match="cannot be called 'My Lot'"):
        source_name("My Lot", "x.csv")
