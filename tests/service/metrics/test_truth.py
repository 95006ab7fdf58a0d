"""What Postgres knows, and what is told while it is away."""

import asyncio
import socket
import time

import pytest

from catalog.sync import STATES
from config.settings import Settings
from jobs import sync_reports, unmade
from service.metrics import truth
from service.metrics.truth import Truth
from tests.service.metrics.conftest import scrape

AWAY = "http://127.0.0.1:9"

FILL = """
    INSERT INTO generations (id, vertical, state, view_digest, settings_digest, documents, total)
        VALUES (1, 'cars', 'old', '', '', 9, 9), (2, 'cars', 'live', '', '', 9, 9),
        (3, 'cars', 'loading', '', '', 4, 12);
    INSERT INTO batches (generation_id, epoch, operation, documents, after_task)
        VALUES (3, 1, 'upsert', '{}', 0);
    INSERT INTO pending (generation_id, document, since)
        VALUES (2, 'A', now() - interval '90 s'), (3, 'A', now()), (3, 'B', now());
    INSERT INTO dead_letters (generation_id, document, error) VALUES (2, 'X', 'no');
    INSERT INTO writers (vertical, heartbeat_at) VALUES ('cars', '2026-02-04Z');
    INSERT INTO jobs (kind, key, state, run_at, result, finished_at) VALUES
        ('repair', 'cars', 'done', now(),
            '{"documents": 9, "differing": 2, "refused": false}', '2026-02-05Z'),
        ('crawl', 'lot', 'queued', now() - interval '60 s', NULL, NULL),
        ('crawl', 'old', 'failed', now(), NULL, now());
    INSERT INTO sources (name, vertical, start_url, parser, next_run_at, enabled) VALUES
        ('lot', 'cars', '', '', '2026-02-06Z', true), ('off', 'cars', '', '', now(), false),
        ('new', 'cars', '', '', '2026-02-06Z', true);
    INSERT INTO runs (source, state, started_at, finished_at, items, drift) VALUES
        ('lot', 'done', '2026-02-01Z', '2026-02-02Z', 20, '[]'),
        ('lot', 'suspicious', '2026-02-03Z', '2026-02-03Z', 5, '[{"field": "price"}]');
    INSERT INTO breakers (source, until) VALUES ('lot', now() + interval '1 h');
"""

BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

DAY = 86_400
FIRST = 1_769_904_000  # 2026-02-01


def test_everything_is_told_that_the_rows_say(serve, postgres_url, execute):
    execute(FILL)
    settings = Settings(meili_url=AWAY, database_url=postgres_url, admin_key="s3cret")
    with serve(settings) as client:
        told = scrape(client)
    assert 90 <= told.pop('showroom_sync_lag_seconds{vertical="cars"}') < 90 + 600
    assert 60 <= told.pop('showroom_jobs_waiting_seconds{kind="crawl"}') < 60 + 600
    states = {
        state: told.pop(f'showroom_generations{{state="{state}",vertical="cars"}}')
        for state in STATES
    }
    assert {state: count for state, count in states.items() if count} == {
        "old": 1,
        "live": 1,
        "loading": 1,
    }
    own = ("showroom_http", "showroom_search", "showroom_api", "showroom_cache", "showroom_rate")
    apart = (*own, "showroom_analytics")
    assert {name: value for name, value in told.items() if not name.startswith(apart)} == {
        "showroom_database_up": 1,
        "showroom_sync_outbox_rows": 0,
        'showroom_sync_pending_documents{state="old",vertical="cars"}': 0,
        'showroom_sync_pending_documents{state="live",vertical="cars"}': 1,
        'showroom_sync_pending_documents{state="loading",vertical="cars"}': 2,
        'showroom_sync_open_batches{state="old",vertical="cars"}': 0,
        'showroom_sync_open_batches{state="live",vertical="cars"}': 0,
        'showroom_sync_open_batches{state="loading",vertical="cars"}': 1,
        'showroom_dead_letters{vertical="cars"}': 1,
        'showroom_reindex_documents{vertical="cars"}': 4,
        'showroom_reindex_expected_documents{vertical="cars"}': 12,
        'showroom_reindex_refused{vertical="cars"}': 0,
        'showroom_reindex_again_timestamp_seconds{vertical="cars"}': 0,
        'showroom_indexer_heartbeat_timestamp_seconds{vertical="cars"}': FIRST + 3 * DAY,
        'showroom_verify_timestamp_seconds{vertical="cars"}': FIRST + 4 * DAY,
        'showroom_verify_documents{vertical="cars"}': 9,
        'showroom_verify_differing_documents{vertical="cars"}': 2,
        'showroom_verify_repaired{vertical="cars"}': 1,
        'showroom_jobs{kind="repair",state="done"}': 1,
        'showroom_jobs{kind="crawl",state="queued"}': 1,
        'showroom_jobs{kind="crawl",state="failed"}': 1,
        'showroom_source_last_run_state{source="lot",state="suspicious"}': 1,
        'showroom_source_last_run_timestamp_seconds{source="lot"}': FIRST + 2 * DAY,
        'showroom_source_last_run_offers{source="lot"}': 5,
        'showroom_source_last_done_timestamp_seconds{source="lot"}': FIRST + DAY,
        'showroom_source_next_run_timestamp_seconds{source="lot"}': FIRST + 5 * DAY,
        'showroom_source_breaker_open{source="lot"}': 1,
        'showroom_source_suspicious{source="lot"}': 1,
        'showroom_source_drifting_fields{source="lot"}': 1,
        'showroom_source_next_run_timestamp_seconds{source="new"}': FIRST + 5 * DAY,
        'showroom_source_breaker_open{source="new"}': 0,
        'showroom_source_suspicious{source="new"}': 0,
        'showroom_source_drifting_fields{source="new"}': 0,
    }


@pytest.mark.parametrize(
    ("refused", "again"), [(True, 0), (False, FIRST + unmade.WITHOUT_SECONDS[0])]
)
async def test_an_index_that_was_not_made_is_told(postgres_url, execute, refused, again):
    await asyncio.to_thread(
        execute,
        "INSERT INTO generations (id, vertical, state, view_digest, settings_digest, refused,"
        f" finished_at) VALUES (99, 'cars', 'failed', 'another', '', {refused}, '2026-02-01Z')",
    )
    await asyncio.to_thread(execute, "UPDATE generations SET state = 'old' WHERE state = 'live'")
    one = Truth()
    async with one.opened(postgres_url):
        numbers = await one.numbers()
    assert numbers["showroom_reindex_refused", "cars"] == [refused]
    assert numbers["showroom_reindex_again_timestamp_seconds", "cars"] == [again]
    await asyncio.to_thread(execute, "DELETE FROM generations WHERE id = 99")


@pytest.mark.parametrize("silent", [False, True])
def test_without_postgres_the_rest_is_told_in_time(serve, silent, monkeypatch):
    monkeypatch.setattr(truth, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1] if silent else 9  # this one takes calls and says nothing
        url = f"postgresql://me:secret@127.0.0.1:{port}/none"
        settings = Settings(meili_url=AWAY, database_url=url, admin_key="s3cret")
        with serve(settings) as client:
            began = time.monotonic()
            told = scrape(client)
    assert time.monotonic() - began < 9  # a connection alone would be waited for 10 s
    assert told["showroom_database_up"] == 0
    assert told["showroom_api_workers"] == 1
    assert [name for name in told if name.startswith("showroom_sync")] == []


async def test_postgres_is_asked_once_for_all_and_not_again_within_seconds(
    postgres_url, monkeypatch
):
    asked = []
    behind = sync_reports.behind

    async def count(db):
        asked.append(db)
        return await behind(db)

    monkeypatch.setattr(sync_reports, "behind", count)
    monkeypatch.setattr(truth, "REMEMBERED_SECONDS", 3600)
    one = Truth()
    async with one.opened(postgres_url):
        first = await asyncio.gather(*(one.numbers() for _ in range(20)))
        assert await one.numbers() == first[0]
        assert len(asked) == 1
        monkeypatch.setattr(truth, "REMEMBERED_SECONDS", 0)
        one._until = 0
        await one.numbers()
        await one.numbers()
    assert len(asked) == 3


async def test_a_connection_that_broke_is_made_again(postgres_url, execute, monkeypatch):
    monkeypatch.setattr(truth, "REMEMBERED_SECONDS", 0)
    one = Truth()
    async with one.opened(postgres_url):
        assert (await one.numbers())[truth.UP] == [1]
        await asyncio.to_thread(execute, BREAK)
        end = time.monotonic() + 60
        while (await one.numbers())[truth.UP] != [1]:
            assert time.monotonic() < end
