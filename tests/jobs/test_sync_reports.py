"""What is told of an index, from rows of every kind."""

from datetime import UTC, datetime

import pytest

from jobs import sync_reports
from jobs.sync_reports import Verified

WAITING = """
    INSERT INTO generations (id, vertical, state, view_digest, settings_digest, documents, total)
        VALUES (1, 'cars', 'dropped', '', '', 0, 0), (2, 'cars', 'live', '', '', 9, 9),
        (3, 'cars', 'loading', '', '', 4, 9);
    INSERT INTO batches (id, generation_id, epoch, operation, documents, state, after_task) VALUES
        (1, 2, 1, 'upsert', '{B}', 'open', 0), (2, 2, 1, 'upsert', '{C}', 'given_up', 0);
    INSERT INTO pending (generation_id, document, since, bulk, suspect, batch_id) VALUES
        (3, 'A', now() - interval '10 s', false, NULL, NULL);
"""
OLDEST = {
    "waits": "INSERT INTO pending (generation_id, document, since)"
    " VALUES (2, 'A', now() - interval '60 s')",
    "bulk": "INSERT INTO pending (generation_id, document, since, bulk)"
    " VALUES (2, 'A', now() - interval '60 s', true)",
    "sent": "INSERT INTO pending (generation_id, document, since, batch_id)"
    " VALUES (2, 'A', now() - interval '60 s', 1)",
    "suspect": "INSERT INTO pending (generation_id, document, since, suspect)"
    " VALUES (2, 'A', now() - interval '60 s', 1)",
    "unclaimed": "INSERT INTO outbox (kind, key, at)"
    " VALUES ('listing', 'A', now() - interval '60 s')",
}


async def behind(db) -> dict[int, dict]:
    return {row["generation"]: row for row in await sync_reports.behind(db)}


@pytest.mark.parametrize("oldest", OLDEST)
async def test_lag_is_the_age_of_what_waits_for_longest_whatever_it_is(db, oldest):
    await db.execute(WAITING + OLDEST[oldest])
    told = await behind(db)
    shared = int(oldest == "unclaimed")  # by all generations
    assert {number: (row["pending"], row["unclaimed"]) for number, row in told.items()} == {
        2: (1 - shared, shared),
        3: (1, shared),
    }
    assert 60 <= told[2]["lag_seconds"] < 120
    assert told[3]["lag_seconds"] >= 10
    assert (told[3]["lag_seconds"] >= 60) == bool(shared)
    assert [told[2]["state"], told[3]["state"]] == ["live", "loading"]
    assert (told[3]["documents"], told[3]["total"]) == (4, 9)
    assert [told[2]["open_batches"], told[3]["open_batches"]] == [1, 0]


async def test_what_does_not_wait_has_no_lag(db):
    await db.execute(WAITING)
    assert (await behind(db))[2]["lag_seconds"] == 0


async def test_a_long_queue_is_not_counted_but_estimated(db, monkeypatch):
    monkeypatch.setattr(sync_reports, "COUNTED_UP_TO", 10)
    monkeypatch.setattr(sync_reports, "OLDEST", 5)
    await db.execute(WAITING)
    await db.execute(
        "INSERT INTO outbox (kind, key, at) SELECT 'listing', n, now() - interval '60 s' * (40 - n)"
        " FROM generate_series(1, 40) n"
    )
    await db.execute(
        "INSERT INTO pending (generation_id, document, since)"
        " SELECT 2, n, now() FROM generate_series(1, 25) n"
    )
    assert (await behind(db))[2]["pending"] >= 10  # nothing was estimated yet
    await db.execute("ANALYZE pending")
    live = (await behind(db))[2]
    assert (live["unclaimed"], live["pending"]) == (40, 25)
    assert live["lag_seconds"] >= 60 * 39
    assert (await behind(db))[3]["pending"] == 1


async def test_of_two_long_queues_each_has_its_own_share(db, monkeypatch):
    monkeypatch.setattr(sync_reports, "COUNTED_UP_TO", 10)
    await db.execute(WAITING)
    for generation, rows in ((2, 300), (3, 99)):
        await db.execute(
            "INSERT INTO pending (generation_id, document, since)"
            " SELECT $1, n, now() FROM generate_series(1, $2::int) n",
            generation,
            rows,
        )
    await db.execute("ANALYZE pending")
    told = await behind(db)
    assert (told[2]["pending"], told[3]["pending"]) == (300, 100)


async def test_generations_are_counted_by_state(db):
    await db.execute(WAITING)
    told = {row["state"]: row["generations"] for row in await sync_reports.generations(db)}
    assert told == {"dropped": 1, "live": 1, "loading": 1}


async def test_dead_letters_are_those_of_the_live_index(db):
    assert await sync_reports.dead_letters(db) == {}
    await db.execute(WAITING)
    assert await sync_reports.dead_letters(db) == {"cars": 0}
    await db.execute(
        "INSERT INTO dead_letters (generation_id, document, error)"
        " VALUES (1, 'A', 'no'), (2, 'A', 'no'), (2, 'B', 'no')"
    )
    assert await sync_reports.dead_letters(db) == {"cars": 2}


async def test_the_last_comparison_counts_also_when_it_repaired(db):
    done = """
        INSERT INTO jobs (kind, key, state, result, finished_at) VALUES
            ('verify', 'cars', 'done', '{"documents": 9, "differing": 2}', '2026-02-03'),
            ('repair', 'cars', 'done',
                '{"documents": 8, "differing": 1, "refused": false}', '2026-02-04'),
            ('verify', 'cars', 'failed', NULL, '2026-02-05')
    """
    assert await sync_reports.verified(db) == {}
    await db.execute(done)
    at = datetime(2026, 2, 4, tzinfo=UTC)
    assert await sync_reports.verified(db) == {"cars": Verified(at, 8, 1, repaired=True)}


async def test_heartbeats_are_those_of_writers_that_lived(db):
    await db.execute(
        "INSERT INTO writers (vertical, heartbeat_at) VALUES ('cars', '2026-02-04'), ('new', NULL)"
    )
    at = datetime(2026, 2, 4, tzinfo=UTC)
    assert await sync_reports.heartbeats(db) == {"cars": at}
