"""Which answers are fresh, which stand in, and what is never kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from engine import version
from engine.client import EngineAway, EngineError
from service.caching import cache as caching
from service.caching import shared, versions
from service.caching.cache import Cache, Found, open_cache

KEY = b"0" * 16


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is too slow because the machine is busy; tests of what is slow say how slow."""
    for module, name in (
        (versions, "PATIENCE_SECONDS"),
        (shared, "PATIENCE_SECONDS"),
        (caching, "SLOW_SECONDS"),
        (caching, "JOIN_SECONDS"),
    ):
        monkeypatch.setattr(module, name, 60.0)


class Server:
    """Answers with how often it was asked; slow, away or refusing when told."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.answering = asyncio.Event()
        self.answering.set()

    async def __call__(self) -> bytes:
        self.asked += 1
        await self.answering.wait()
        if self.error:
            raise self.error
        return b"answer %d" % self.asked


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    end = asyncio.get_running_loop().time() + 30
    while not await holds():
        assert asyncio.get_running_loop().time() < end, "not reached"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def published(url: str, number: int = 1) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """A way to publish versions; the first one is."""
    valkey = version.connect(url)

    async def publish(number: int) -> None:
        assert await version.publish(valkey, "cars", number)

    await publish(number)
    yield publish
    await valkey.aclose()


async def find(cache: Cache, server: Server) -> Found:
    return await cache.find("cars", KEY, server)


async def known(cache: Cache, number: int | None) -> None:
    async def is_known() -> bool:
        return cache._versions.of("cars") == number

    await until(is_known)


async def test_an_answer_is_of_one_vertical(valkey_url):
    server = Server()
    verticals = ["cars", "bikes"]
    async with published(valkey_url) as _, open_cache(valkey_url, verticals) as cache:
        valkey = version.connect(valkey_url)
        await version.publish(valkey, "bikes", 1)
        await valkey.aclose()

        async def are_known() -> bool:
            return [cache._versions.of(name) for name in verticals] == [1, 1]

        await until(are_known)
        found = [await cache.find(vertical, KEY, server) for vertical in verticals]
        assert [one.kept.body for one in found] == [b"answer 1", b"answer 2"]


async def test_an_answer_is_fresh_until_the_version_changes(valkey_url):
    server = Server()
    async with published(valkey_url) as publish, open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        found = [await find(cache, server) for _ in range(3)]
        assert [one.kept.body for one in found] == [b"answer 1"] * 3
        assert [one.status for one in found] == [caching.MISSED, caching.HIT, caching.HIT]
        await publish(2)
        await known(cache, 2)
        assert (await find(cache, server)).kept.body == b"answer 2"


@asynccontextmanager
async def workers(valkey_url: str) -> AsyncIterator[tuple[Cache, Cache]]:
    """Two that know version 2 and were asked KEY in version 1."""
    async with (
        published(valkey_url) as publish,
        open_cache(valkey_url, ["cars"]) as one,
        open_cache(valkey_url, ["cars"]) as other,
    ):
        for cache in (one, other):
            await known(cache, 1)
            await find(cache, Server())
        await publish(2)
        await known(one, 2)
        await known(other, 2)
        yield one, other


async def test_workers_share_answers_to_what_is_asked_again(valkey_url):
    server = Server()
    async with workers(valkey_url) as (one, other):
        await find(one, server)

        async def shared() -> bool:
            return await other._shared.get(f"showroom:answer:cars:2:{KEY.hex()}") is not None

        await until(shared)
        found = await asyncio.gather(find(other, server), find(other, server))
        assert {one.kept.body for one in found} == {b"answer 1"}
        assert {one.status for one in found} == {caching.SHARED}
        assert (await find(other, server)).status == caching.HIT


async def test_what_is_new_is_shared_only_while_the_server_has_other_questions(valkey_url):
    server, slow = Server(), Server()
    async with workers(valkey_url) as (one, _):
        await one.find("cars", b"alone", server)
        assert not one._shared._gathered
        slow.answering.clear()
        other = asyncio.create_task(one.find("cars", b"slow", slow))
        await asyncio.sleep(0)
        await one.find("cars", b"beside it", server)
        assert len(one._shared._gathered) == 1
        slow.answering.set()
        await other


async def test_what_is_new_is_looked_for_while_others_ask_the_same_else_in_samples(valkey_url):
    server, slow = Server(), Server()
    async with workers(valkey_url) as (one, other):
        slow.answering.clear()
        beside = [asyncio.create_task(each.find("cars", b"slow", slow)) for each in (one, other)]
        await asyncio.sleep(0)

        async def looked_for(question: bytes) -> bool:
            """Whether one worker finds what the other has made."""
            await other.find("cars", question, server)
            name = f"showroom:answer:cars:2:{question.hex()}"

            async def kept() -> bool:
                return await other._shared.get(name) is not None

            await until(kept)
            return (await one.find("cars", question, server)).status == caching.SHARED

        assert await looked_for(b"at first, at \x01")
        for number in range(150):
            await one.find("cars", b"%03d only here" % number, server)
        assert not await looked_for(b"no sample, at \x02")
        for number in range(4):
            assert await looked_for(b"%d sample, at \x08" % number)
        assert await looked_for(b"no sample, at \x03")
        slow.answering.set()
        await asyncio.gather(*beside)


async def test_equal_questions_at_once_ask_once(valkey_url):
    server = Server()
    async with published(valkey_url), open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        found = await asyncio.gather(*(find(cache, server) for _ in range(20)))
    assert server.asked == 1
    assert {one.status for one in found} == {caching.MISSED, caching.JOINED}


@pytest.mark.parametrize("configured", [True, False])
async def test_without_a_version_nothing_is_kept_but_equal_questions_share(configured, valkey_url):
    server = Server()
    async with open_cache(valkey_url if configured else None, ["cars"]) as cache:
        assert [(await find(cache, server)).status for _ in range(2)] == [caching.NOT_KEPT] * 2
        await asyncio.gather(*(find(cache, server) for _ in range(20)))
    assert server.asked == 3


async def test_when_valkey_goes_nothing_is_fresh_any_more(valkey_url, tmp_path):
    server = Server()
    async with published(valkey_url), open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        await find(cache, server)
        valkey = version.connect(valkey_url)
        await valkey.delete(version.key("cars"))
        await valkey.aclose()
        await known(cache, None)
        assert (await find(cache, server)).kept.body == b"answer 2"


async def test_a_question_of_a_newer_version_does_not_join_an_older_one(valkey_url):
    server = Server()
    server.answering.clear()
    async with published(valkey_url) as publish, open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        older = asyncio.create_task(find(cache, server))
        await asyncio.sleep(0)
        await publish(2)
        await known(cache, 2)
        newer = asyncio.create_task(find(cache, server))

        async def both_asked() -> bool:
            return server.asked == 2

        await until(both_asked)
        server.answering.set()
        assert {(await older).status, (await newer).status} == {caching.MISSED}
        assert (await find(cache, server)).kept.version == 2


@pytest.mark.parametrize(
    "error", [EngineAway("gone"), EngineError(503, "internal", "busy")], ids=["away", "busy"]
)
async def test_an_outdated_answer_stands_in_for_a_server_that_fails(error, valkey_url):
    server = Server()
    async with published(valkey_url) as publish, open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        await find(cache, server)
        await publish(2)
        await known(cache, 2)
        server.error = error
        found = await find(cache, server)
        assert found.kept.body == b"answer 1"
        assert found.status.startswith("showroom; hit; ttl=-")
        server.error = None
        assert (await find(cache, server)).status == caching.MISSED


async def test_an_outdated_answer_stands_in_while_a_slow_server_answers(valkey_url, monkeypatch):
    monkeypatch.setattr(caching, "SLOW_SECONDS", 0.05)
    server = Server()
    async with published(valkey_url) as publish, open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        await find(cache, server)
        server.answering.clear()
        await publish(2)
        await known(cache, 2)
        found = await asyncio.gather(*(find(cache, server) for _ in range(5)))
        assert {one.kept.body for one in found} == {b"answer 1"}
        server.answering.set()

        async def refreshed() -> bool:
            return (await find(cache, server)).kept.body == b"answer 2"

        await until(refreshed)
    assert server.asked == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KeyError("nobody thought of this"), True),
        (EngineError(400, "invalid_search_filter", "no"), True),
        (EngineAway("away"), False),
        (EngineError(503, "busy", "later"), False),
    ],
)
async def test_a_fault_that_nobody_waits_for_is_logged_once(
    error, told, valkey_url, monkeypatch, caplog
):
    monkeypatch.setattr(caching, "SLOW_SECONDS", 0.0)
    server = Server()
    async with published(valkey_url) as publish, open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        await find(cache, server)
        await publish(2)
        await known(cache, 2)
        server.answering.clear()
        server.error = error
        for _ in range(3):
            assert (await find(cache, server)).kept.body == b"answer 1"
        server.answering.set()
        await until(lambda: asyncio.sleep(0, not len(cache._flights)))
        await asyncio.sleep(0)
    assert caplog.text.count("could not be made anew") == told


async def test_a_refusal_is_no_reason_for_an_outdated_answer(valkey_url):
    server = Server()
    async with published(valkey_url) as publish, open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        await find(cache, server)
        await publish(2)
        await known(cache, 2)
        server.error = EngineError(400, "invalid_search_filter", "no")
        with pytest.raises(EngineError):
            await find(cache, server)


async def test_all_the_calls_of_one_answer_have_one_deadline(monkeypatch):
    monkeypatch.setattr("service.answering.asking.SEARCH_SECONDS", 0.05)
    server = Server()
    server.answering.clear()
    async with open_cache(None, ["cars"]) as cache:
        with pytest.raises(EngineAway):
            await find(cache, server)


async def test_an_answer_that_is_too_old_does_not_stand_in(valkey_url, monkeypatch):
    monkeypatch.setattr(caching, "STALE_SECONDS", -1.0)
    server = Server()
    async with published(valkey_url) as publish, open_cache(valkey_url, ["cars"]) as cache:
        await known(cache, 1)
        await find(cache, server)
        await publish(2)
        await known(cache, 2)
        server.error = EngineAway("gone")
        with pytest.raises(EngineAway):
            await find(cache, server)
