"""Kept answers over HTTP: marked, compared by tag, with their own times."""

import json
import time
from collections.abc import Iterator

import httpx
import orjson
import pytest
import redis

from config.settings import Settings
from engine import version
from service.caching import cache, versions
from service.caching.cache import HIT, MISSED, NOT_KEPT, SHARED, Found
from service.caching.memory import Kept
from service.caching.replies import OPENING, rest
from service.routes.counting import together

LISTINGS = "/api/v1/listings"


@pytest.fixture(scope="module")
def kept(serve, filled, valkey_server) -> Iterator[httpx.Client]:
    """The API with a version of the index to keep answers under.

    However busy the machine is, it waits for Valkey and for the search server: what is answered
    while these are slow is shown elsewhere.
    """
    with redis.Redis.from_url(valkey_server) as valkey:
        valkey.set(version.key("cars"), 7)
    settings = Settings(meili_url=filled[0], meili_master_key=filled[1], redis_url=valkey_server)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "PATIENCE_SECONDS", 60.0)
        patch.setattr(cache, "SLOW_SECONDS", 60.0)
        with serve(settings) as client:
            end = time.monotonic() + 30
            while client.get(LISTINGS).headers["cache-status"] == NOT_KEPT:
                assert time.monotonic() < end, "no version was read"
            yield client


def test_the_second_answer_is_the_first_ones_bytes(kept: httpx.Client):
    first, second = (kept.get(f"{LISTINGS}?make=Ford&price_max=20000") for _ in range(2))
    assert [answer.headers["cache-status"] for answer in (first, second)] == [MISSED, HIT]
    told = [answer.json() for answer in (first, second)]
    took = [answer["meta"].pop("took_ms") for answer in told]
    assert len({answer["meta"].pop("query_id") for answer in told}) == 2
    assert told[0] == told[1]
    assert min(took) >= 0
    assert second.headers["content-type"] == "application/json"


def test_a_search_is_the_same_however_its_url_is_written(kept: httpx.Client):
    kept.get(f"{LISTINGS}?make=Honda&price_max=20000")
    again = kept.get(f"{LISTINGS}?price_max=20000&make=%48onda&page=1")
    assert again.headers["cache-status"] == HIT


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


@pytest.fixture(scope="module")
def key(kept: httpx.Client) -> str:
    return kept.get(f"{LISTINGS}?per_page=1").json()["data"][0]["id"]


def test_similar_ones_are_kept(kept: httpx.Client, key: str):
    first, second = (kept.get(f"{LISTINGS}/{key}/similar?limit=3") for _ in range(2))
    assert [answer.headers["cache-status"] for answer in (first, second)] == [MISSED, HIT]
    assert second.json()["data"] == first.json()["data"]
    assert second.json()["meta"].keys() == {"key", "took_ms"}
    named = {"If-None-Match": first.headers["etag"]}
    assert kept.get(f"{LISTINGS}/{key}/similar?limit=3", headers=named).status_code == 304
    more = kept.get(f"{LISTINGS}/{key}/similar?limit=4")
    assert more.headers["cache-status"] == MISSED
    assert len(more.json()["data"]) == 4


def test_that_there_is_nothing_to_be_like_is_not_kept(kept: httpx.Client):
    for _ in range(2):
        assert kept.get(f"{LISTINGS}/NONE/similar").status_code == 404


def passed_on(kept: httpx.Client, path: str, body: str) -> tuple[str, dict]:
    answer = kept.post(path, content=body)
    assert answer.status_code == 200, answer.text
    return answer.headers["cache-status"], answer.json()


def test_requests_of_instantsearch_that_mean_the_same_are_asked_once(kept: httpx.Client):
    first = passed_on(
        kept, "/multi-search", '{"queries": [{"indexUid": "cars", "q": "sporty", "limit": 2}]}'
    )
    again = passed_on(
        kept,
        "/multi-search",
        '{"queries":[{"limit":2,"q":"sporty","indexUid":"cars","facets":null}]}',
    )
    assert (first[0], again[0]) == (MISSED, HIT)
    assert first[1] == again[1]
    assert first[1]["results"][0]["hits"]


DIFFERENT = [
    ("/multi-search", '{"queries": [{"indexUid": "cars", "q": "clean"%s}]}', more)
    for more in (
        "",
        ', "limit": 3',
        ', "offset": 1',
        ', "filter": "make = Ford"',
        ', "filter": "make = Fordx"',
        ', "sort": ["price:asc"]',
        ', "facets": ["make"]',
        ', "matchingStrategy": "all"',
        ', "attributesToRetrieve": ["id"]',
        ', "attributesToHighlight": ["title"]',
        ', "attributesToHighlight": ["title"], "highlightPreTag": "<b>"',
        '}, {"indexUid": "cars"',
    )
] + [
    ("/indexes/cars/facet-search", '{"facetName": "make"%s}', more)
    for more in ("", ', "facetQuery": "t"', ', "filter": "year > 2010"', ', "q": "clean"')
]


@pytest.mark.parametrize(("path", "body", "more"), DIFFERENT)
def test_requests_of_instantsearch_that_differ_are_asked_apart(
    kept: httpx.Client, path: str, body: str, more: str
):
    status, answer = passed_on(kept, path, body % more)
    assert status == MISSED
    assert passed_on(kept, path, body % more) == (HIT, answer)


def test_filters_of_all_collections_are_kept_and_have_a_tag(kept: httpx.Client):
    kept.get("/api/v1/filters")
    one, other = (kept.get("/api/v1/filters") for _ in range(2))
    assert one.headers["cache-status"] == HIT
    assert one.headers["etag"] == other.headers["etag"]
    again = kept.get("/api/v1/filters", headers={"If-None-Match": one.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([HIT, HIT], HIT),
        ([HIT, SHARED], SHARED),
        ([SHARED, MISSED], MISSED),
        ([MISSED, HIT], MISSED),
    ],
)
def test_filters_of_all_collections_change_with_each(statuses: list[str], told: str):
    def part(collection: str, total: int, status: str) -> Found:
        body = rest({"meta": {"collection": collection}, "data": {"total": total}})
        return Found(Kept(body, "", 1, 5.0), status)

    first = together([part("cars", 1, statuses[0]), part("boats", 1, statuses[1])])
    then = together([part("cars", 1, HIT), part("boats", 2, HIT)])
    assert first.status == told
    assert first.kept.etag != then.kept.etag
    assert orjson.loads(OPENING + then.kept.body) == {
        "meta": {"collections": ["cars", "boats"]},
        "data": {"cars": {"total": 1}, "boats": {"total": 2}},
    }


def test_what_is_asked_of_no_index_is_not_kept(kept: httpx.Client):
    for _ in range(2):
        answer = kept.post("/multi-search", json={"queries": []})
        assert (answer.status_code, answer.json()) == (200, {"results": []})
        assert answer.headers["cache-status"] == NOT_KEPT


def test_a_refusal_is_not_kept(kept: httpx.Client):
    body = {"queries": [{"indexUid": "cars", "filter": "make >"}]}
    for _ in range(2):
        answer = kept.post("/multi-search", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_search_filter")


def test_answers_of_all_kinds_are_gone_with_their_version(
    kept: httpx.Client, key: str, valkey_server: str
):
    body = {"queries": [{"indexUid": "cars", "q": "family"}]}
    ways = [
        lambda: kept.get(f"{LISTINGS}/{key}/similar").headers["cache-status"],
        lambda: kept.post("/multi-search", json=body).headers["cache-status"],
    ]
    assert [(way(), way())[1] for way in ways] == [HIT] * 2
    with redis.Redis.from_url(valkey_server) as valkey:
        valkey.incr(version.key("cars"))
    for way in ways:
        end = time.monotonic() + 30
        while (status := way()) == HIT:
            assert time.monotonic() < end, "an old answer stays"
        assert status == MISSED
