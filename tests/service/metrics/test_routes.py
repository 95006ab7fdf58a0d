"""`/metrics` over HTTP: who may read it, and what it says of what happened before."""

import time

import pytest
import redis
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from config.settings import Settings
from engine import gate
from engine.version import key as version_key
from service import app
from service.caching.cache import HIT
from service.metrics.declared import METRICS
from tests.service.metrics.conftest import KEY, samples, scrape

LISTINGS = "/api/v1/listings"
REQUESTS = "showroom_http_requests_total"
AWAY = "http://127.0.0.1:9"


@pytest.fixture
def observed(serve, filled):
    """The API with a key, over a search server and nothing else."""
    url, key = filled
    with serve(Settings(meili_url=url, meili_master_key=key, admin_key="s3cret")) as client:
        yield client


def test_it_is_behind_the_admin_key(observed, api):
    for header in ("", "Bearer wrong", "Basic s3cret"):
        answer = observed.get("/metrics", headers={"Authorization": header})
        assert answer.status_code == 401, answer.text
        assert answer.headers["www-authenticate"] == 'Bearer realm="showroom"'
        assert "access-control-allow-origin" not in answer.headers
    off = api.get("/metrics", headers=KEY)
    assert (off.status_code, "SHOWROOM_ADMIN_KEY" in off.json()["detail"]) == (404, True)


def test_requests_are_counted_by_route_and_status_never_by_path(observed):
    for path, status in (
        (LISTINGS, 200),
        (f"{LISTINGS}?facets=none", 200),
        (f"{LISTINGS}?prise=1", 400),
        (f"{LISTINGS}/KEY00001", 200),
        (f"{LISTINGS}/SECRET", 404),
        ("/no/such/SECRET", 404),
    ):
        assert observed.get(path).status_code == status
    assert observed.request("BREW", LISTINGS).status_code == 405
    assert observed.head(LISTINGS).status_code == 200
    assert observed.options(LISTINGS).status_code == 204
    text = observed.get("/metrics", headers=KEY).text
    assert "SECRET" not in text
    told = samples(text)
    assert {name: value for name, value in told.items() if name.startswith(REQUESTS)} == {
        f'{REQUESTS}{{method="{method}",route="{route}",status="{status}"}}': count
        for method, route, status, count in (
            ("GET", LISTINGS, 200, 2),
            ("GET", LISTINGS, 400, 1),
            ("HEAD", LISTINGS, 200, 1),
            ("GET", f"{LISTINGS}/{{key}}", 200, 1),
            ("GET", f"{LISTINGS}/{{key}}", 404, 1),
            ("GET", "unmatched", 404, 1),
            ("OPTIONS", "unmatched", 204, 1),
            ("other", "unmatched", 405, 1),
        )
    }
    took = "showroom_http_request_duration_seconds"
    assert told[f'{took}_count{{route="{LISTINGS}"}}'] == 4
    assert told[f'{took}_bucket{{le="+Inf",route="{LISTINGS}"}}'] == 4
    assert 0 < told[f'{took}_sum{{route="{LISTINGS}"}}'] < 60


def test_calls_to_the_search_server_are_those_that_the_client_measured(observed):
    assert observed.get(LISTINGS).status_code == 200
    told = scrape(observed)
    assert told['showroom_search_server_call_duration_seconds_count{call="POST /multi-search"}'] > 0
    assert told['showroom_search_server_call_errors_total{call="POST /multi-search"}'] == 0


def test_calls_that_fail_are_errors(serve):
    with serve(Settings(meili_url=AWAY, admin_key="s3cret")) as client:
        assert client.get(LISTINGS).status_code == 503
        told = scrape(client)
    assert told['showroom_search_server_call_errors_total{call="POST /multi-search"}'] > 0
    name = f'{REQUESTS}{{method="GET",route="{LISTINGS}",status="503"}}'
    assert told[name] == 1


def test_answers_are_counted_by_where_they_came_from(serve, filled, valkey_url):
    url, key = filled
    with redis.Redis.from_url(valkey_url) as client:
        client.set(version_key("cars"), 1)
    settings = Settings(
        meili_url=url, meili_master_key=key, redis_url=valkey_url, admin_key="s3cret"
    )
    with serve(settings) as client:
        end = time.monotonic() + 60
        while client.get(f"{LISTINGS}?facets=none").headers["cache-status"] != HIT:
            assert time.monotonic() < end
            time.sleep(0.02)
        told = scrape(client)
        asked = told[f'{REQUESTS}{{method="GET",route="{LISTINGS}",status="200"}}']
    outcomes = {
        name: told[f'showroom_cache_answers_total{{outcome="{name}"}}']
        for name in ("hit", "shared", "miss", "collapsed", "stale", "bypass")
    }
    assert (outcomes["hit"], sum(outcomes.values())) == (1, asked)


def test_refusals_of_the_limiter_are_counted_and_the_scraper_is_not_limited(serve, filled):
    url, key = filled
    settings = Settings(meili_url=url, meili_master_key=key, admin_key="s3cret", rate=0.01)
    with serve(settings) as client:
        end, refused, again = time.monotonic() + 60, 0, 0
        while again < 2:  # first since it could not pay yet, then until it can
            assert time.monotonic() < end
            answer = client.get("/docs")
            refused += answer.status_code == 429
            again = int(answer.headers.get("retry-after", 0))
        assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 429
        told = [scrape(client) for _ in range(5)][-1]
    assert told["showroom_rate_limited_total"] == refused + 1
    assert told[f'{REQUESTS}{{method="GET",route="/docs",status="429"}}'] == refused


def test_searches_that_found_no_place_in_the_queue_are_counted(serve, filled, monkeypatch):
    monkeypatch.setattr(app, "Gate", lambda *_: gate.Gate(0, 0))
    url, key = filled
    with serve(Settings(meili_url=url, meili_master_key=key, admin_key="s3cret")) as client:
        before = scrape(client)["showroom_search_queue_refused_total"]  # the suggesters'
        assert client.get(LISTINGS).status_code == 503
        told = scrape(client)
    assert told["showroom_search_queue_refused_total"] > before
    assert told["showroom_search_queue_waiting"] == 0


def test_openmetrics_is_given_to_who_asks_for_it(observed):
    assert observed.get("/metrics", headers=KEY).headers["content-type"].startswith("text/plain")
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    answer = observed.get("/metrics", headers={**KEY, "Accept": accept})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.headers["vary"] == "Accept"
    families = {family.name: family.type for family in openmetrics(answer.text)}
    assert families == {
        metric.name.removesuffix("_total"): metric.kind for metric in METRICS.values()
    }


def test_a_parameter_is_refused(observed):
    assert observed.get("/metrics?name=x", headers=KEY).status_code == 400
