"""The client against a real search server, and against nobody."""

import asyncio
import socket

import pytest

from engine.client import Engine, EngineAway, EngineError
from engine.measures import BOUNDS


@pytest.fixture
async def engine(meili):
    async with Engine(meili.url, meili.key) as engine:
        for index in (await engine.call("GET", "/indexes", params={"limit": 100}))["results"]:
            await _do(engine, "DELETE", f"/indexes/{index['uid']}")
        yield engine


async def _do(engine, method, path, **options):
    return await engine.wait((await engine.call(method, path, **options))["taskUid"])


async def test_documents_can_be_written_and_searched(engine):
    body = b'{"id":"a","make":"Kia"}\n{"id":"b","make":"Ford"}'
    task = await _do(
        engine,
        "POST",
        "/indexes/things/documents",
        data=body,
        content_type="application/x-ndjson",
    )
    assert task["status"] == "succeeded"
    answer = await engine.multi_search([{"indexUid": "things", "q": "kia"}])
    assert b'"make":"Kia"' in answer
    assert b"Ford" not in answer


async def test_a_refusal_has_status_code_and_message(engine):
    with pytest.raises(EngineError, match="not found") as refused:
        await engine.call("GET", "/indexes/nothing")
    assert (refused.value.status, refused.value.code) == (404, "index_not_found")
    assert not refused.value.temporary


async def test_a_task_that_failed_is_told_and_not_raised(engine):
    task = await _do(engine, "DELETE", "/indexes/nothing")
    assert task["status"] == "failed"


async def test_calls_are_measured_by_route(engine):
    await engine.call("GET", "/indexes", params={"limit": 1})
    for uid in ("one", "other"):
        with pytest.raises(EngineError):
            await engine.call("GET", f"/indexes/{uid}")
    measure = engine.measures["GET /indexes/:index"]
    assert (measure.count, measure.errors) == (2, 2)
    assert measure.seconds > 0
    assert sum(measure.buckets) == 2
    assert len(measure.buckets) == len(BOUNDS) + 1


async def test_a_call_that_nobody_waits_for_any_longer_is_no_error():
    asked = asyncio.Event()

    async def silent(reader, writer):
        await reader.readline()
        asked.set()
        await reader.read()
        writer.close()

    async with (
        await asyncio.start_server(silent, "127.0.0.1", 0) as server,
        Engine(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", None) as engine,
    ):
        call = asyncio.create_task(engine.multi_search([]))
        await asked.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    (measure,) = engine.measures.values()
    assert (measure.count, measure.errors) == (1, 0)


async def test_nobody_there_is_away():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    async with Engine(url, None) as engine:
        with pytest.raises(EngineAway, match="cannot be reached"):
            await engine.call("GET", "/health")


@pytest.fixture
async def rude():
    """A server that counts connections and answers none; each is closed after a request."""
    taken = []

    async def serve(reader, writer):
        taken.append((await reader.readline()).decode().strip())
        if len(taken) > 10:
            await asyncio.sleep(60)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", taken
    server.close()


async def test_a_get_and_a_search_are_tried_again_and_a_post_that_writes_is_not(rude):
    url, taken = rude
    async with Engine(url, None) as engine:
        for work in (
            engine.call("GET", "/tasks"),
            engine.search_raw("/multi-search", b"{}"),
            engine.call("POST", "/indexes/cars/documents", json=[]),
        ):
            with pytest.raises(EngineAway):
                await work
    paths = [line.split()[1] for line in taken]
    assert paths.count("/tasks") >= 2
    assert paths.count("/multi-search") == 2
    assert paths.count("/indexes/cars/documents") == 1


async def test_an_answer_that_takes_too_long_is_away():
    async def serve(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with Engine(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", None) as engine:
        with pytest.raises(EngineAway, match="in time"):
            await engine.call("GET", "/health", timeout=0.2)
    server.close()


async def test_a_task_that_does_not_end_is_given_up(engine):
    task = await engine.call("POST", "/indexes", json={"uid": "slow"})
    await engine.wait(task["taskUid"])
    async with Engine(engine.url, "wrong key") as stranger:
        with pytest.raises(EngineError) as refused:
            await stranger.wait(task["taskUid"])
        assert refused.value.status == 403
