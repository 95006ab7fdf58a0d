"""`showroom reindex` and `showroom verify`, as people call them."""

import json


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


async def test_verify_says_what_differs_and_exits_with_1(stage, showroom):
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
        assert "repaired   1" in said
        await stage.settled()
        assert (await showroom("verify", "cars"))[0] == 0


async def test_nobody_waits_for_an_indexer_that_does_not_run(stage, showroom, monkeypatch):
    monkeypatch.setattr("stack.asking.NOBODY_SECONDS", 0.1)
    status, said = await showroom("reindex", "cars", "--wait")
    assert status == 1
    assert "No indexer runs" in said
