"""The admin API over a real database: jobs that are asked for, runs that are settled."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from catalog.database import connect
from config.settings import Settings
from indexer.requests import ALLOW_FEWER
from jobs import rows
from stack.sockets import free_port

KEY = {"Authorization": "Bearer s3cret"}
ADMIN = "/api/v1/admin"

FILL = """
    DELETE FROM runs; DELETE FROM jobs; DELETE FROM sources;
    INSERT INTO sources (name, vertical, start_url, parser, every, enabled) VALUES
        ('lot', 'cars', 'https://lot.example/', 'cars_com', 14400, true),
        ('old', 'cars', 'https://old.example/', 'cars_com', 60, false);
    INSERT INTO runs (source, state, error) VALUES
        ('lot', 'done', NULL), ('lot', 'suspicious', 'Of 20 only 5 were seen.');
"""


@pytest.fixture(scope="module")
def admin(serve, postgres_url: str, valkey_server: str) -> Iterator[httpx.Client]:
    settings = Settings(
        meili_url=f"http://127.0.0.1:{free_port()}",
        database_url=postgres_url,
        redis_url=valkey_server,
        admin_key="s3cret",
    )
    with serve(settings) as client:
        client.headers.update(KEY)
        yield client


@pytest.fixture
def ask_database(postgres_url: str) -> Callable[..., Any]:
    def perform(work: Callable[[asyncpg.Pool], Coroutine[Any, Any, Any]]) -> Any:
        async def go() -> Any:
            async with connect(postgres_url, max_size=1) as pool:
                return await work(pool)

        return asyncio.run(go())

    perform(lambda pool: pool.execute(FILL))
    return perform


@pytest.fixture
def held(ask_database) -> int:
    return int(
        ask_database(lambda pool: pool.fetchval("SELECT id FROM runs WHERE state = 'suspicious'"))
    )


def problem(response: httpx.Response, status: int, kind: str) -> dict:
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:showroom:problem:{kind}"
    return response.json()


ROUTES = [
    ("GET", "/jobs"),
    ("POST", "/jobs"),
    ("GET", "/jobs/1"),
    ("GET", "/runs"),
    ("GET", "/runs/1"),
    ("POST", "/runs/1/accept"),
    ("POST", "/runs/1/cancel"),
    ("GET", "/sources"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_is_behind_the_key(admin, method, path):
    for header in ("", "Bearer wrong", "Basic s3cret"):
        answer = admin.request(method, ADMIN + path, headers={"Authorization": header})
        problem(answer, 401, "no-key")
        assert answer.headers["www-authenticate"] == 'Bearer realm="showroom"'
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_the_setting_they_are_not_there(api, method, path):
    told = problem(api.request(method, ADMIN + path, headers=KEY), 404, "not-found")
    assert "SHOWROOM_ADMIN_KEY" in told["detail"]


def test_a_job_is_made_once(admin, ask_database):
    first = admin.post(f"{ADMIN}/jobs", json={"kind": "crawl", "key": "lot"})
    assert first.status_code == 201
    job = first.json()["data"]
    assert (job["kind"], job["key"], job["state"]) == ("crawl", "lot", "queued")
    assert job["priority"] == rows.ASKED
    again = admin.post(f"{ADMIN}/jobs", json={"kind": "crawl", "key": "lot"})
    assert (again.status_code, again.json()["data"]["id"]) == (200, job["id"])
    assert admin.get(first.headers["location"]).json() == first.json()


def test_a_request_that_is_sent_again_gets_its_job_also_when_that_has_ended(admin, ask_database):
    asked = {"json": {"kind": "crawl", "key": "lot"}, "headers": {"Idempotency-Key": "monday"}}
    first = admin.post(f"{ADMIN}/jobs", **asked)
    ask_database(lambda pool: pool.execute("UPDATE jobs SET state = 'done'"))
    again = admin.post(f"{ADMIN}/jobs", **asked)
    assert (again.status_code, again.json()["data"]["state"]) == (200, "done")
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    other = {**asked, "json": {"kind": "verify", "key": "cars"}}
    told = problem(admin.post(f"{ADMIN}/jobs", **other), 422, "key-reused")
    assert "another request" in told["detail"]


def test_a_key_may_not_be_used_again_to_allow_more(admin, ask_database):
    asked = {"kind": "reindex", "key": "cars"}
    once = {"Idempotency-Key": "tuesday"}
    assert admin.post(f"{ADMIN}/jobs", json=asked, headers=once).status_code == 201
    more = {**asked, "allow_fewer": True}
    problem(admin.post(f"{ADMIN}/jobs", json=more, headers=once), 422, "key-reused")
    problem(admin.post(f"{ADMIN}/jobs", json=more), 409, "conflict")
    same = {**asked, "allow_fewer": False}
    assert admin.post(f"{ADMIN}/jobs", json=same, headers=once).status_code == 200


def test_a_key_may_not_be_used_again_to_allow_less(admin, ask_database):
    less = {"kind": "reindex", "key": "cars"}
    once = {"Idempotency-Key": "wednesday"}
    asked = less | {"allow_fewer": True}
    assert admin.post(f"{ADMIN}/jobs", json=asked, headers=once).status_code == 201
    told = problem(admin.post(f"{ADMIN}/jobs", json=less, headers=once), 422, "key-reused")
    assert "reindex cars with" in told["detail"]
    assert admin.post(f"{ADMIN}/jobs", json=asked, headers=once).status_code == 200


def test_an_unknown_member_is_named_as_it_is(admin, ask_database):
    asked = {"kind": "crawl", "key": "lot", "prio": 1}
    told = problem(admin.post(f"{ADMIN}/jobs", json=asked), 400, "bad-value")
    assert (told["parameter"], told["detail"]) == ("prio", "There is no member 'prio' here.")


def test_a_reindex_may_be_allowed_to_lose_most(admin, ask_database):
    asked = {"kind": "reindex", "key": "cars"}
    plain = admin.post(f"{ADMIN}/jobs", json=asked | {"allow_fewer": False})
    assert (plain.status_code, plain.json()["data"]["args"]) == (201, {})
    told = problem(admin.post(f"{ADMIN}/jobs", json=asked | {"allow_fewer": True}), 409, "conflict")
    assert "A reindex of cars waits or runs already" in told["detail"]
    ask_database(lambda pool: pool.execute("DELETE FROM jobs"))
    allowed = admin.post(f"{ADMIN}/jobs", json=asked | {"allow_fewer": True})
    assert (allowed.status_code, allowed.json()["data"]["args"]) == (201, ALLOW_FEWER)
    again = admin.post(f"{ADMIN}/jobs", json=asked | {"allow_fewer": True})
    assert (again.status_code, again.json()["data"]["id"]) == (200, allowed.json()["data"]["id"])
    assert admin.post(f"{ADMIN}/jobs", json=asked).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"{", "bad-request", "no JSON"),
        (b"[]", "bad-request", "must be like"),
        (b"{}", "bad-value", "kind must be one of crawl, reparse"),
        (b'{"kind": "depart", "key": "1"}', "bad-value", "kind must be one of"),
        (b'{"kind": "crawl"}', "bad-value", "key must be a text"),
        (b'{"kind": "crawl", "key": "lot", "now": 1}', "bad-value", "no member 'now'"),
        (b'{"kind": "crawl", "key": "old"}', "bad-value", "switched on"),
        (b'{"kind": "crawl", "key": "\\u0000"}', "bad-value", "key must be a text"),
        (b'{"kind": "reindex", "key": "boats"}', "bad-value", "no vertical 'boats'"),
        (
            b'{"kind": "reindex", "key": "cars", "allow_fewer": 1}',
            "bad-value",
            "true or false",
        ),
        (
            b'{"kind": "repair", "key": "cars", "allow_fewer": false}',
            "bad-value",
            "allow_fewer is of a reindex alone",
        ),
        (b'{"kind": "reparse", "key": "one"}', "bad-value", "number of a run"),
        (b'{"kind": "reparse", "key": "99999999999"}', "bad-value", "no run 99999999999"),
    ],
)
def test_what_cannot_be_asked_is_told(admin, ask_database, body, kind, words):
    told = problem(admin.post(f"{ADMIN}/jobs", content=body), 400, kind)
    assert words in told["detail"]
    assert ask_database(lambda pool: pool.fetchval("SELECT count(*) FROM jobs")) == 0


def test_a_body_is_bounded(admin):
    problem(admin.post(f"{ADMIN}/jobs", content=b" " * 70_000), 413, "too-long")


def test_rows_are_told_in_pages(admin, ask_database):
    async def fill(pool):
        for number in range(5):
            await rows.enqueue(pool, "crawl", f"s{number}")
        await rows.refuse(pool, await rows.claim(pool, ["crawl"], "me"), "It was away.")

    ask_database(fill)
    keys, before = [], {}
    for _ in range(4):
        page = admin.get(f"{ADMIN}/jobs", params={"limit": 2, **before}).json()
        keys += [job["key"] for job in page["data"]]
        before = {"before": page["meta"]["next"]}
        if before["before"] is None:
            break
    assert keys == ["s4", "s3", "s2", "s1", "s0"]
    dead = admin.get(f"{ADMIN}/jobs", params={"state": "failed"}).json()["data"]
    assert [(job["key"], job["error"]) for job in dead] == [("s0", "It was away.")]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "state=dead", "before=x", "sate=done"])
def test_a_query_that_cannot_be_read_is_told(admin, query):
    assert admin.get(f"{ADMIN}/jobs?{query}").status_code == 400
    assert admin.get(f"{ADMIN}/runs?source=%00").status_code == 400


def test_sources_and_runs_are_told(admin, held):
    sources = admin.get(f"{ADMIN}/sources").json()["data"]
    assert [(s["name"], s["run_state"], s["suspicious_run"]) for s in sources] == [
        ("lot", "suspicious", held),
        ("old", None, None),
    ]
    assert [run["state"] for run in admin.get(f"{ADMIN}/runs").json()["data"]] == [
        "suspicious",
        "done",
    ]
    run = admin.get(f"{ADMIN}/runs/{held}").json()["data"]
    assert (run["source"], run["error"]) == ("lot", "Of 20 only 5 were seen.")
    filtered = admin.get(f"{ADMIN}/runs", params={"source": "lot", "state": "done"}).json()
    assert len(filtered["data"]) == 1


def test_a_suspicious_run_is_accepted_once(admin, held):
    job = admin.post(f"{ADMIN}/runs/{held}/accept").json()["data"]
    assert (job["kind"], job["key"]) == ("depart", str(held))
    assert admin.get(f"{ADMIN}/runs/{held}").json()["data"]["state"] == "done"
    told = problem(admin.post(f"{ADMIN}/runs/{held}/accept"), 409, "conflict")
    assert told["detail"] == f"Run {held} is done; only a suspicious one is accepted."


def test_a_suspicious_run_is_canceled(admin, held):
    assert admin.post(f"{ADMIN}/runs/{held}/cancel").json()["data"]["state"] == "canceled"
    problem(admin.post(f"{ADMIN}/runs/{held}/cancel"), 409, "conflict")


@pytest.mark.parametrize("number", ["0", "-1", "999999999", "9" * 30])
def test_what_is_not_there(admin, number):
    for method, path in (("GET", ""), ("POST", "/accept"), ("POST", "/cancel")):
        problem(admin.request(method, f"{ADMIN}/runs/{number}{path}"), 404, "not-found")


def test_a_database_that_is_away_is_told(serve):
    away = f"127.0.0.1:{free_port()}"
    settings = Settings(
        meili_url=f"http://{away}", database_url=f"postgresql://x@{away}/x", admin_key="s3cret"
    )
    with serve(settings) as client:
        problem(client.get(f"{ADMIN}/runs", headers=KEY), 503, "unavailable")
