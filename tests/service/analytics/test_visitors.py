import time
from datetime import date
from unittest.mock import patch

from redis.asyncio import Redis

from engine.version import connect
from service.analytics import visitors
from service.analytics.visitors import Visitors, key

ME = ("203.0.113.7", "Firefox")


def test_a_visitor_is_one_all_day_and_another_the_next() -> None:
    here = Visitors()
    first = here.of(*ME)
    assert here.of(*ME) == first
    assert here.of("203.0.113.8", "Firefox") != first
    assert here.of("203.0.113.7", "Chrome") != first
    here._begin(date(2030, 1, 1))
    other = here._salt
    here._begin(date(2030, 1, 2))
    assert here._salt != other


async def test_workers_share_a_salt_that_ends_with_its_day(valkey_url: str) -> None:
    valkey: Redis = connect(valkey_url)
    try:
        one, two = Visitors(), Visitors()
        before = one.of(*ME)
        await one.share(valkey)
        await two.share(valkey)
        assert one.of(*ME) == two.of(*ME) != before
        today = one._shared
        assert today is not None
        ends = await valkey.expiretime(key(today))
        midnight = time.mktime(time.strptime(f"{today} UTC", "%Y-%m-%d %Z")) - time.timezone
        assert midnight + 24 * 3600 < ends <= midnight + 25 * 3600
    finally:
        await valkey.aclose()


async def test_without_valkey_a_process_has_a_salt_of_its_own() -> None:
    valkey: Redis = connect("redis://127.0.0.1:9/0")
    here = Visitors()
    with patch.object(visitors, "PATIENCE_SECONDS", 5.0):
        await here.share(valkey)
    assert here.of(*ME) == here.of(*ME)
    assert here._shared is None
    await valkey.aclose()
