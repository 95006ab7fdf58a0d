"""What sites said in robots.txt, kept for all workers."""

import pytest
from redis.asyncio import Redis

from scrapers.fetching import kept_robots
from scrapers.fetching.fetcher import Fetcher
from tests.scrapers.lot import Lot

HOME = "http://site.example"


@pytest.mark.parametrize("read", [(200, b"User-agent: *\n\xff\x00"), (404, b""), (None, b"")])
async def test_an_answer_is_kept_as_it_was(valkey_url, read):
    async with Redis.from_url(valkey_url) as valkey:
        assert await kept_robots.find(valkey, HOME) is None
        await kept_robots.keep(valkey, HOME, *read)
        assert await kept_robots.find(valkey, HOME) == read


@pytest.mark.parametrize(("status", "most"), [(200, 300), (404, 300), (503, 60), (None, 60)])
async def test_for_a_time_only(valkey_url, status, most):
    async with Redis.from_url(valkey_url) as valkey:
        await kept_robots.keep(valkey, HOME, status, b"")
        assert most - 30 < await valkey.ttl(f"showroom:robots:{HOME}") <= most


async def test_without_valkey_nothing_is_known(tmp_path):
    async with Redis.from_url(f"unix://{tmp_path}/nobody.sock") as nobody:
        await kept_robots.keep(nobody, HOME, 200, b"")
        assert await kept_robots.find(nobody, HOME) is None
    assert await kept_robots.find(None, HOME) is None


async def test_one_worker_reads_it_for_all(valkey_url, lot: Lot):
    lot.robots = "User-agent: *\nDisallow: /private\n"
    for _ in range(2):
        async with Fetcher("tester", redis_url=valkey_url, private=True) as fetcher:
            await fetcher.get(lot.start_url)
    assert lot.asked.count("/robots.txt") == 1


async def test_after_its_age_it_is_read_again_also_in_the_middle_of_a_crawl(lot, monkeypatch):
    monkeypatch.setattr(kept_robots, "AGE", -1.0)
    async with Fetcher("tester", private=True) as fetcher:
        for _ in range(3):
            await fetcher.get(lot.start_url)
    assert lot.asked.count("/robots.txt") == 3
