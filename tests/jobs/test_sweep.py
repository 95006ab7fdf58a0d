from datetime import UTC, datetime, timedelta

from jobs import rows, sweep

SOURCE = (
    "INSERT INTO sources (name, vertical, start_url, parser, every, next_run_at, enabled)"
    " VALUES ($1, 'cars', 'http://127.0.0.1/', 'cards', 600, now() + $2, $3)"
)


async def add(pool, name, due=timedelta(0), *, enabled=True):
    await pool.execute(SOURCE, name, due, enabled)


async def test_due_sources_are_enqueued_once_and_get_their_next_time(pool):
    await add(pool, "due")
    await add(pool, "later", timedelta(hours=1))
    await add(pool, "off", enabled=False)
    assert await sweep.schedule(pool) == ["due"]
    assert await sweep.schedule(pool) == []
    found = await pool.fetch("SELECT kind, key, state FROM jobs")
    assert [tuple(row) for row in found] == [("crawl", "due", "queued")]
    next_run = await pool.fetchval("SELECT next_run_at FROM sources WHERE name = 'due'")
    assert abs(next_run - datetime.now(UTC) - timedelta(seconds=600)) < timedelta(seconds=30)


async def test_a_source_with_a_schedule_is_due_at_its_next_time(pool):
    await add(pool, "nightly", timedelta(days=-3))
    await pool.execute("UPDATE sources SET every = NULL, schedule = '30 3 * * *'")
    assert await sweep.schedule(pool) == ["nightly"]
    next_run = await pool.fetchval("SELECT next_run_at FROM sources")
    assert (next_run.hour, next_run.minute) == (3, 30)
    assert timedelta(0) < next_run - datetime.now(UTC) <= timedelta(days=1)


async def test_a_source_missed_for_days_is_crawled_once(pool):
    await add(pool, "late", timedelta(days=-3))
    assert await sweep.schedule(pool) == ["late"]
    assert await sweep.schedule(pool) == []


async def test_a_job_whose_every_attempt_lost_its_worker_has_failed(pool):
    number = await rows.enqueue(pool, "crawl", "deadly")
    for attempt in range(1, 6):
        assert await sweep.bury(pool) == 0
        job = await rows.claim(pool, ["crawl"], "me")
        assert job.attempts == attempt
        await pool.execute("UPDATE jobs SET lease_until = now() - interval '1 s'")
    assert await rows.claim(pool, ["crawl"], "me") is None
    assert not await sweep.waiting(pool, ["crawl"])
    assert await sweep.bury(pool) == 1
    row = await pool.fetchrow("SELECT state, error FROM jobs WHERE id = $1", number)
    assert row["state"] == "failed"
    assert "lost" in row["error"]


async def test_a_run_is_closed_when_its_job_ended_without_it(pool):
    await add(pool, "lot")
    insert = "INSERT INTO runs (source, job_id) VALUES ('lot', $1) RETURNING id"
    number = await rows.enqueue(pool, "crawl", "lot")
    run = await pool.fetchval(insert, number)
    job = await rows.claim(pool, ["crawl"], "me")
    assert await sweep.close_runs(pool) == 0
    await rows.refuse(pool, job, "It took longer than a day.")
    assert await sweep.close_runs(pool) == 1
    row = await pool.fetchrow("SELECT * FROM runs WHERE id = $1", run)
    assert (row["state"], row["error"]) == ("failed", "It took longer than a day.")
    await pool.execute(insert, None)  # an import has no job
    assert await sweep.close_runs(pool) == 0


async def test_jobs_that_ended_two_weeks_ago_are_forgotten_a_few_at_a_time(pool, monkeypatch):
    monkeypatch.setattr(sweep, "MOST_FORGOTTEN", 2)
    for number in range(5):
        await rows.enqueue(pool, "crawl", f"old-{number}")
        await rows.finish(pool, await rows.claim(pool, ["crawl"], "me"), {})
    await pool.execute("UPDATE jobs SET finished_at = now() - interval '15 days'")
    await rows.enqueue(pool, "crawl", "new")
    await rows.finish(pool, await rows.claim(pool, ["crawl"], "me"), {})
    await rows.enqueue(pool, "crawl", "waiting")
    assert [await sweep.forget(pool) for _ in range(4)] == [2, 2, 1, 0]
    left = await pool.fetch("SELECT key FROM jobs ORDER BY id")
    assert [row["key"] for row in left] == ["new", "waiting"]


PAGE = (
    "INSERT INTO pages (source, run_id, url, fetched_at, status, hash, body, size, reader, said)"
    " VALUES ($1, 1, $2, now() - $3::interval, 200, '', '', $4, '', '{}')"
)


async def kept(pool):
    return [row["url"] for row in await pool.fetch("SELECT url FROM pages ORDER BY id")]


async def test_pages_that_are_too_old_are_deleted_a_few_at_a_time(pool, monkeypatch):
    monkeypatch.setattr(sweep, "MOST_PAGES", 2)
    for number, days in enumerate([20, 19, 18, 3, 0]):
        await pool.execute(PAGE, "lot", str(number), timedelta(days=days), 1)
    assert [await sweep.trim_pages(pool, 14, 100) for _ in range(3)] == [2, 1, 0]
    assert await kept(pool) == ["3", "4"]


async def test_each_source_keeps_the_newest_of_its_pages(pool):
    for number in range(5):
        await pool.execute(PAGE, "big", f"big-{number}", timedelta(0), 400_000)
        await pool.execute(PAGE, "small", f"small-{number}", timedelta(0), 100_000)
    assert await sweep.trim_pages(pool, 14, 1) == 3
    assert await sweep.trim_pages(pool, 14, 1) == 0
    left = await kept(pool)
    assert [url for url in left if url.startswith("big")] == ["big-3", "big-4"]
    assert len(left) == 7


async def test_waiting_sees_due_jobs_and_lost_leases_only(pool):
    assert not await sweep.waiting(pool, ["crawl"])
    await rows.enqueue(pool, "crawl", "a", run_at=datetime.now(UTC) + timedelta(hours=1))
    assert not await sweep.waiting(pool, ["crawl"])
    await rows.enqueue(pool, "crawl", "a")
    assert await sweep.waiting(pool, ["crawl"])
    await rows.claim(pool, ["crawl"], "me")
    assert not await sweep.waiting(pool, ["crawl"])
    await pool.execute("UPDATE jobs SET lease_until = now() - interval '1 s'")
    assert await sweep.waiting(pool, ["crawl"])
