"""`showroom reindex` and `showroom verify`, as people call them."""

import asyncio
import json
import sys

import pytest


@pytest.fixture
def showroom(stage):
    """Run the command; (exit status, output, errors)."""

    async def run(*words):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "stack.cli",
            *words,
            env=stage.environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 40)
        return process.returncode, out.decode(), err.decode()

    return run


async def test_a_reindex_can_be_waited_for(stage, showroom):
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        status, out, err = await showroom("reindex", "cars", "--wait", "--json")
        assert (status, json.loads(out)["documents"]) == (0, 2)
        assert "2 documents are live after" in err
        assert (await stage.live()).id > first.id


async def test_a_second_reindex_is_told_no(stage, showroom):
    assert (await showroom("reindex", "cars"))[0] == 0
    status, _, err = await showroom("reindex", "cars")
    assert (status, err) == (1, "A reindex of cars is under way already; --wait shows it.\n")


async def test_an_unknown_vertical_is_named(showroom):
    status, _, err = await showroom("verify", "boats")
    assert (status, err) == (1, "There is no vertical boats; there is: cars.\n")


async def test_verify_says_what_differs_and_exits_with_1(stage, showroom):
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
    status, out, _ = await showroom("verify", "cars")
    assert (status, out.split()[:4]) == (0, ["documents", "2", "indexed", "2"])
    task = await stage.engine.call("POST", "/indexes/cars/documents/delete-batch", json=["A"])
    await stage.engine.wait(task["taskUid"])
    status, out, err = await showroom("verify", "cars", "--json")
    told = json.loads(out)
    assert (status, told["missing"], told["examples"]["missing"]) == (1, 1, ["A"])
    assert "1 documents differ" in err


async def test_verify_without_an_index_says_so(stage, showroom):
    status, _, err = await showroom("verify", "cars")
    assert (status, err) == (1, "There is no live index of cars yet; see `showroom status`.\n")
