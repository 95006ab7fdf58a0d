"""Whatever is sent to whichever route, the answer is in Meilisearch's form, and never a fault."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meililite.features import FEATURES
from meililite.front import server as front
from meililite.shapes import parameters
from meililite.shapes.search import SEARCH_FIELDS
from meililite.shapes.settings import SETTINGS
from tests.meililite.meililite_server import Server


class _Routes(list[tuple[str, str]]):
    """Takes the routes that the server registers: methods and paths."""

    def add(self, method: str, path: str, action: str | None, handler: Any) -> None:
        del action, handler
        self.append((method, path))


_ROUTES = _Routes()
for _part in front._PARTS:
    _part(SimpleNamespace(keys=None)).register(_ROUTES)  # type: ignore[arg-type]

# Surrogates stand for what no UTF-8 text can hold; JSON may escape them.
_text = st.one_of(
    st.sampled_from(
        ["", "*", "things", "id", "t", "_geo", "id = 1", "t CONTAINS x", "t:asc", "true"]
    ),
    st.sampled_from(
        ["1", "-1", "99999999999999999999", "1.5", "2026-01-01", "\x00", "\ud800", "a/b"]
    ),
    st.text(max_size=12),
    st.sampled_from(["(" * 200 + "id = 1" + ")" * 200, "word " * 2000, "w" * 20_000]),
)
_number = st.one_of(
    st.integers(-3, 30), st.sampled_from([2**31, 2**63, 2**64, -(2**63)]), st.floats(width=32)
)
_leaf = st.one_of(st.none(), st.booleans(), _number, _text)
_names = st.one_of(
    st.sampled_from([*SEARCH_FIELDS, *SETTINGS, *FEATURES]),
    st.sampled_from([
        "uid", "primaryKey", "indexes", "rename", "filter", "ids", "fields", "function", "context",
        "facetName", "facetQuery", "queries", "federation", "indexUid", "federationOptions",
        "weight", "facetsByIndex", "mergeFacets", "maxValuesPerFacet", "actions", "expiresAt",
        "name", "minWordSizeForTypos", "oneTypo", "twoTypos", "attributePatterns", "features",
        "enabled", "sortFacetValuesBy", "maxTotalHits", "embedder", "semanticRatio", "locales",
    ]),
    _text,
)  # fmt: skip
_json: st.SearchStrategy[Any] = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_names, inner, max_size=5)
    ),
    max_leaves=12,
)
_query = st.fixed_dictionaries(
    {"indexUid": st.just("things")},
    optional={name: _leaf | st.lists(_leaf, max_size=3) for name in SEARCH_FIELDS},
)
_body = st.one_of(
    _json.map(lambda value: json.dumps(value).encode()),
    st.lists(_query, max_size=3).map(lambda queries: json.dumps({"queries": queries}).encode()),
    _query.map(lambda query: json.dumps(query | {"indexUid": None}).encode()),
    st.binary(max_size=30),
    st.sampled_from([b"[" * 300, b"{" * 130, b'{"a":' * 200 + b"1" + b"}" * 200, b'"\\ud800"']),
)
_parameters = st.lists(
    st.tuples(
        st.sampled_from(
            [*parameters.SEARCH, *parameters.TASKS, *parameters.DOCUMENTS, *parameters.ADDITION]
        )
        | _text,
        _text,
    ),
    max_size=3,
)
_types = st.sampled_from(
    ["application/json"] * 6 + ["text/csv", "application/x-ndjson", "text/plain", "é", ""]
)


@pytest.fixture(scope="module")
def things(shared_server: Server) -> Iterator[Server]:
    shared_server.task(
        "PATCH",
        "/indexes/things/settings",
        {"filterableAttributes": ["id", "t", "_geo"], "sortableAttributes": ["id", "t", "_geo"]},
    )
    documents = [{"id": n, "t": "x", "_geo": {"lat": n, "lng": n}} for n in range(3)]
    shared_server.task("POST", "/indexes/things/documents", documents)
    yield shared_server
    _, failed = shared_server.call("GET", "/tasks?statuses=failed&limit=100000")
    faults = [task for task in failed["results"] if task["error"]["code"] == "internal"]
    assert faults == []
    shared_server.call("PATCH", "/experimental-features", dict.fromkeys(FEATURES, False))
    _, page = shared_server.call("GET", "/keys?limit=1000")
    for key in page["results"][:-4]:  # but for those that are there from the start
        shared_server.call("DELETE", f"/keys/{key['uid']}")


@st.composite
def _target(draw: st.DrawFn) -> tuple[str, str]:
    method, path = draw(st.sampled_from(_ROUTES))
    while (start := path.find("{")) >= 0:
        name = draw(st.sampled_from(["things", "1", "0"]) | _text.filter(bool))
        path = path[:start] + _quoted(name) + path[path.index("}") + 1 :]
    given = draw(_parameters)
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in given)
    return method, f"{path}?{query}"[:7000]


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@settings(
    deadline=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(target=_target(), body=_body, kind=_types)
def test_every_answer_is_a_result_or_an_error_of_four_members(
    things: Server, target: tuple[str, str], body: bytes, kind: str
):
    connection = http.client.HTTPConnection("127.0.0.1", things.port, timeout=30)
    headers = {"Authorization": f"Bearer {things.key}", "Content-Type": kind}
    sent = None if target[0] == "GET" else body
    connection.request(*target, sent, headers)
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    assert answer.status < 500, raw
    found = json.loads(raw) if raw else None
    if answer.status >= 400 and found is not None:
        assert sorted(found) == ["code", "link", "message", "type"]
        assert found["link"].endswith(f"#{found['code']}")
        assert "internal" not in found["code"]
