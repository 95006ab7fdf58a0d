"""The limits over HTTP: what a client is told, and what goes on all the same."""

import time

import pytest

from config.settings import Settings, SettingsError, load
from engine import gate
from service import app

LISTINGS = "/api/v1/listings"


def test_a_client_that_asks_too_often_is_told_when_to_come_back(serve, filled, valkey_url):
    settings = Settings(
        meili_url=filled[0], meili_master_key=filled[1], redis_url=valkey_url, rate=0.1
    )
    with serve(settings) as client:
        answer = first = client.get(f"{LISTINGS}?facets=none")
        assert (first.status_code, first.headers["ratelimit-policy"]) == (200, '"client";q=1;w=5')
        assert first.headers["ratelimit"] == '"client";r=0'
        end = time.monotonic() + 30
        while answer.status_code == 200:
            assert time.monotonic() < end, "never refused"
            answer = client.get(f"{LISTINGS}?facets=none")
        told = answer.json()
        assert (answer.status_code, told["type"]) == (429, "urn:showroom:problem:too-many")
        assert answer.headers["content-type"] == "application/problem+json"
        assert 1 <= int(answer.headers["retry-after"]) <= 10
        assert answer.headers["ratelimit"].startswith('"client";r=0;t=')
        assert "RateLimit" in answer.headers["access-control-expose-headers"]
        assert client.get("/health").status_code == 200
        assert client.get("/ready").status_code == 200


def test_events_count_one_by_one(serve, filled):
    settings = Settings(meili_url=filled[0], meili_master_key=filled[1], rate=20)
    event = {"kind": "view", "key": "KEY00001", "position": 1}
    body = {"query_id": "018f3b2e-7c1a-7b1e-8000-000000000000", "events": [event] * 100}
    with serve(settings) as client:
        assert client.post("/api/v1/events", json=body).status_code == 202
        refused = client.post("/api/v1/events", json=body)
    assert (refused.status_code, refused.json()["status"]) == (429, 429)


def test_without_valkey_a_worker_counts_for_itself(serve, filled):
    settings = Settings(meili_url=filled[0], meili_master_key=filled[1], rate=0.1)
    with serve(settings) as client:
        end = time.monotonic() + 30
        while client.get(f"{LISTINGS}?facets=none").status_code == 200:
            assert time.monotonic() < end, "never refused"


def test_searches_beyond_what_may_wait_are_told_to_come_back(serve, filled, monkeypatch):
    monkeypatch.setattr(app, "Gate", lambda *_: gate.Gate(0, 0))
    with serve(Settings(meili_url=filled[0], meili_master_key=filled[1])) as client:
        answer = client.get(LISTINGS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["type"] == "urn:showroom:problem:busy"


@pytest.mark.parametrize("proxies", ["10.0.0.0/33", "here", "10.0.0.1,,"])
def test_proxies_that_are_no_networks_are_refused(proxies: str, monkeypatch):
    monkeypatch.setenv("SHOWROOM_TRUSTED_PROXIES", proxies)
    with pytest.raises(SettingsError, match="SHOWROOM_TRUSTED_PROXIES"):
        load()
