"""What is told of sources and jobs."""

from jobs import reports


async def test_jobs_are_counted_by_kind_and_state_with_the_longest_wait(db):
    await db.execute(
        """
        INSERT INTO jobs (kind, key, state, run_at, finished_at) VALUES
            ('crawl', 'a', 'queued', now() - interval '90 s', NULL),
            ('crawl', 'b', 'queued', now() - interval '30 s', NULL),
            ('crawl', 'c', 'running', now() - interval '900 s', NULL),
            ('crawl', 'd', 'failed', now(), now()), ('crawl', 'd', 'failed', now(), now()),
            ('verify', 'cars', 'queued', now() + interval '1 h', NULL)
        """
    )
    told = {(row["kind"], row["state"]): row for row in await reports.job_counts(db)}
    assert {key: row["jobs"] for key, row in told.items()} == {
        ("crawl", "queued"): 2,
        ("crawl", "running"): 1,
        ("crawl", "failed"): 2,
        ("verify", "queued"): 1,
    }
    assert 90 <= told["crawl", "queued"]["due"] < 900
    assert [row["due"] for key, row in told.items() if key != ("crawl", "queued")] == [0, 0, 0]


async def test_a_source_says_when_it_was_last_read_whole(db):
    await db.execute(
        """
        INSERT INTO sources (name, vertical, start_url, parser) VALUES
            ('lot', 'cars', 'https://lot.example/', 'cars_com'),
            ('new', 'cars', 'https://new.example/', 'cars_com');
        INSERT INTO runs (source, state, finished_at) VALUES
            ('lot', 'done', '2026-02-01'), ('lot', 'done', '2026-02-02'),
            ('lot', 'failed', '2026-02-03');
        """
    )
    lot, new = await reports.sources(db)
    assert f"{lot['done_at']:%F} {lot['run_state']}" == "2026-02-02 failed"
    assert (new["done_at"], new["run_state"]) == (None, None)
