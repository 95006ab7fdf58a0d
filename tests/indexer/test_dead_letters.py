"""What the search server refuses is listed, tried again and forgotten on request."""

import json

import pytest

from catalog.cars import CARS
from indexer import dead_letters, failures, generations, reindex
from indexer.claim import claim

POISON = "no id for an engine!"
OTHER = "nor is this one?"


@pytest.fixture
async def refused(stage):
    """An index of A and B in which POISON is a dead letter."""
    await stage.add("A", "B", POISON)
    async with stage.indexing():
        await stage.settled()


async def _letter(stage):
    [row] = await dead_letters.listed(stage.db, CARS, 10)
    return row


async def test_a_letter_says_since_when_how_often_and_why(stage, refused):
    row = await _letter(stage)
    assert (row["document"], row["attempts"], row["waiting"]) == (POISON, 1, False)
    assert row["generations"] == [(await stage.live()).id]
    assert row["since"] == row["tried_at"]
    assert "invalid" in row["error"]


async def test_one_that_is_refused_again_keeps_its_first_time_and_counts(stage, refused):
    before = await _letter(stage)
    async with stage.indexing():
        await stage.settled()
        assert await dead_letters.retry(stage.db, CARS, None) == [POISON]
        await stage.settled()
    row = await _letter(stage)
    assert (row["attempts"], row["since"]) == (2, before["since"])
    assert row["tried_at"] > before["tried_at"]


async def test_a_letter_is_tried_alone_so_that_no_other_fails_with_it(stage, refused):
    await stage.add("C")
    await dead_letters.retry(stage.db, CARS, [POISON])
    async with stage.leased() as lease:
        await claim(lease, CARS)
    rows = await stage.db.fetch("SELECT document, suspect FROM pending ORDER BY document")
    assert [tuple(row) for row in rows] == [("C", None), (POISON, 1)]


async def test_one_whose_fault_is_gone_arrives_when_it_is_tried_again(stage, refused):
    await stage.db.execute("UPDATE dead_letters SET document = 'B'")
    await stage.engine.wait(
        (await stage.engine.call("DELETE", "/indexes/cars/documents/B"))["taskUid"]
    )
    async with stage.indexing():
        await dead_letters.retry(stage.db, CARS, ["B"])
        await stage.settled()
        assert set(await stage.indexed()) == {"A", "B"}
    assert await dead_letters.listed(stage.db, CARS, 10) == []


async def test_what_is_about_to_be_tried_does_not_keep_the_sender_stopped(
    stage, refused, monkeypatch
):
    monkeypatch.setattr(failures, "DEAD_LETTERS_ALLOWED", 1)
    live = await stage.live()
    with pytest.raises(failures.TooManyDeadLetters, match="dead-letters list cars"):
        await failures.allow(stage.db, live)
    await dead_letters.retry(stage.db, CARS, None)
    async with stage.leased() as lease:
        await claim(lease, CARS)
    await failures.allow(stage.db, live)


async def test_too_many_of_them_fail_the_coming_generation_and_not_the_live_one(
    stage, refused, monkeypatch
):
    monkeypatch.setattr(failures, "DEAD_LETTERS_ALLOWED", 2)
    live = await stage.live()
    await stage.db.execute("UPDATE generations SET view_digest = 'another'")
    await stage.db.execute("INSERT INTO listings (key, active) VALUES ($1, true)", OTHER)
    async with stage.indexing():
        failed = "SELECT error FROM generations WHERE state = 'failed'"
        await stage.until(lambda: stage.db.fetchval(failed))
        assert "refuses 2 documents of cars" in await stage.db.fetchval(failed)
        assert (await stage.live()).id == live.id


async def test_tasks_that_fail_again_and_again_fail_the_coming_generation(stage, monkeypatch):
    monkeypatch.setattr(reindex, "TASKS_FAILED", 3)
    async with stage.leased() as lease:
        writer = stage.writer(lease)

        async def coming():
            await writer.step()
            return await stage.db.fetchval("SELECT count(*) FROM generations")

        await stage.until(coming)
        [generation] = await generations.followed(stage.db, "cars")
        writer._sender.troubles[generation.id] = (3, "no space left on device")

        async def given_up():
            await writer.step()
            return await stage.db.fetchval("SELECT error FROM generations WHERE state = 'failed'")

        await stage.until(given_up)
        assert await given_up() == "3 tasks failed, the last one: no space left on device"


async def test_the_commands_list_show_retry_and_drop(stage, refused, showroom):
    status, said = await showroom("dead-letters", "list", "cars")
    assert status == 0
    assert POISON in said
    status, said = await showroom("dead-letters", "show", "cars", POISON, "--json")
    letter = json.loads(said)
    assert (letter["attempts"], letter["body"]["id"]) == (1, POISON)
    status, said = await showroom("dead-letters", "retry", "cars", POISON)
    assert (status, said) == (0, "1 document is sent again.\n")
    assert await stage.db.fetchval("SELECT key FROM outbox") == POISON
    status, said = await showroom("dead-letters", "drop", "cars", "--all", "--json")
    assert (status, json.loads(said)) == (0, {"documents": [POISON]})
    status, said = await showroom("dead-letters", "list", "cars")
    assert (status, said) == (0, "No document of cars is refused.\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["retry", "cars"], "Name the documents, or say --all."),
        (["drop", "cars", "A", "--all"], "Name the documents, or say --all."),
        (["show", "cars", "A"], "No dead letter of cars: A;"),
        (["retry", "cars", "A"], "No dead letter of cars: A;"),
        (["list", "boats"], "There is no vertical boats; there is: cars."),
    ],
)
async def test_what_cannot_be_done_is_told_in_a_sentence(stage, showroom, words, sentence):
    status, said = await showroom("dead-letters", *words)
    assert status == 1
    assert sentence in said
