"""The sender's key: writes documents, makes no index, is made again when it is gone."""

import pytest

from catalog.cars import CARS
from engine.client import Engine, EngineError
from indexer.sending import ACTIONS, SendingEngine, sender_key


@pytest.fixture
async def sending(stage):
    async with SendingEngine(stage.engine, stage.settings.meili_master_key, CARS) as engine:
        yield engine


async def _status(stage, answer):
    task = await stage.engine.wait(answer["taskUid"])
    return task["status"], (task["error"] or {}).get("code")


async def test_a_request_that_arrives_after_its_index_went_makes_none(stage, sending):
    answer = await sending.call("POST", "/indexes/cars_g7/documents", json=[{"id": "A"}])
    assert await _status(stage, answer) == ("failed", "index_not_found")
    indexes = await stage.engine.call("GET", "/indexes")
    assert indexes["results"] == []


async def test_it_writes_to_the_indexes_of_its_vertical_only(stage, sending):
    for uid in ("cars", "cars_g7", "other"):
        answer = await stage.engine.call("POST", "/indexes", json={"uid": uid, "primaryKey": "id"})
        await stage.engine.wait(answer["taskUid"])
    for uid in ("cars", "cars_g7"):
        answer = await sending.call("POST", f"/indexes/{uid}/documents", json=[{"id": "A"}])
        assert await _status(stage, answer) == ("succeeded", None)
        tasks = await sending.call("GET", "/tasks", params={"uids": answer["taskUid"]})
        assert len(tasks["results"]) == 1
    for method, path in (
        ("POST", "/indexes/other/documents"),
        ("POST", "/indexes"),
        ("DELETE", "/indexes/cars"),
        ("PATCH", "/indexes/cars/settings"),
        ("POST", "/swap-indexes"),
    ):
        with pytest.raises(EngineError, match="invalid_api_key"):
            await sending.call(method, path, json={})


async def test_the_indexer_sends_with_this_key(stage):
    async with stage.indexing():
        await stage.settled()
        [key] = [
            each
            for each in (await stage.engine.call("GET", "/keys"))["results"]
            if each["actions"] == ACTIONS
        ]
        await stage.engine.call("DELETE", f"/keys/{key['uid']}")
        await stage.add("A")  # the key was used: it is made again
        await stage.settled()
        assert set(await stage.indexed()) == {"A"}
        again = await stage.engine.call("GET", f"/keys/{key['uid']}")
        assert again["key"] == key["key"]


async def test_a_key_of_other_rights_is_replaced(stage):
    first = await sender_key(stage.engine, "cars")
    [key] = [
        each
        for each in (await stage.engine.call("GET", "/keys"))["results"]
        if each["key"] == first
    ]
    await stage.engine.call("DELETE", f"/keys/{key['uid']}")
    wider = {"uid": key["uid"], "actions": ["*"], "indexes": ["*"], "expiresAt": None}
    await stage.engine.call("POST", "/keys", json=wider)
    assert await sender_key(stage.engine, "cars") == first
    assert (await stage.engine.call("GET", f"/keys/{key['uid']}"))["actions"] == ACTIONS


async def test_where_no_key_can_be_made_the_configured_one_sends(stage):
    made = await stage.engine.call(
        "POST", "/keys", json={"actions": ["documents.*"], "indexes": ["*"], "expiresAt": None}
    )
    async with Engine(stage.settings.meili_url, made["key"]) as limited:
        assert await sender_key(limited, "cars") is None
