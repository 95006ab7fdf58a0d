"""Turns at a site: places, pace and pauses, in one process and shared through a Valkey."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from scrapers.fetching import turns as module
from scrapers.fetching.here import Here
from scrapers.fetching.turns import NoRateError, Pace, PausedError, Turns, pace

HOST = "site.example"
FREE = Pace(3)


@pytest.fixture
async def valkey(valkey_url) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url, socket_timeout=None) as valkey:
        yield valkey


@pytest.fixture(params=["process", "valkey"])
def workers(request: pytest.FixtureRequest) -> list[Turns]:
    """Two that crawl the same site: in one process, or in two that share a Valkey."""
    if request.param == "process":
        here = Here()
        return [Turns(None, here), Turns(None, here)]
    valkey = request.getfixturevalue("valkey")
    return [Turns(valkey, Here()), Turns(valkey, Here())]


@pytest.mark.parametrize(
    ("rate", "delay", "wanted"),
    [
        (None, 0, Pace(8)),
        (2, 0, Pace(8, 2, 1.0, 0.5)),
        (2.5, 0, Pace(8, 2, 0.8, 0.4)),
        (0.5, 0, Pace(8, 1, 2.0, 2.0)),
        (None, 0.5, Pace(8, 1, 0.5, 0.5)),
        (2, 3, Pace(8, 1, 3, 3)),
        (0.1, 3, Pace(8, 1, 10, 10)),
    ],
)
def test_the_slower_of_ours_and_theirs_holds(rate, delay, wanted):
    assert pace(8, rate, delay) == wanted


async def test_no_more_are_under_way_than_may_be(workers):
    under_way = most = 0

    async def ask(turns: Turns) -> None:
        nonlocal under_way, most
        async with turns.turn(HOST, FREE):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.02)
            under_way -= 1

    async with asyncio.timeout(60):
        await asyncio.gather(*(ask(workers[n % 2]) for n in range(20)))
    assert 2 <= most <= 3


async def test_a_place_is_free_again_only_some_time_after_the_answer(workers):
    moments = []

    async def ask(turns: Turns) -> None:
        async with turns.turn(HOST, pace(8, 10.0)):
            began = time.monotonic()
            await asyncio.sleep(0.1)  # the site takes its time
            moments.append((began, time.monotonic()))

    async with asyncio.timeout(60):
        await asyncio.gather(*(ask(workers[n % 2]) for n in range(13)))
    moments.sort()
    for (_, answered), (begins, _) in zip(moments, moments[10:], strict=False):
        assert begins >= answered + 0.99


async def test_a_pause_is_everybodys(workers):
    began = time.monotonic()
    await workers[0].pause(HOST, 1.0)
    async with asyncio.timeout(60), workers[1].turn(HOST, FREE):
        assert time.monotonic() - began >= 0.99
    async with workers[1].turn("other.example", FREE):
        assert time.monotonic() - began < 60


async def test_a_shorter_pause_does_not_end_a_longer_one(workers):
    with pytest.raises(PausedError):
        await workers[0].pause(HOST, 3600)
    await workers[1].pause(HOST, 0.1)
    with pytest.raises(PausedError) as error:
        async with workers[1].turn(HOST, FREE):
            pass
    assert 3500 < error.value.seconds <= 3600


async def test_of_pauses_at_once_the_longest_holds(workers):
    lengths = [1, 3600, 2, 1, 2]
    async with asyncio.timeout(60):
        await asyncio.gather(
            *(workers[n % 2].pause(HOST, seconds) for n, seconds in enumerate(lengths)),
            return_exceptions=True,
        )
    for worker in workers:
        with pytest.raises(PausedError):
            async with worker.turn(HOST, FREE):
                pass


async def test_the_places_of_a_worker_that_died_are_free_after_their_lease(valkey, monkeypatch):
    monkeypatch.setattr(module, "LEASE", 2.0)
    dead, alive = Turns(valkey, Here()), Turns(valkey, Here())
    for number in range(2):
        assert await dead._ask_valkey(HOST, FREE, f"request {number}") == 0
    refused = 0
    async with asyncio.timeout(60):
        while True:
            assert await alive._ask_valkey(HOST, FREE, "one that goes on") == 0
            if await alive._ask_valkey(HOST, FREE, "another") == 0:
                break
            refused += 1
            await asyncio.sleep(0.1)
    assert refused


async def test_a_request_that_takes_longer_than_a_lease_keeps_its_place(valkey, monkeypatch):
    monkeypatch.setattr(module, "RENEWED", 0.05)
    turns, places = Turns(valkey, Here()), f"showroom:site:{HOST}:under-way"
    async with asyncio.timeout(60):
        async with turns.turn(HOST, Pace(1)):
            ((_, ends),) = await valkey.zrange(places, 0, -1, withscores=True)
            renewed = ends + 100_000
            while ends < renewed:
                ((_, ends),) = await valkey.zrange(places, 0, -1, withscores=True)
                await asyncio.sleep(0.01)
        async with turns.turn(HOST, Pace(1)):  # it is given back all the same
            pass


async def test_an_answer_of_valkey_that_was_lost_does_not_cost_a_place(valkey):
    turns = Turns(valkey, Here())
    for _ in range(3):
        assert await turns._ask_valkey(HOST, Pace(1), "mine") == 0


async def test_a_valkey_whose_data_is_gone_forgets_no_rate(valkey):
    turns = Turns(valkey, Here())
    own = pace(8, 1.0)
    async with asyncio.timeout(60), turns.turn(HOST, own):
        pass
    await valkey.flushall()
    began = time.monotonic()
    async with asyncio.timeout(60), turns.turn(HOST, own):
        assert time.monotonic() - began >= 0.95


async def test_without_valkey_a_rate_is_not_guessed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.1)
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.05)
    async with Redis.from_url(f"unix://{tmp_path}/nobody.sock") as nobody:
        turns = Turns(nobody, Here())
        with pytest.raises(NoRateError):
            async with turns.turn(HOST, pace(8, 2.0)):
                pass
        async with turns.turn(HOST, FREE):
            pass


async def test_a_place_is_given_back_whatever_happens(workers):
    for _ in range(10):
        with pytest.raises(KeyError):
            async with asyncio.timeout(60), workers[0].turn(HOST, Pace(1)):
                raise KeyError


async def test_nothing_stays_behind(valkey):
    turns = Turns(valkey, Here())
    async with turns.turn(HOST, FREE):
        pass
    async with asyncio.timeout(60), turns.turn(HOST, pace(8, 20.0)):
        pass
    names = {name async for name in valkey.scan_iter("showroom:*")} - {b"showroom:site:born"}
    assert all([await valkey.pttl(name) > 0 or not await valkey.exists(name) for name in names])
