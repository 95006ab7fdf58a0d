"""A client's rate, over all workers, on a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from jobs.rate import Turn
from service.limits import limiter as limiting
from service.limits.limiter import Limiter, Standing, open_limiter

SLOW = 0.001
"""A rate at which nothing comes back while a test runs; its burst is one request."""


@asynccontextmanager
async def workers(url: str | None, count: int, burst: int) -> AsyncIterator[list[Limiter]]:
    """So many workers' limiters, of which a client has one burst in common."""
    async with AsyncExitStack() as stack:
        found = [await stack.enter_async_context(open_limiter(url, SLOW)) for _ in range(count)]
        for one in found:
            one.burst = burst
        yield found


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def paid(limiter: Limiter, client: str) -> bool:
    account = limiter._accounts[client]
    return account.owed == 0 or account.refused_until > 0


async def ask(limiter: Limiter, times: int, client: str = "1.1.1.1") -> list[Standing]:
    """So many requests one after another, all paid at the end."""
    standings = [limiter.admit(client) for _ in range(times)]
    await until(lambda: paid(limiter, client))
    return standings


async def test_a_burst_is_let_in_and_no_more(valkey_url):
    async with workers(valkey_url, 1, burst=5) as (one,):
        standings = await ask(one, 6)
        assert [standing.admitted for standing in standings] == [True] * 5 + [False]
        assert [standing.left for standing in standings] == [4, 3, 2, 1, 0, 0]
        assert one.refused == 1
        (refused,) = await ask(one, 1)
        assert not refused.admitted or one._accounts["1.1.1.1"].refused_until


@pytest.mark.parametrize("valkey", [True, False])
async def test_who_cannot_pay_is_refused_until_it_could(valkey, valkey_url):
    async with workers(valkey_url if valkey else None, 1, burst=3) as (one,):
        await ask(one, 3)
        await ask(one, 1)
        before = one.refused
        refused = one.admit("1.1.1.1")
        assert one.refused == before + 1
        assert (refused.admitted, refused.left) == (False, 0)
        assert 900 < refused.wait <= 1000
        assert one.admit("2.2.2.2").admitted


async def test_workers_count_together(valkey_url):
    async with workers(valkey_url, 2, burst=4) as (one, other):
        await ask(one, 4)
        await ask(other, 1)
        assert not other.admit("1.1.1.1").admitted


async def test_a_client_comes_back_with_its_rate(valkey_url):
    async with open_limiter(valkey_url, 50.0) as limiter:
        assert limiter is not None
        limiter.burst = 2
        await ask(limiter, 2)
        await until(lambda: limiter.admit("1.1.1.1").admitted)


async def test_no_request_waits_for_valkey(tmp_path):
    async with open_limiter(f"unix://{tmp_path}/nobody.sock", SLOW) as limiter:
        assert limiter is not None
        limiter.burst = 3
        await ask(limiter, 3)
        await ask(limiter, 1)
        assert not limiter.admit("1.1.1.1").admitted


async def test_a_valkey_that_hangs_lets_no_more_than_a_burst_in(valkey_url, monkeypatch):
    monkeypatch.setattr(limiting, "PAY_SECONDS", 60.0)
    async with workers(valkey_url, 1, burst=4) as (one,):
        assert sum(one.admit("1.1.1.1").admitted for _ in range(100)) == 4
        assert one.admit("1.1.1.1").wait > 0


async def test_more_at_once_than_a_burst_is_paid_in_parts(valkey_url, monkeypatch):
    async with open_limiter(valkey_url, 50.0) as limiter:
        assert limiter is not None
        limiter.burst = 2
        take, granted = limiter._rates.take, []

        async def noted(key: str, rate: float, burst: int, n: int) -> Turn:
            turn = await take(key, rate, burst, n)
            granted.extend([n] if turn.granted else [])
            return turn

        monkeypatch.setattr(limiter._rates, "take", noted)
        assert limiter.admit("1.1.1.1", 5).left == 0
        await until(lambda: limiter._accounts["1.1.1.1"].owed == 0)
    assert granted == [2, 2, 1]


async def test_a_payment_is_what_is_left_from_then_on():
    async with workers(None, 1, burst=4) as (one,):
        assert all(one.admit("1.1.1.1").admitted for _ in range(4))
        one._accounts["1.1.1.1"].paid_at -= 1e6  # in which 1,000 come back
        await until(lambda: paid(one, "1.1.1.1"))
        assert one.admit("1.1.1.1").left == 0


async def test_what_came_back_since_the_last_payment_is_told():
    async with open_limiter(None, 50.0) as limiter:
        assert limiter is not None
        limiter.burst = 4
        await ask(limiter, 4)
        limiter._accounts["1.1.1.1"].paid_at -= 60
        assert limiter.admit("1.1.1.1").left == 3


async def test_the_clients_that_are_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(limiting, "MOST_CLIENTS", 3)
    async with workers(None, 1, burst=1) as (one,):
        assert all(one.admit(f"10.0.0.{number}").admitted for number in range(10))
        assert len(one._accounts) == 3


async def test_the_end_waits_for_no_payment(monkeypatch):
    monkeypatch.setattr(limiting, "PAY_SECONDS", 3600.0)
    async with asyncio.timeout(30), workers(None, 1, burst=1) as (one,):
        one.admit("1.1.1.1")
    assert one._payments == set()


async def test_no_rate_is_no_limit(valkey_url):
    async with open_limiter(valkey_url, 0) as limiter:
        assert limiter is None


async def test_a_fault_in_counting_shuts_nobody_out(monkeypatch, caplog):
    async def take(*_: object) -> None:
        raise KeyError("nobody thought of this")

    async with workers(None, 1, burst=2) as (one,):
        monkeypatch.setattr(one._rates, "take", take)
        for _ in range(3):
            assert all(standing.admitted for standing in await ask(one, 2))
    assert "could not be counted" in caplog.text
