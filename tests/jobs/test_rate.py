"""Turns at a rate: on a Valkey, shared by whoever asks it, and in one process without it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from jobs import rate
from jobs.rate import Rates, Turn


@pytest.fixture(params=["valkey", "process"])
async def rates(request: pytest.FixtureRequest) -> AsyncIterator[Rates]:
    if request.param == "process":
        yield Rates(None)
        return
    async with Redis.from_url(request.getfixturevalue("valkey_url")) as valkey:
        yield Rates(valkey)


async def test_a_burst_is_granted_at_once_and_no_turn_more(rates):
    turns = [await rates.take("k", rate=0.01, burst=3) for _ in range(4)]
    assert [(turn.granted, turn.wait, turn.left) for turn in turns[:3]] == [
        (True, 0, 2),
        (True, 0, 1),
        (True, 0, 0),
    ]
    assert not turns[3].granted
    assert 90 < turns[3].wait <= 100


async def test_a_refused_turn_costs_nothing(rates):
    await rates.take("k", rate=0.01)
    waits = [(await rates.take("k", rate=0.01)).wait for _ in range(50)]
    assert max(waits) <= 100


async def test_turns_to_come_are_spaced(rates):
    turns = [await rates.take("k", rate=0.1, patience=60) for _ in range(5)]
    assert all(turn.granted for turn in turns)
    began = time.monotonic()
    assert [round(turn.wait, -1) for turn in turns] == [0, 10, 20, 30, 40]
    assert time.monotonic() - began < 5
    assert not (await rates.take("k", rate=0.1, patience=40)).granted


async def test_several_turns_are_taken_together_or_not(rates):
    assert (await rates.take("k", rate=0.01, burst=10, n=8)).left == 2
    assert not (await rates.take("k", rate=0.01, burst=10, n=3)).granted
    assert (await rates.take("k", rate=0.01, burst=10, n=2)).granted


async def test_keys_do_not_know_each_other(rates):
    assert (await rates.take("a", rate=0.01)).granted
    assert (await rates.take("b", rate=0.01)).granted


async def test_after_its_time_a_turn_is_free_again(rates):
    await rates.take("k", rate=20)
    refused = await rates.take("k", rate=20)
    await asyncio.sleep(refused.wait)
    assert (await rates.take("k", rate=20)).granted


@pytest.mark.parametrize(("speed", "burst", "n"), [(0, 1, 1), (-1, 1, 1), (1, 2, 3), (1, 1, 0)])
async def test_what_can_never_be_granted_is_an_error(rates, speed, burst, n):
    with pytest.raises(ValueError, match="cannot be taken"):
        await rates.take("k", speed, burst, n)


async def test_a_rate_is_shared_by_all_who_ask_the_same_valkey(valkey_url, monkeypatch):
    monkeypatch.setattr(rate, "TIMEOUT_SECONDS", 60)
    async with (
        Redis.from_url(valkey_url) as one,
        Redis.from_url(valkey_url) as two,
    ):
        each = [Rates(one), Rates(two)]
        began = time.monotonic()
        asked = (each[n % 2].take("k", rate=10, burst=5) for n in range(50))
        granted = sum(turn.granted for turn in await asyncio.gather(*asked))
        assert 5 <= granted <= 5 + 10 * (time.monotonic() - began)


async def test_numbers_go_away_when_they_make_no_difference(valkey_url):
    async with Redis.from_url(valkey_url) as valkey:
        await Rates(valkey).take("k", rate=0.5)
        assert 0 < await valkey.pttl("showroom:rate:k") <= 2000


async def test_a_valkey_that_lost_everything_is_used_again(valkey_url):
    async with Redis.from_url(valkey_url) as valkey:
        rates = Rates(valkey)
        await rates.take("k", rate=0.01)
        await valkey.flushall()
        await valkey.script_flush()
        assert (await rates.take("k", rate=0.01)).granted
        assert await valkey.exists("showroom:rate:k")


async def test_without_valkey_each_process_counts_for_itself(tmp_path, monkeypatch):
    async with Redis.from_url(f"unix://{tmp_path}/nobody.sock") as valkey:
        rates = Rates(valkey)
        assert (await rates.take("k", rate=0.01)) == Turn(True, 0, 0)
        monkeypatch.setattr(rate, "AWAY_SECONDS", 0)
        assert not (await rates.take("k", rate=0.01)).granted


async def test_a_valkey_that_hangs_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(rate, "TIMEOUT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        async with Redis.from_url(url, socket_timeout=None) as valkey:
            rates = Rates(valkey)
            began = time.monotonic()
            for _ in range(20):
                await rates.take("k", rate=10, burst=100)
            assert time.monotonic() - began < 0.5 * 20 / 2
