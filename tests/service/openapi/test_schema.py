"""Every route is asked with values that its description allows and with others: nothing ends in a
fault, what is answered is as described, and what the description does not allow is refused.
"""

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from sanic import Sanic
from schemathesis.checks import positive_data_acceptance
from schemathesis.config import SchemathesisConfig

from config.settings import Settings
from service.app import create_app
from service.openapi.document import document

ADMIN_KEY = "of-this-test"

REFUSED = [400, 401, 403, 404, 405, 413, 414]
WRONG_TOGETHER = positive_data_acceptance
"""Values that are right one by one may not go together, which OpenAPI cannot say."""


@cache
def closed() -> dict[str, Any]:
    """The description as it is served, but with every object closed."""
    app = create_app(Settings(meili_url="http://127.0.0.1:9"))
    Sanic.unregister_app(app)
    app.router.finalize()
    told = document(app.router.routes)
    for path in told["paths"].values():
        for operation in path.values():
            close(operation["responses"])
    return told


def described(examples: int, *, boundaries: bool) -> Any:
    """It, to be asked with so many random examples a route, and maybe the ends of every value."""
    return schemathesis.openapi.from_dict(
        closed(),
        config=SchemathesisConfig.from_dict(
            {
                "generation": {"deterministic": True, "max-examples": examples},
                "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
                "phases": {"coverage": {"enabled": boundaries}},
            }
        ),
    )


def close(part: Any) -> None:
    """Let no object have a member that its schema does not name."""
    if isinstance(part, list):
        for one in part:
            close(one)
    elif isinstance(part, dict):
        for one in [*part.values()]:
            close(one)
        if isinstance(part.get("properties"), dict):
            part["unevaluatedProperties"] = False


@pytest.fixture(scope="module")
def whole(serve, filled: tuple[str, str], postgres_url: str) -> Iterator[httpx.Client]:
    """The API with everything behind it that a route may ask."""
    url, key = filled
    settings = Settings(
        meili_url=url,
        meili_master_key=key,
        database_url=postgres_url,
        admin_key=ADMIN_KEY,
        rate=0,
    )
    with serve(settings) as client:
        yield client


def ask(case: schemathesis.Case, api: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    case.call_and_validate(
        base_url=str(api.base_url), headers=headers, excluded_checks=[WRONG_TOGETHER]
    )


@described(5, boundaries=False).parametrize()
def test_every_route_answers_as_described(case: schemathesis.Case, whole: httpx.Client):
    ask(case, whole)


@pytest.mark.prove
@described(100, boundaries=True).exclude(method="HEAD").parametrize()  # which has GET's handlers
def test_every_route_answers_as_described_to_much_more(
    case: schemathesis.Case, whole: httpx.Client
):
    ask(case, whole)


LISTINGS = "/api/v1/listings"
FULL = [
    (LISTINGS, f"{LISTINGS}?zip=60601&q=sporty&highlight=title,features"),
    (LISTINGS, f"{LISTINGS}?q=toyota under 60k closest&bbox=-90,41,-86,44&zoom=8"),
    (LISTINGS, f"{LISTINGS}?fields=id,price,location&offset=5&limit=3"),
    (f"{LISTINGS}/{{key}}", f"{LISTINGS}/KEY00001"),
    (f"{LISTINGS}/{{key}}/similar", f"{LISTINGS}/KEY00001/similar"),
    (f"{LISTINGS}/facets/{{facet}}", f"{LISTINGS}/facets/make?facet_query=to"),
    (f"{LISTINGS}/filters", f"{LISTINGS}/filters"),
]
"""Path → an address that finds something; random values seldom do."""


def refuted(path: str, method: str, body: Any) -> list[str]:
    """What a body of a 200 has that its closed schema does not allow."""
    operation = closed()["paths"][path][method]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    faults = jsonschema_rs.validator_for(schema).iter_errors(body)
    return [f"{fault.instance_path}: {fault.message}" for fault in faults]


@pytest.mark.parametrize(("path", "address"), FULL)
def test_what_is_found_is_as_described(api: httpx.Client, path: str, address: str):
    answer = api.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]
    assert refuted(path, "get", answer.json()) == []


@pytest.fixture(scope="module")
def limited(serve, filled: tuple[str, str], valkey_server: str) -> Iterator[httpx.Client]:
    """The API with a limit that these tests do not reach."""
    url, key = filled
    settings = Settings(meili_url=url, meili_master_key=key, redis_url=valkey_server, rate=100)
    with serve(settings) as client:
        yield client


def check_headers(answer: httpx.Response, path: str) -> None:
    """Whether an answer has the headers that its description promises, and no others of those."""
    operation = closed()["paths"][path][answer.request.method.lower()]
    promised = operation["responses"][str(answer.status_code)]["headers"]
    for name, header in closed()["components"]["headers"].items():
        value = answer.headers.get(name)
        assert value is None or name in promised, f"{name} is not described"
        if name in promised and (value is not None or header["required"]):
            whole = header["schema"]["type"] == "integer"
            assert value is not None, f"{name} is missing"
            jsonschema_rs.validate(header["schema"], int(value) if whole else value)


HEADED = [
    *FULL,
    ("/api/v1/filters", "/api/v1/filters"),
    ("/api/v1/facets", "/api/v1/facets"),
    (LISTINGS, f"{LISTINGS}?maek=Kia"),
    (f"{LISTINGS}/{{key}}/similar", f"{LISTINGS}/NONE/similar"),
    (f"{LISTINGS}/{{key}}/history", f"{LISTINGS}/NONE/history"),
    ("/", "/"),
    ("/web/{name}", "/web/page.css"),
    ("/health", "/health"),
]
"""Path → an address; without Postgres there is no history (503)."""


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("path", "address"), HEADED)
def test_headers_are_as_described(limited: httpx.Client, path: str, address: str, method: str):
    answer = limited.request(method, address)
    check_headers(answer, path)
    if "etag" in answer.headers:
        named = {"If-None-Match": answer.headers["etag"]}
        again = limited.request(method, address, headers=named)
        assert again.status_code == 304
        check_headers(again, path)


@pytest.mark.parametrize("body", [{"queries": [{"indexUid": "cars"}]}, {"queries": 1}])
def test_headers_to_instantsearch_are_as_described(limited: httpx.Client, body: dict[str, Any]):
    check_headers(limited.post("/multi-search", json=body), "/multi-search")


def test_headers_of_who_asks_too_often_are_as_described(serve, filled: tuple[str, str]):
    url, key = filled
    with serve(Settings(meili_url=url, meili_master_key=key, rate=0.2)) as client:
        end = time.monotonic() + 60
        while (answer := client.get("/api/v1/suggest?q=to")).status_code != 429:
            assert time.monotonic() < end, "never refused"
        check_headers(answer, "/api/v1/suggest")


def test_nothing_found_is_as_described(api: httpx.Client):
    answer = api.get(f"{LISTINGS}?q=toyota zzzzzz&price_max=1").json()
    assert answer["data"] == []
    assert refuted(LISTINGS, "get", answer) == []


def test_hits_of_instantsearch_are_as_described(api: httpx.Client):
    query = {
        "indexUid": "cars",
        "q": "sporty",
        "sort": ["_geoPoint(41.9, -87.6):asc"],
        "facets": ["*"],
        "attributesToHighlight": ["*"],
        "showMatchesPosition": True,
        "showRankingScore": True,
    }
    answer = api.post("/multi-search", json={"queries": [query, {**query, "hitsPerPage": 3}]})
    assert [bool(one["hits"]) for one in answer.json()["results"]] == [True, True]
    assert refuted("/multi-search", "post", answer.json()) == []
