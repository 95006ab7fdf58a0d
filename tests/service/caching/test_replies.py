"""Kept answers over HTTP: marked, compared by tag, with their own times."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest
import redis

from config.settings import Settings
from engine import version

LISTINGS = "/api/v1/listings"


@pytest.fixture(scope="module")
def kept(serve, filled, valkey_server) -> Iterator[httpx.Client]:
    """The API with a version of the index to keep answers under."""
    with redis.Redis.from_url(valkey_server) as valkey:
        valkey.set(version.key("cars"), 7)
    settings = Settings(meili_url=filled[0], meili_master_key=filled[1], redis_url=valkey_server)
    with serve(settings) as client:
        end = time.monotonic() + 30
        while "bypass" in client.get(LISTINGS).headers["cache-status"]:
            assert time.monotonic() < end, "no version was read"
        yield client


def test_the_second_answer_is_the_first_ones_bytes(kept: httpx.Client):
    first, second = (kept.get(f"{LISTINGS}?make=Ford&price_max=20000") for _ in range(2))
    assert first.headers["cache-status"] == "showroom; fwd=miss; stored"
    assert second.headers["cache-status"] == "showroom; hit"
    told = [answer.json() for answer in (first, second)]
    took = [answer["meta"].pop("took_ms") for answer in told]
    assert len({answer["meta"].pop("query_id") for answer in told}) == 2
    assert told[0] == told[1]
    assert 0 <= took[1] < took[0]
    assert second.headers["content-type"] == "application/json"


def test_a_search_is_the_same_however_its_url_is_written(kept: httpx.Client):
    kept.get(f"{LISTINGS}?make=Honda&price_max=20000")
    again = kept.get(f"{LISTINGS}?price_max=20000&make=%48onda&page=1")
    assert again.headers["cache-status"] == "showroom; hit"


@pytest.mark.parametrize("differs", ["page=2", "per_page=3", "facets=make", "zip=60601", "q=clean"])
def test_another_search_is_another_answer(kept: httpx.Client, differs: str):
    plain = kept.get(LISTINGS)
    assert kept.get(f"{LISTINGS}?{differs}").headers["etag"] != plain.headers["etag"]


def test_an_answer_that_the_client_has_is_not_sent_again(kept: httpx.Client):
    first = kept.get(LISTINGS)
    assert first.headers["cache-control"] == "public, max-age=0, stale-if-error=60"
    for named in (first.headers["etag"], f'"other", {first.headers["etag"]}', "*"):
        again = kept.get(LISTINGS, headers={"If-None-Match": named})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    other = kept.get(LISTINGS, headers={"If-None-Match": '"other"'})
    assert (other.status_code, json.loads(other.content)["data"]) == (200, first.json()["data"])


def test_an_error_is_not_kept(kept: httpx.Client):
    for _ in range(2):
        answer = kept.get(f"{LISTINGS}?maek=Ford")
        assert (answer.status_code, "etag" in answer.headers) == (400, False)
