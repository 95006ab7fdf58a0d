"""`showroom reindex` and `showroom verify`, as people call them."""

import asyncio
import json

import pytest

from indexer import verify
from stack import asking


async def test_a_reindex_can_be_waited_for(stage, showroom):
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        status, said = await showroom("reindex", "cars", "--wait", "--json")
        assert status == 0
        assert json.loads(said.splitlines()[-1])["documents"] == 2
        assert "2 documents are live after" in said
        assert (await stage.live()).id > first.id


async def test_a_second_reindex_is_told_no(stage, showroom):
    assert (await showroom("reindex", "cars"))[0] == 0
    status, said = await showroom("reindex", "cars")
    assert status == 1
    assert "A reindex of cars is under way already; --wait shows it." in said


async def test_an_unknown_vertical_is_named(showroom):
    status, said = await showroom("verify", "boats")
    assert status == 1
    assert "There is no vertical boats; there is: cars." in said


async def test_verify_says_what_differs_and_exits_with_1(stage, showroom, monkeypatch):
    monkeypatch.setattr(verify, "LOOK_SECONDS", 0.05)
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
        status, said = await showroom("verify", "cars")
        assert (status, said.split()[:4]) == (0, ["documents", "2", "indexed", "2"])
        task = await stage.engine.call("POST", "/indexes/cars/documents/delete-batch", json=["A"])
        await stage.engine.wait(task["taskUid"])
        status, said = await showroom("verify", "cars", "--json")
        told = json.loads(said.splitlines()[0])
        assert (status, told["missing"], told["examples"]["missing"]) == (1, 1, ["A"])
        assert "Differing: 1. `showroom verify cars --repair` sends them again." in said
        status, said = await showroom("verify", "cars", "--repair")
        assert status == 0
        assert ["repaired", "1"] in [line.split() for line in said.splitlines()]
        await stage.settled()
        assert (await showroom("verify", "cars"))[0] == 0


async def test_nobody_waits_for_an_indexer_that_does_not_run(stage, showroom, monkeypatch):
    monkeypatch.setattr("stack.asking.NOBODY_SECONDS", 0.1)
    status, said = await showroom("reindex", "cars", "--wait")
    assert status == 1
    assert "No indexer runs" in said


async def test_ctrl_c_ends_the_waiting_and_not_the_reindex(stage, capsys):
    asked = await asking.ask(stage.db, "reindex", "cars", "The reindex")
    waiting = asyncio.create_task(asked.followed())
    await asyncio.sleep(0)
    waiting.cancel()  # as asyncio.run does
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert capsys.readouterr().err == "Not waiting any longer; the work goes on.\n"
    assert await asking.under_way(stage.db, ["reindex"], "cars") == asked.job


async def test_a_reindex_that_was_dropped_is_not_waited_for(stage):
    with pytest.raises(SystemExit, match="Job 999999 was dropped"):
        await asking.Asked(stage.db, 999_999, "The reindex").followed()


async def test_generations_are_listed_with_what_they_hold_and_why_they_ended(stage, showroom):
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
        await stage.add("C")
        await stage.settled()
    live = (await stage.live()).id
    await stage.db.execute(
        "INSERT INTO generations (id, vertical, state, view_digest, settings_digest, error)"
        " VALUES ($1, 'cars', 'failed', '', '', '12 documents differ: A, B')",
        live + 1,
    )
    status, said = await showroom("generations", "cars")
    lines = [line.split() for line in said.splitlines()]
    assert status == 0
    assert lines[0][:3] == ["number", "state", "documents"]
    assert lines[1][:3] == [str(live + 1), "failed", "0"]
    assert lines[2][:3] == [str(live), "live", "3"]
    assert said.splitlines()[-1] == f"{live + 1}: 12 documents differ: A, B"
    status, said = await showroom("generations", "cars", "--json")
    assert [row["state"] for row in json.loads(said)] == ["failed", "live"]


async def test_a_rollback_and_a_cancellation_can_be_waited_for(stage, showroom):
    async with stage.indexing():
        await stage.settled()
        first = (await stage.live()).id
        assert (await showroom("reindex", "cars", "--wait"))[0] == 0
        status, said = await showroom("rollback", "cars", "--wait", "--json")
        assert (status, json.loads(said.splitlines()[-1])["generation"]) == (0, first)
    await showroom("reindex", "cars")
    canceling = asyncio.create_task(showroom("cancel", "cars", "--wait"))
    asked = "SELECT count(*) FROM jobs WHERE kind = 'cancel'"
    await stage.until(lambda: stage.db.fetchval(asked))
    async with stage.indexing():
        assert await canceling == (0, "Canceled; the live index of cars is as it was.\n")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("cancel", "No reindex of cars is under way."),
        ("rollback", "There is no index of cars before the live one: nothing to go back to."),
    ],
)
async def test_what_cannot_be_done_is_told_at_once(stage, showroom, command, sentence):
    status, said = await showroom(command, "cars")
    assert (status, said.strip()) == (1, sentence)
