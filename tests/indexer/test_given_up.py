"""A generation that can never go live fails with its reason; one that may yet does not."""

from dataclasses import replace

import pytest

from catalog.cars import CARS
from engine.client import EngineAway
from indexer import documents, indexes, reindex, verify


async def test_a_gate_that_cannot_pass_fails_the_generation_and_says_why(stage, monkeypatch):
    await stage.add("A")
    monkeypatch.setattr(reindex.settings, "differences", lambda *_: ["stopWords"])
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        await stage.step_until(writer, "failed")
        error = await stage.db.fetchval("SELECT error FROM generations WHERE state = 'failed'")
        assert error == "the setting stopWords is not as wanted"
        for _ in range(5):
            await writer.step()
        job = await stage.db.fetchrow("SELECT state, error FROM jobs ORDER BY id")
        assert tuple(job) == ("failed", error)


HIDES = "The view half does not show active rows of listings (B, …)"


async def _half(stage, condition):
    """The vertical with a view that shows only some of its rows."""
    await stage.db.execute(
        f"CREATE OR REPLACE VIEW half AS SELECT * FROM cars_documents WHERE {condition}"
    )
    return replace(CARS, view="half")


async def _failed(stage):
    return await stage.db.fetchrow("SELECT * FROM generations WHERE state = 'failed'")


async def test_a_view_that_hides_active_rows_fails_the_generation_before_its_load(stage):
    await stage.add("A", "B")
    half = await _half(stage, "id <> 'B'")
    async with stage.leased() as lease:
        await stage.step_until(stage.writer(lease, half), "failed")
    failed = await _failed(stage)
    assert failed["error"].startswith(HIDES)
    assert (failed["documents"], failed["refused"]) == (0, False)


async def test_a_row_that_the_view_hides_since_the_load_fails_the_generation(stage):
    await stage.add("A", "B")
    half = await _half(stage, "(body->>'price')::int > 1")
    async with stage.leased() as lease:
        writer = stage.writer(lease, half)
        await stage.step_until(writer, "draining")
        await stage.db.execute("UPDATE listings SET price = 1 WHERE key = 'B'")
        await stage.step_until(writer, "failed")
    failed = await _failed(stage)
    assert failed["error"].startswith(HIDES)
    assert failed["documents"] == 2


async def test_a_document_that_is_never_as_it_was_sent_fails_the_generation(stage, monkeypatch):
    monkeypatch.setattr(verify, "LOOKS", 1)
    await stage.add("A")
    await stage.db.execute(
        "CREATE OR REPLACE VIEW dice AS SELECT id, random()::text AS digest, line, body"
        " FROM cars_documents"
    )
    async with stage.leased() as lease:
        await stage.step_until(stage.writer(lease, replace(CARS, view="dice")), "failed")
    assert (await _failed(stage))["error"] == "1 documents differ: A"


async def test_a_limit_of_time_that_is_reached_fails_the_generation(stage, monkeypatch):
    monkeypatch.setattr(documents, "CHECK_SECONDS", 0.2)
    await stage.add("A")
    await stage.db.execute(
        "CREATE OR REPLACE VIEW waits AS SELECT v.* FROM cars_documents v"
        " CROSS JOIN pg_advisory_xact_lock_shared(1)"
    )
    async with stage.leased() as lease, stage.db.acquire() as other:
        await other.execute("SELECT pg_advisory_lock(1)")
        await stage.step_until(stage.writer(lease, replace(CARS, view="waits")), "failed")
    assert (await _failed(stage))["error"].startswith("Postgres took more than 0 minutes")


async def test_a_postgres_that_is_away_fails_no_generation(stage, monkeypatch):
    seen = documents.check_view
    answers = iter([TimeoutError(), ConnectionResetError()])

    async def away(*asked):
        if (error := next(answers, None)) is not None:
            raise error
        await seen(*asked)

    monkeypatch.setattr(documents, "check_view", away)
    await stage.add("A")
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        for error in (TimeoutError, ConnectionResetError):
            with pytest.raises(error):
                await stage.step_until(writer, "live")
        await stage.step_until(writer, "live")


async def test_the_view_is_looked_at_once_before_a_load_and_once_behind_it(stage, monkeypatch):
    looks, away = [], iter([EngineAway("away"), EngineAway("away")])
    check, create = documents.check_view, indexes.create

    async def looked(*asked):
        looks.append(asked)
        await check(*asked)

    async def late(*asked):
        if (error := next(away, None)) is not None:
            raise error
        return await create(*asked)

    monkeypatch.setattr(documents, "check_view", looked)
    monkeypatch.setattr(indexes, "create", late)
    await stage.add("A")
    async with stage.leased() as lease:
        await stage.step_until(stage.writer(lease), "live")
    assert next(away, None) is None
    assert len(looks) == 2
